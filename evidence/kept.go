package evidence

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/reprompt/reprompt/verdict"
)

// KeptProof is a proof of a role in a bundle that is finished and whole.
type KeptProof struct {
	Role     string // display name
	Proved   Proved
	Verdict  verdict.Verdict
	At       time.Time     // when it ended, by the tenant's clock
	Took     time.Duration // by the tenant's clock
	Finished time.Time     // of the run, by the machine's clock
	TenantID string
	Target   Target
	Restored *bool
	Dir      string // of the bundle
}

// Kept returns the proofs of the newest bundle directly below dir that came to its end, so that what was
// proved is not proved again: closed, not broken off, with a verdict for each role, and verified. None is
// no error, and neither is a folder that is not there. It does not show who signed the bundle.
func Kept(dir string) ([]KeptProof, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for a finished bundle: %w", err)
	}
	for _, entry := range slices.Backward(entries) { // names begin with the time
		if !entry.IsDir() {
			continue
		}
		if proofs := keptIn(filepath.Join(dir, entry.Name())); len(proofs) > 0 {
			return proofs, nil
		}
	}
	return nil, nil
}

// keptIn returns the proofs of one bundle; none where it is not finished and whole.
func keptIn(dir string) []KeptProof {
	r, err := readRun(dir)
	if err != nil || r.Kind != KindProve || r.State != stateFinished || r.Failure != "" || r.Finished == nil {
		return nil
	}
	v, err := Verify(dir, VerifyOptions{})
	if err != nil || v.Outcome != Verified {
		return nil
	}
	f, err := openFolder(dir)
	if err != nil {
		return nil
	}
	defer f.Close()
	var proofs []KeptProof
	for _, s := range r.Scenarios {
		decided, err := f.scenarioVerdict(s)
		if err != nil || decided == nil || s.Proved == nil {
			return nil
		}
		seen, err := f.scenarioObservation(s)
		if err != nil {
			return nil
		}
		proofs = append(proofs, KeptProof{
			Role: seen.Role.Name, Proved: *s.Proved, Verdict: *decided, At: seen.Finished, Took: seen.Finished.Sub(seen.Started),
			Finished: *r.Finished, TenantID: r.TenantID, Target: r.Target, Restored: r.Restored, Dir: dir,
		})
	}
	return proofs
}
