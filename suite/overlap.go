package suite

import (
	"fmt"
	"slices"

	messages "github.com/cucumber/messages/go/v21"

	"github.com/reprompt/reprompt/activation"
	"github.com/reprompt/reprompt/fixtures"
)

// Scenarios on a tenant of a file overlap: one that only waits has no browser context, and lets its test admin go
// as soon as its proof has activated the role for the last time, so that the next one of that admin signs in while
// PIM keeps the role for five minutes, it is given back, and the tenant is undone. Godog is given a worker for each
// scenario of a part; who begins, and when, is for the leases, and who has a context, for the pool.

// overlapping reports whether scenarios overlap. With one worker they run one after the other; where somebody looks
// at what failed, each keeps what it has.
func (o Options) overlapping() bool {
	return o.Tenant != nil && o.Concurrency > 1 && o.PauseOnFailure == nil
}

// admins are how many test admins there are on a tenant of a file. Those that are made for the run are as many as
// browser contexts at least.
func (o Options) admins() int {
	switch {
	case o.Human:
		return 1
	case o.Tenant.Admin.Make != "":
		return max(o.Concurrency, 1+len(o.Tenant.TestAdmins))
	}
	return 1 + len(o.Tenant.TestAdmins)
}

// underWay is how many scenarios have begun and not ended, at the most: of each admin one has it, and some have let
// it go. It bounds those that make an admin of their own, too.
func (o Options) underWay() int { return max(o.Concurrency, 4*o.admins()) }

// workers is how many scenarios godog has begin.
func (s *Suite) workers(features []feature) int {
	if !s.options.overlapping() {
		return s.options.Concurrency
	}
	return max(scenariosIn(features), s.options.Concurrency)
}

// scenariosIn is how many scenarios features have, each row of examples one.
func scenariosIn(features []feature) int {
	scenarios := 0
	for _, f := range features {
		scenarios += len(f.pickles)
	}
	return scenarios
}

// standing is where a scenario or a row of examples stands.
func standing(file string, line int) string { return fmt.Sprint(file, ":", line) }

// ranksOf are the places of the scenarios in the order in which godog begins them.
func ranksOf(features []feature, seed int64) map[string]int {
	ranks := map[string]int{}
	for _, f := range features {
		for _, pickle := range inOrder(f.pickles, seed) {
			ranks[standing(f.name, f.at[pickle.Id])] = len(ranks)
		}
	}
	return ranks
}

// takeTurns gives a scenario its place in the line at the browser.
func (t *tenant) takeTurns() {
	if !t.suite.options.overlapping() || t.lent.holder == nil {
		return
	}
	t.turn = t.suite.shared.browser.Guest(t.lent.holder.Share)
	t.turn.Clock, t.turn.Told = t.clock, func(why string) { t.tracked().queues(why) }
	t.free = t.freeAdmin
}

// freeAdmin lets the test admin go to another scenario: the proof lets it authenticate no more. What the scenario
// made must have to do with its own role and contexts only, and the role must not be one that rules others: while it is
// active for the admin it is another path to the power of every role.
func (t *tenant) freeAdmin() {
	if t.lent.admin < 0 || t.now == nil || !onlyLooks(t.now.pickle, len(t.now.ended), t.suite.shared.looks) {
		return
	}
	pending, err := t.suite.journal.Pending()
	others := func(r fixtures.Record) bool { return r.RunID == t.runID && !r.OfRole(t.proved) }
	if err != nil || activation.Rules(t.proved) || slices.ContainsFunc(pending, others) {
		return
	}
	t.suite.noteEnd(t.lent.admin, t.clock.Now())
	t.lent.releaseAdmin(t.suite)
}

// onlyLooks reports whether nothing behind a step of a scenario, the first being 0, does anything with the test
// admin, as far as its sentences tell: all are reprompt's own, and look at what was seen.
func onlyLooks(pickle *messages.Pickle, step int, looks sentences) bool {
	if slices.Contains(tagsOf(pickle), adminTag) {
		return false
	}
	behind := pickle.Steps[min(step+1, len(pickle.Steps)):]
	return !slices.ContainsFunc(behind, func(s *messages.PickleStep) bool { return !looks.has(s.Text) })
}

// noteEnd remembers when the scenario ended, of the test admin that it has, or has had and signed in once more to
// undo something.
func (t *tenant) noteEnd() {
	admin := t.lent.admin
	if admin < 0 && !t.signedIn.Access.Empty() {
		admin = t.lent.had
	}
	t.suite.noteEnd(admin, t.clock.Now())
}
