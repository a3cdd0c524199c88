package evidence

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Changes of a tenant that obeys at once are one line; what differs in object and in what is said is told apart.
// The kind of an event and not its words say what became of a change.
func TestWhatIsSaidOfSeveralChangesIsSaidOnce(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var events []Event
	for i, e := range []Event{
		{Kind: Effect, Text: "context c1: Graph shows it; not looked for: it obeys at once"},
		{Kind: Effect, Text: "policy p1: Graph shows it; not looked for: it obeys at once"},
		{Kind: Effect, Text: "role-setting r1: Graph shows it; no silent request shows whether the tenant obeys it"},
		{Kind: Effect, Text: "policy p2: Graph shows it; not looked for: it obeys at once"},
		{Kind: EffectSeen, Text: "policy p3: refused"},
		{Kind: EffectSeen, Text: "policy p4: refused"},
		{Kind: EffectNotSeen, Text: "policy p5: refused"},
		{Kind: Effect, Text: "policy p6: refused"},
		{Kind: "step", Text: "effect of policy p7 seen 2m0s after Graph showed it: refused"},
		{Kind: Effect, Text: "effect of policy p8 not seen: as an older version wrote it"},
	} {
		when := at.Add(time.Duration(i) * time.Second)
		e.At = &when
		events = append(events, e)
	}
	var got []string
	for _, m := range effectMoments(events) {
		got = append(got, m.At+" "+m.Class+" "+m.Text)
	}
	want := []string{
		"12:00:00 plain Context c1, policy p1: Graph shows it; not looked for: it obeys at once.",
		"12:00:02 plain Role-setting r1: Graph shows it; no silent request shows whether the tenant obeys it.",
		"12:00:03 plain Policy p2: Graph shows it; not looked for: it obeys at once.",
		"12:00:04 good Policy p3: refused.",
		"12:00:05 good Policy p4: refused.",
		"12:00:06 bad Policy p5: refused.",
		"12:00:07 plain Policy p6: refused.",
		"12:00:09 plain Effect of policy p8 not seen: as an older version wrote it.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
