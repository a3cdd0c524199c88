package watch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/notify"
)

const (
	appAdmin  = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"
	userAdmin = "fe930be7-5e62-47db-91af-98c3a49a38b1"
	reader    = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// lab is a tenant, its log and its prover, which outlive every watcher of a test.
type lab struct {
	t     *testing.T
	path  string
	now   time.Time
	rows  []logged
	roles []Role
	// verdict is what a proof of a role comes to at this moment.
	verdict map[string]string
	// proofs are the proofs that were made, by role; bundles those that were finished, by folder.
	proofs  []string
	bundles map[string]Last
	// fails is the error of the next proof.
	fails []error
	// waits are what the tenant's clock was waited for.
	waits []time.Time

	sent     []string // kind, role and verdict of each delivery that arrived
	ids      []string
	answer   int // of the webhook
	receiver *httptest.Server
	during   func() // called while a proof goes on
}

// logged is a row and when it can be read.
type logged struct {
	row     graph.AuditRow
	visible time.Time
}

func newLab(t *testing.T) *lab {
	t.Helper()
	l := &lab{
		t: t, path: filepath.Join(t.TempDir(), "state.db"), now: noon, bundles: map[string]Last{}, answer: http.StatusNoContent,
		verdict: map[string]string{appAdmin: enforced, userAdmin: enforced},
		roles:   []Role{{ID: appAdmin, Context: "c1", Watched: true}, {ID: userAdmin, Context: "c2", Watched: true}, {ID: reader}},
	}
	l.receiver = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if l.answer < 300 {
			l.sent = append(l.sent, r.Header.Get(notify.EventHeader)+" "+string(body))
			l.ids = append(l.ids, r.Header.Get(notify.DeliveryHeader))
		}
		w.WriteHeader(l.answer)
	}))
	t.Cleanup(l.receiver.Close)
	return l
}

// Look implements Tenant.
func (l *lab) Look(_ context.Context, since time.Time) (Sight, error) {
	s := Sight{Now: l.now, Roles: slices.Clone(l.roles)}
	for _, one := range l.rows {
		if !since.IsZero() && !one.visible.After(l.now) && !one.row.At.Before(since.Truncate(time.Second)) {
			s.Rows = append(s.Rows, one.row)
		}
	}
	return s, nil
}

// Now implements Tenant.
func (l *lab) Now(context.Context) (time.Time, error) { return l.now, nil }

// Wait implements Tenant.
func (l *lab) Wait(_ context.Context, until time.Time, _ string) error {
	l.waits = append(l.waits, until)
	l.now = until
	return nil
}

// Prove implements Prover.
func (l *lab) Prove(_ context.Context, roleID, dir string) (Last, error) {
	if len(l.fails) > 0 {
		err := l.fails[0]
		l.fails = l.fails[1:]
		if err != nil {
			return Last{}, err
		}
	}
	if l.during != nil {
		l.during()
		l.during = nil
	}
	l.now = l.now.Add(17 * time.Minute)
	l.proofs = append(l.proofs, roleID)
	l.bundles[dir] = Last{RoleID: roleID, Role: "role " + roleID[:4], Verdict: l.verdict[roleID], At: l.now, Took: 17 * time.Minute, Evidence: dir}
	return l.bundles[dir], nil
}

// Kept implements Prover.
func (l *lab) Kept(_, dir string) (Last, bool, error) {
	last, ok := l.bundles[dir]
	return last, ok, nil
}

// happens writes a row that can be read after a lag.
func (l *lab) happens(id string, lag time.Duration, row graph.AuditRow) {
	row.ID, row.At, row.Result = id, l.now, "success"
	l.rows = append(l.rows, logged{row, l.now.Add(lag)})
}

// setting is a row about the setting of a role.
func setting(role string) graph.AuditRow {
	return graph.AuditRow{Activity: "Update role setting in PIM", Category: "RoleManagement", Targets: []graph.AuditTarget{{ID: role, Type: "Role", Name: "a role"}}}
}

