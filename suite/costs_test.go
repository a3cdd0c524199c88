package suite

import (
	"testing"

	"go.etcd.io/bbolt"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/verdict"
)

// cost is what one proof needs of the browser and of the disk, however busy the machine is.
type cost struct{ tabs, pictures, writes int }

// commands are those to the browser that somebody waited for, by name.
func (r *recording) commands() map[string]int {
	all := map[string]int{}
	for _, w := range r.waits {
		switch w.What {
		case waitCall, browser.WaitNavigation, browser.WaitDocument, browser.WaitRequest:
		default:
			all[w.What]++
		}
	}
	return all
}

// writes is how often something was written to the journal of a tenant since it was made, each time with two
// flushes of the disk.
func writes(t *testing.T, tenantID string) int {
	t.Helper()
	path, err := journalPath(tenantID)
	if err != nil {
		t.Fatal(err)
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var id int
	if err := db.View(func(tx *bbolt.Tx) error { id = tx.ID(); return nil }); err != nil {
		t.Fatal(err)
	}
	return id
}

// A proof opens no more tabs, takes no more pictures and writes no more often to the journal than this.
func TestWhatAProofNeeds(t *testing.T) {
	for way, most := range map[verdict.Way]cost{
		verdict.WayGraph:  {tabs: 1, pictures: 5, writes: 6},
		verdict.WayPortal: {tabs: 2, pictures: 9, writes: 6},
	} {
		t.Run(string(way), func(t *testing.T) {
			tenant := lab(t, true)
			proof := record(t, tenant, way)
			commands, all := proof.commands(), 0
			for _, n := range commands {
				all += n
			}
			got := cost{commands["Target.createTarget"], commands["Page.captureScreenshot"], writes(t, tenant.TenantID)}
			t.Logf("%+v; waited for %d commands: %v", got, all, commands)
			if got.tabs > most.tabs || got.pictures > most.pictures || got.writes > most.writes {
				t.Errorf("a proof needed %+v, want at most %+v", got, most)
			}
			if got.tabs == 0 || got.pictures == 0 || got.writes == 0 || commands["Page.navigate"] == 0 {
				t.Errorf("nothing was counted: %+v of %v", got, commands)
			}
		})
	}
}
