package evidence

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/reprompt/reprompt/verdict"
)

// NewBundle says how a bundle that contains others is made.
type NewBundle struct {
	ID      string // of lower-case letters, digits and hyphens; names the folder
	Command string
	Build   Build
	// Signer and Authority are those of RunInfo.
	Signer    *Signer
	Authority *TimestampAuthority
	// At is by the machine's clock; names the folder.
	At time.Time
}

// UnfitError says why bundles cannot be joined, or a log attached, and how to mend it.
type UnfitError struct{ Text string }

// Error implements error.
func (e *UnfitError) Error() string { return e.Text }

func unfit(format string, args ...any) error { return &UnfitError{fmt.Sprintf(format, args...)} }

// Merge writes a new bundle below into that contains the bundles in dirs whole, and returns its
// folder: the shards of one run, or attempts at it. Every try of a scenario is kept; one that passed
// only when it was tried again counts as flaky. A bundle that does not verify is not taken: the error
// is an *UnfitError. The bundles themselves are not touched.
func Merge(into string, dirs []string, n NewBundle) (string, error) {
	if len(dirs) < 2 {
		return "", unfit("merge joins bundles: name two or more")
	}
	seen := map[string]string{}
	runs := map[string]runRecord{}
	for _, dir := range dirs {
		r, err := wholeRun(dir)
		if err != nil {
			return "", err
		}
		first := runs[dirs[0]]
		switch {
		case seen[r.ID+r.Signer.KeyID] != "":
			return "", unfit("%s and %s are the same bundle: name each once", seen[r.ID+r.Signer.KeyID], dir)
		case len(runs) > 0 && r.TenantID != first.TenantID:
			return "", unfit("%s is of another tenant than %s: only shards and attempts of one run are joined; compare others with reprompt evidence diff", dir, dirs[0])
		case len(runs) > 0 && r.Rules != first.Rules:
			return "", unfit("%s was judged by other rules than %s: run it anew with one version of reprompt", dir, dirs[0])
		}
		seen[r.ID+r.Signer.KeyID], runs[dir] = dir, r
	}
	dirs = slices.Clone(dirs) // the caller's stay in their order
	slices.SortStableFunc(dirs, func(a, b string) int { return runs[a].Started.Compare(runs[b].Started) })
	return enclose(into, KindMerge, dirs, runs, n, nil)
}

// wholeRun is the record of a bundle that verifies, whoever signed it.
func wholeRun(dir string) (runRecord, error) {
	v, err := Verify(dir, VerifyOptions{})
	if err != nil {
		return runRecord{}, err
	}
	if len(v.Problems) > 0 {
		return runRecord{}, unfit("%s does not verify, and is not taken: %s", dir, v.Problems[0])
	}
	return readRun(dir)
}

// enclose makes a bundle that contains others. change, when not nil, adds what is new before the
// record is written.
func enclose(into string, kind Kind, dirs []string, runs map[string]runRecord, n NewBundle, change func(store, *runRecord) error) (made string, err error) {
	s, signer, err := n.open(into)
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(s.root)) // half a bundle is none
		}
	}()
	var parts []part
	for i, dir := range dirs {
		p := part{fmt.Sprintf("parts/%02d-%s", i+1, slug(runs[dir].ID)), runs[dir]}
		if err := copyBundle(dir, filepath.Join(s.root, filepath.FromSlash(p.dir))); err != nil {
			return "", fmt.Errorf("copy %s: %w", dir, err)
		}
		parts = append(parts, p)
	}
	r := joined(kind, parts)
	r.ID, r.Command, r.Build = n.ID, n.Command, n.Build
	r.Signer = signerRecord{KeyID: signer.Public().ID(), Ephemeral: signer.ephemeral}
	if n.Authority != nil {
		r.TimestampAuthority = n.Authority.URL
	}
	for _, p := range parts {
		manifest, err := fileOf(filepath.Join(s.root, filepath.FromSlash(p.dir), manifestName), manifestName)
		if err != nil {
			return "", err
		}
		r.Parts = append(r.Parts, partRecord{Dir: p.dir, ID: p.run.ID, Manifest: manifest.SHA256, KeyID: p.run.Signer.KeyID})
	}
	if change != nil {
		if err := change(s, &r); err != nil {
			return "", err
		}
	}
	if err := s.writeJSON(runName, r, false); err != nil {
		return "", err
	}
	return s.root, errors.Join(contentsOf(r, s).writeDerived(), s.seal(r, signer, n.Authority))
}