// watcher opens the state anew, as a process that was started does.
func (l *lab) watcher(o Options) *Watcher {
	l.t.Helper()
	state, err := Open(l.path, "tenant")
	if err != nil {
		l.t.Fatal(err)
	}
	state.db.NoSync = true // a kill of the process is tried here, not one of the machine
	l.t.Cleanup(func() { _ = state.Close() })
	o.TenantID, o.Name = "tenant", "contoso"
	return &Watcher{
		Tenant: l, Prover: l, State: state, Options: o,
		Sender: &notify.Sender{Webhook: &notify.Webhook{URL: l.receiver.URL}, Tries: 1},
	}
}

// once goes round once, as a process of its own.
func (l *lab) once(o Options) {
	l.t.Helper()
	w := l.watcher(o)
	if err := w.Once(l.t.Context()); err != nil {
		l.t.Fatal(err)
	}
	if err := w.State.Close(); err != nil {
		l.t.Fatal(err)
	}
}

func (l *lab) proved(want ...string) {
	l.t.Helper()
	if diff := cmp.Diff(want, l.proofs); diff != "" {
		l.t.Errorf("proofs (-want +got):\n%s", diff)
	}
	l.proofs = nil
}

func (l *lab) told(want ...string) {
	l.t.Helper()
	var kinds []string
	for _, text := range l.sent {
		kind, _, _ := strings.Cut(text, " ")
		kinds = append(kinds, kind)
	}
	if diff := cmp.Diff(want, kinds); diff != "" {
		l.t.Errorf("notifications (-want +got):\n%s", diff)
	}
	l.sent = nil
}

func TestTheFirstLookProvesEveryProtectedRoleOnce(t *testing.T) {
	l := newLab(t)
	l.once(Options{})
	l.proved(appAdmin, userAdmin)
	l.told() // enforced, and nothing was known before
	l.once(Options{})
	l.proved()
}

func TestFromNowProvesNothingUntilSomethingChanges(t *testing.T) {
	l := newLab(t)
	l.once(Options{NoBaseline: true})
	l.proved()
	l.now = l.now.Add(time.Minute)
	l.happens("1", 0, setting(userAdmin))
	l.once(Options{NoBaseline: true})
	l.proved(userAdmin)
}

func TestAChangeIsFollowedByCalmAndOneProof(t *testing.T) {
	l := newLab(t)
	l.once(Options{NoBaseline: true})
	l.now = l.now.Add(time.Minute)
	changed := l.now
	l.happens("1", 0, setting(appAdmin))
	l.happens("2", 0, setting(appAdmin)) // of equal time
	l.verdict[appAdmin] = "not-enforced"
	l.once(Options{})
	if diff := cmp.Diff([]time.Time{changed.Add(5 * time.Minute)}, l.waits); diff != "" {
		t.Errorf("waits (-want +got):\n%s", diff)
	}
	l.proved(appAdmin)
	l.told("verdict-changed")
	l.once(Options{})
	l.proved()
	l.told()
}

func TestATenantThatIsNeverCalmIsProvedNevertheless(t *testing.T) {
	first, calm := noon, 5*time.Minute
	var changes []Change
	for n := range 100 {
		changes = append(changes, Change{At: first.Add(time.Duration(n) * time.Minute)})
	}
	if got, want := calmAt(changes, calm), first.Add(time.Hour); !got.Equal(want) {
		t.Errorf("calm at %s, want %s", got, want)
	}
	if got, want := calmAt(changes[:3], calm), first.Add(7*time.Minute); !got.Equal(want) {
		t.Errorf("calm at %s, want %s", got, want)
	}
}

// A row may be readable long after rows that are younger.
func TestALateRowIsNotMissed(t *testing.T) {
	l := newLab(t)
	l.once(Options{NoBaseline: true})
	l.now = l.now.Add(time.Minute)
	l.happens("late", 50*time.Minute, setting(userAdmin))
	l.now = l.now.Add(time.Minute)
	l.happens("early", 0, setting(appAdmin))
	l.once(Options{})
	l.proved(appAdmin)
	l.now = l.now.Add(time.Hour)
	l.once(Options{})
	l.proved(userAdmin)
	for range 5 { // past the span that is read again
		l.now = l.now.Add(time.Hour)
		l.once(Options{})
	}
	l.proved()
}

