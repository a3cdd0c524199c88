package evidence_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/reprompt/reprompt/evidence"
)

// fuzzed are the files of a bundle that are parsed, or stand for those that are only measured.
var fuzzed = []string{
	"run.json", "manifest.json", "statement.dsse.json", "svr.dsse.json", "signer.pem", "timestamp.tsr", "report.html",
	"scenarios/01-application-administrator/observation.json", "scenarios/01-application-administrator/verdict.json",
	"scenarios/01-application-administrator/events.ndjson", "scenarios/01-application-administrator/configuration-after.json",
}

// FuzzVerify puts any bytes in place of one file of a bundle. Verification never panics, always comes
// to an end, and never calls verified what is not as it was signed.
func FuzzVerify(f *testing.F) {
	for i, name := range fuzzed {
		content, err := os.ReadFile(filepath.Join(released, newest, filepath.FromSlash(name)))
		if err != nil {
			content = []byte("\x30\x03\x02\x01\x00") // timestamp.tsr: an answer that says "granted", and no token
		}
		f.Add(i, content[:len(content)/2])
		f.Add(i, append([]byte(" "), content...))
	}
	f.Fuzz(func(t *testing.T, which int, content []byte) {
		name := fuzzed[uint(which)%uint(len(fuzzed))]
		dir := copied(t)
		path := filepath.Join(dir, filepath.FromSlash(name))
		was, _ := os.ReadFile(path) // none in place of timestamp.tsr
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		v := verified(t, dir, evidence.VerifyOptions{})
		if same := string(was) == string(content) && name != "timestamp.tsr"; same != (v.Outcome == evidence.Verified) {
			t.Errorf("%s is as it was: %v; it comes to %s", name, same, v.Outcome)
		}
	})
}
