package evidence

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Four changes of a tenant that obeys at once are one line; what differs in object and in what is said is told apart.
func TestWhatIsSaidOfSeveralChangesIsSaidOnce(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var events []Event
	for i, text := range []string{
		"context c1: Graph shows it; not looked for: it obeys at once",
		"policy p1: Graph shows it; not looked for: it obeys at once",
		"role-setting r1: Graph shows it; no silent request shows whether the tenant obeys it",
		"policy p2: Graph shows it; not looked for: it obeys at once",
		"effect of policy p3 seen 2m0s after Graph showed it: refused",
		"effect of policy p4 seen 2m0s after Graph showed it: refused",
		"effect of policy p5 not seen: refused",
		"policy p6: refused",
	} {
		when := at.Add(time.Duration(i) * time.Second)
		events = append(events, Event{Kind: kindEffect, Text: text, At: &when})
	}
	var got []string
	for _, m := range effectMoments(events) {
		got = append(got, m.At+" "+m.Class+" "+m.Text)
	}
	want := []string{
		"12:00:00 plain Context c1, policy p1: Graph shows it; not looked for: it obeys at once.",
		"12:00:02 plain Role-setting r1: Graph shows it; no silent request shows whether the tenant obeys it.",
		"12:00:03 plain Policy p2: Graph shows it; not looked for: it obeys at once.",
		"12:00:04 good Effect of policy p3 seen 2m0s after Graph showed it: refused.",
		"12:00:05 good Effect of policy p4 seen 2m0s after Graph showed it: refused.",
		"12:00:06 bad Effect of policy p5 not seen: refused.",
		"12:00:07 plain Policy p6: refused.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