// What is later than the span that is read again is missed: that is what --late is for.
func TestARowLaterThanLateIsMissed(t *testing.T) {
	l := newLab(t)
	l.once(Options{NoBaseline: true})
	l.now = l.now.Add(time.Minute)
	l.happens("late", 3*time.Hour, setting(userAdmin))
	for range 4 {
		l.now = l.now.Add(time.Hour)
		l.once(Options{Late: time.Hour})
	}
	l.proved()
}

func TestAChangeDuringAProofIsProvedAfterIt(t *testing.T) {
	l := newLab(t)
	l.once(Options{NoBaseline: true})
	l.now = l.now.Add(time.Minute)
	l.happens("1", 0, setting(appAdmin))
	l.during = func() { l.happens("2", 0, setting(appAdmin)) }
	l.once(Options{})
	l.once(Options{})
	l.proved(appAdmin, appAdmin)
	l.once(Options{})
	l.proved()
}

func TestARoleThatLostItsContextIsProvedNevertheless(t *testing.T) {
	l := newLab(t)
	l.once(Options{})
	l.proved(appAdmin, userAdmin)
	l.roles[0] = Role{ID: appAdmin}
	l.verdict[appAdmin] = "not-enforced"
	l.happens("1", 0, setting(appAdmin))
	l.once(Options{})
	l.proved(appAdmin)
	l.told("verdict-changed")
}

func TestAnInconclusiveProofIsTriedAgainBeforeItCounts(t *testing.T) {
	l := newLab(t)
	l.once(Options{})
	l.proved(appAdmin, userAdmin)
	l.verdict[appAdmin] = inconclusive
	l.happens("1", 0, setting(appAdmin))
	l.once(Options{})
	l.proved(appAdmin)
	l.once(Options{}) // too early
	l.proved()
	for range 2 {
		l.told()
		l.now = l.now.Add(retry)
		l.once(Options{})
	}
	l.proved(appAdmin, appAdmin)
	l.told("verdict-changed")
}

func TestALimitPostponesAndIsTold(t *testing.T) {
	l := newLab(t)
	limit := &PostponedError{After: time.Hour, Err: errors.New("10 activations in the last 24 hours")}
	l.fails = []error{nil, limit, limit}
	l.once(Options{Overdue: 90 * time.Minute})
	l.proved(appAdmin)
	l.now = l.now.Add(time.Hour)
	l.once(Options{Overdue: 90 * time.Minute})
	l.told()
	l.now = l.now.Add(30 * time.Minute)
	l.once(Options{Overdue: 90 * time.Minute})
	l.told("proof-overdue")
	l.now = l.now.Add(time.Hour)
	l.once(Options{Overdue: 90 * time.Minute})
	l.proved(userAdmin)
	l.told()
}

func TestATenantThatIsNotRestoredIsToldOnceAndStopsTheRound(t *testing.T) {
	l := newLab(t)
	broken := &NotRestoredError{errors.New("give the role back: HTTP 503")}
	l.fails = []error{broken, broken}
	l.once(Options{})
	l.proved()
	l.told("not-restored")
	l.now = l.now.Add(retry)
	l.fails = l.fails[:0]
	l.once(Options{})
	l.proved(appAdmin, userAdmin)
	l.told()
}

func TestVerdictsGrowOld(t *testing.T) {
	l := newLab(t)
	l.once(Options{Again: 24 * time.Hour})
	l.proved(appAdmin, userAdmin)
	l.now = l.now.Add(23 * time.Hour)
	l.once(Options{Again: 24 * time.Hour})
	l.proved()
	l.now = l.now.Add(time.Hour)
	l.once(Options{Again: 24 * time.Hour})
	l.proved(appAdmin, userAdmin)
}

