package evidence_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/secret"
)

// The pages that nobody knew and the hosts that were refused are in the bundle, which verifies; a host name
// that holds a secret is withheld.
func TestWhatABrowserCameToIsKept(t *testing.T) {
	run := create(t)
	run.Guard(secret.New("hunter2hunter2"))
	for _, page := range []string{`{"schema":"reprompt/page/v1","host":"a.example"}`, `{"schema":"reprompt/page/v1","host":"b.example"}`} {
		s := begin(t, run, "a page that nobody knows")
		s.Event("step", "sign in", started)
		s.Event(evidence.KindPageCaptured, page, started)
		s.Failed("sign in: recognise page")
	}
	run.SetRefusedHosts([]string{"cdn.example", "hunter2hunter2.example"})
	if err := run.Close(evidence.Result{Finished: started.Add(time.Second)}); err != nil {
		t.Fatal(err)
	}
	pages, err := evidence.CapturedPages(run.Dir())
	if err != nil || len(pages) != 2 || !strings.Contains(pages[0], "a.example") || !strings.Contains(pages[1], "b.example") {
		t.Errorf("pages %q, %v", pages, err)
	}
	record := readJSON[struct {
		RefusedHosts []string `json:"refused_hosts"`
	}](t, run.Dir()+"/run.json")
	if len(record.RefusedHosts) != 2 || record.RefusedHosts[0] != "cdn.example" || slices.ContainsFunc(record.RefusedHosts, func(host string) bool { return strings.Contains(host, "hunter2") }) {
		t.Errorf("refused hosts %q", record.RefusedHosts)
	}
	seen, err := evidence.Verify(run.Dir(), evidence.VerifyOptions{})
	if err != nil || seen.Outcome != evidence.Verified {
		t.Errorf("verification %+v, %v", seen, err)
	}
}