// open makes the folder.
func (n NewBundle) open(into string) (store, *Signer, error) {
	if n.ID == "" || slug(n.ID) != n.ID {
		return store{}, nil, fmt.Errorf("make a bundle: id %q is not made of lower-case letters, digits and hyphens", n.ID)
	}
	signer := n.Signer
	if signer == nil {
		var err error
		if signer, err = newEphemeralSigner(); err != nil {
			return store{}, nil, err
		}
	}
	root := filepath.Join(into, n.At.UTC().Format("20060102T150405Z")+"-"+n.ID)
	if err := os.MkdirAll(into, 0o700); err != nil {
		return store{}, nil, fmt.Errorf("make a bundle: %w", err)
	}
	if err := os.Mkdir(root, 0o700); err != nil {
		return store{}, nil, fmt.Errorf("make a bundle: %w", err)
	}
	return store{root: root, guard: newGuard()}, signer, nil
}

// copyBundle copies a bundle byte for byte. It reads as carefully as a verification does.
func copyBundle(from, to string) error {
	f, err := openFolder(from)
	if err != nil {
		return err
	}
	defer f.Close()
	entries, err := f.list()
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := f.copy(e.path, filepath.Join(to, filepath.FromSlash(e.path))); err != nil {
			return fmt.Errorf("%s: %w", e.path, err)
		}
	}
	return nil
}

func (f folder) copy(name, to string) error {
	from, _, err := f.open(name, largestEnvelope)
	if err != nil {
		return err
	}
	defer from.Close()
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	written, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(written, from)
	return errors.Join(err, written.Close()) // seal flushes it
}

// LateLog is what a tenant's sign-in log says once a proof is over.
type LateLog struct {
	Log *verdict.Log
	// Elsewhere is the observation's, with the sign-ins that the log tells of by now; nil where the
	// proof looked for none.
	Elsewhere *verdict.Elsewhere
}

// LogReader asks a tenant's sign-in log for what it says of a proof.
type LogReader func(verdict.Observation) (LateLog, error)

// AttachLog writes a new bundle below into that contains the one in dir whole, and beside it every
// proof of it with what the sign-in log says now, decided again; it returns its folder. The bundle in
// dir is not touched. As a witness the log never overrules; that somebody else used the account it may
// be the first to tell, and then nothing is decided any more (verdict.AdminInUse).
func AttachLog(into, dir string, ask LogReader, n NewBundle) (string, error) {
	r, err := wholeRun(dir)
	if err != nil {
		return "", err
	}
	if !slices.ContainsFunc(r.Scenarios, func(s scenarioRecord) bool { return s.Verdict != "" }) {
		return "", unfit("%s holds no proof that a log could say something about", dir)
	}
	return enclose(into, KindAttachLog, []string{dir}, map[string]runRecord{dir: r}, n, func(s store, r *runRecord) error {
		r.Rules = verdict.Rules
		for i := range r.Scenarios {
			if err := attach(s, &r.Scenarios[i], i, ask); err != nil {
				return err
			}
		}
		return nil
	})
}

// attach writes one proof anew, with the log.
func attach(s store, record *scenarioRecord, i int, ask LogReader) error {
	old, err := readScenario(*record, s)
	if err != nil {
		return err
	}
	base := path.Base(record.Dir)
	if _, name, numbered := strings.Cut(base, "-"); numbered {
		base = name
	}
	record.Dir, record.Events, record.EventsHead = fmt.Sprintf("scenarios/%02d-%s", i+1, base), 0, chainStart
	if old.observation == nil {
		return nil
	}
	o := *old.observation
	late, err := ask(o)
	if err != nil {
		return err
	}
	o.Log, o.Elsewhere = late.Log, late.Elsewhere
	v := verdict.Decide(o)
	record.Verdict = v.Outcome
	log := eventLog{full: filepath.Join(s.root, filepath.FromSlash(record.Dir), eventsName), guard: s.guard}
	err = log.append(Event{Kind: "log", Text: "the sign-in log was asked again; it says: " + v.Witnesses.Log, At: &o.Log.Asked})
	record.Events, record.EventsHead = log.count, log.head()
	return errors.Join(err, s.writeJSON(path.Join(record.Dir, observationName), o, false), s.writeJSON(path.Join(record.Dir, verdictName), v, false))
}