func TestANotificationThatCannotBeDeliveredIsKept(t *testing.T) {
	l := newLab(t)
	l.verdict[appAdmin] = "not-enforced"
	l.answer = http.StatusServiceUnavailable
	l.once(Options{})
	l.told()
	l.answer = http.StatusNoContent
	l.once(Options{})
	l.told("verdict-changed")
	l.verdict[appAdmin] = enforced
	l.answer = http.StatusGone // a refusal: not tried for ever
	l.happens("1", 0, setting(appAdmin))
	l.once(Options{})
	l.answer = http.StatusNoContent
	l.once(Options{})
	l.told()
}

func TestTheStateFileIsItsOwnersAndOfOneTenant(t *testing.T) {
	l := newLab(t)
	w := l.watcher(Options{})
	info, err := os.Stat(l.path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v, want 0600", info.Mode(), err)
	}
	if _, err := Open(l.path, "tenant"); err == nil || !strings.Contains(err.Error(), "another reprompt watches with it") {
		t.Errorf("a second process: %v", err)
	}
	_ = w.State.Close()
	if _, err := Open(l.path, "other"); err == nil || !strings.Contains(err.Error(), "it is of tenant tenant, not of other") {
		t.Errorf("another tenant's file: %v", err)
	}
}

// killed is how a watcher of TestKilledBetweenEveryTwoSteps dies.
var errKilled = errors.New("killed")

// story is a day with late rows, rows of equal time and a change during a proof. It goes round until
// nothing is left to do, dying after the n-th step (0: never), and returns how many steps there were.
func (l *lab) story(n int) (steps int) {
	l.t.Helper()
	days := []func(){
		func() {},
		func() {
			l.happens("1", 0, setting(appAdmin))
			l.happens("2", 0, setting(appAdmin))
			l.happens("3", 40*time.Minute, setting(userAdmin))
			l.verdict[appAdmin] = "not-enforced"
		},
		func() { l.now = l.now.Add(time.Hour) },
		func() {
			l.happens("4", 0, graph.AuditRow{Activity: "Update named location", Category: "Policy"})
			l.verdict[appAdmin], l.verdict[userAdmin] = enforced, "not-enforced"
		},
		func() { l.now = l.now.Add(time.Hour) },
	}
	for _, day := range days {
		day()
		for again := true; again; {
			w := l.watcher(Options{})
			w.stepped = func(string) error {
				if steps++; steps == n {
					return errKilled
				}
				return nil
			}
			err := w.Once(l.t.Context())
			if again = errors.Is(err, errKilled); err != nil && !again {
				l.t.Fatal(err)
			}
			_ = w.State.Close()
		}
	}
	return steps
}

func TestKilledBetweenEveryTwoSteps(t *testing.T) {
	whole := newLab(t)
	total := whole.story(0)
	if total < 20 {
		t.Fatalf("the story has %d steps: it tells nothing", total)
	}
	proofs, ids := slices.Sorted(slices.Values(whole.proofs)), whole.ids
	if len(proofs) != 6 || len(ids) != 3 {
		t.Fatalf("the story has %d proofs and %d notifications, want 6 and 3", len(proofs), len(ids))
	}
	for n := 1; n <= total; n++ {
		t.Run(fmt.Sprintf("after step %d", n), func(t *testing.T) {
			l := newLab(t)
			l.story(n)
			if diff := cmp.Diff(proofs, slices.Sorted(slices.Values(l.proofs))); diff != "" {
				t.Errorf("proofs (-never killed +killed):\n%s", diff)
			}
			// What was sent and not yet forgotten is sent again, under the same id. Numbers of attempts may differ.
			if got := len(slices.Compact(slices.Clone(l.ids))); got != len(ids) {
				t.Errorf("%d different notifications (%v), want %d", got, l.ids, len(ids))
			}
			if len(l.ids) > len(ids)+1 {
				t.Errorf("%d deliveries of %d notifications: at most one is repeated", len(l.ids), len(ids))
			}
		})
	}
}
