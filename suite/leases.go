package suite

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/reprompt/reprompt/await"
	"github.com/reprompt/reprompt/browser/entra"
	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/lease"
	"github.com/reprompt/reprompt/pool"
)

// shared is what the scenarios on one tenant of a file share, and who of them has what. On the embedded
// tenant each scenario has one for itself, and nothing of this is used.
type shared struct {
	leases lease.Manager
	// browser is who has a context of the browser where scenarios overlap.
	browser pool.Pool
	// things are the leases on the test admins, in their order.
	things []lease.Thing
	// looks are the sentences that only look at what was seen.
	looks sentences
	// clock is the tenant's test clock, which moves only when every scenario that runs waits; nil where the
	// tenant's clock is a real one.
	clock *await.TestClock
	// admins are the tenant with each of its test admins; one scenario at a time has one of them.
	admins []place
	// made are the test admins of the run, beside admins, where the tenant file has them made; whoever has
	// one leased may touch it.
	made []madeAdmin

	mu        sync.Mutex
	lastEnded map[int]time.Time // by admin, when the last scenario of it had done with it, by the tenant's clock
}

// share readies the tenant of a file for several scenarios at a time.
func (s *Suite) share() {
	s.shared.lastEnded = map[int]time.Time{}
	s.shared.admins = s.place.testAdmins(s.options)
	if s.place.adminMake != "" {
		for len(s.shared.admins) < s.options.admins() {
			another := s.place
			another.used = &entra.UsedCodes{}
			s.shared.admins = append(s.shared.admins, another)
		}
	}
	for i, p := range s.shared.admins {
		s.shared.things = append(s.shared.things, adminThing(p, i))
	}
	s.shared.made = make([]madeAdmin, len(s.shared.admins))
	s.shared.browser.Clock, s.shared.browser.Contexts = await.Machine(), s.options.Concurrency
	if c := s.place.control; c != nil && !s.options.RealTime {
		s.shared.clock = c.clock(s.place.tenantID)
		s.shared.leases.Join, s.shared.browser.Clock = s.shared.clock.Join, s.shared.clock
	}
	if s.options.overlapping() {
		s.shared.leases.AtOnce = s.options.underWay()
		s.shared.looks = s.catalogue().looks
	}
}

func adminThing(p place, i int) lease.Thing {
	id := p.adminUPN
	if p.adminMake != "" {
		id = fmt.Sprintf("number %d, made for the run", i+1)
	}
	return lease.Thing{Kind: "test admin", ID: id}
}

// sayShared says how many scenarios run at a time, and over whom.
func (s *Suite) sayShared() {
	n, admins := s.options.Concurrency, len(s.shared.admins)
	s.sayPlan()
	switch {
	case s.options.Concurrency < 2:
	case s.options.overlapping():
		s.progress.note("%s at a time; scenarios that only wait have none", plural(n, "browser context"))
	case n > admins:
		s.progress.note("%d scenarios at a time over %s: one that gets none waits; name more of them under test_admins in %s", n, plural(admins, "test admin"), s.place.file)
	default:
		s.progress.note("%d scenarios at a time over %s", n, plural(admins, "test admin"))
	}
}

// expect says how many scenarios are still to come, so that the test clock stands still until as many have begun
// as may run at a time.
func (s *Suite) expect(features []feature) (done func()) {
	scenarios := scenariosIn(features)
	s.shared.leases.Expect(scenarios, s.workers(features))
	if s.options.overlapping() {
		s.shared.leases.Gather(scenarios)
	}
	return func() {
		s.shared.leases.Expect(0, 0)
		s.shared.leases.Gather(0)
	}
}

// lent is what a scenario works with until it ends.
type lent struct {
	place place
	// holder and admin are of a tenant of a file: what the scenario has of it, and which of the test admins,
	// -1 once it has made one of its own.
	holder *lease.Holder
	admin  int
	// had is the test admin that was let go.
	had int
	// waited says what was waited for, and for whom.
	waited []string
}

func (l *lent) end() {
	if l.holder != nil {
		l.holder.End()
	}
}

// acquire makes a fresh tenant, or waits for a test admin of the only one, and for what the scenario's tags name.
func (s *Suite) acquire(ctx context.Context, scenario string) (l lent, err error) {
	if err := ctx.Err(); err != nil {
		s.shared.leases.Pass()
		return l, context.Cause(ctx)
	}
	if s.server != nil {
		l.place, err = s.freshPlace(ctx, false)
		return l, err
	}
	if l, err = s.takeLeases(ctx, scenario); err != nil {
		return l, err
	}
	made := false
	defer func() { // also where something panicked: godog goes on
		if !made {
			l.end()
		}
	}()
	l.place, err = s.placeWithAdmin(ctx, l.admin)
	made = err == nil
	return l, err
}

// takeLeases waits until a scenario may begin on a tenant of a file.
func (s *Suite) takeLeases(ctx context.Context, scenario string) (l lent, err error) {
	need, now := lease.Need{Any: s.shared.things, Quiet: s.options.overlapping()}, runningIn(ctx)
	if now != nil {
		need.Rank = s.round.ranks[standing(now.pickle.Uri, s.round.at.of(now.pickle.AstNodeIds))]
		if need.All, err = leasesIn(tagsOf(now.pickle)); err != nil {
			s.shared.leases.Pass()
			return l, err
		}
	}
	var waited []string
	l.holder, err = s.shared.leases.Acquire(ctx, scenario, need, func(why string) {
		waited = append(waited, why)
		now.shown(s.progress).queues(why)
	})
	if err != nil {
		return l, err
	}
	l.waited = waited
	l.admin = slices.IndexFunc(need.Any, func(t lease.Thing) bool { return slices.Contains(l.holder.Has(), t) })
	if len(waited) > 0 {
		now.shown(s.progress).does("has " + need.Any[l.admin].String())
	}
	return l, nil
}

// releaseAdmin lets the test admin go to another scenario: this one has made its own, and touched nothing of
// the other.
func (l *lent) releaseAdmin(s *Suite) {
	if l.holder == nil || l.admin < 0 {
		return
	}
	l.holder.Release(s.shared.things[l.admin])
	l.admin, l.had = -1, l.admin
}

// claims implements fixtures.Leases for one scenario: what it comes to need of the tenant while it runs.
type claims struct {
	holder   *lease.Holder
	track    *track
	recorded *evidence.Scenario
	clock    func() time.Time
}

// Claim implements fixtures.Leases. Waiting counts against no deadline.
func (c *claims) Claim(ctx context.Context, kind, id string) error {
	defer uncounted(ctx)()
	thing, waited := lease.Thing{Kind: kind, ID: id}, false
	err := c.holder.Claim(ctx, thing, func(why string) {
		waited = true
		c.recorded.Event("wait", "for "+why, c.clock())
		c.track.queues(why)
	})
	if waited && err == nil {
		c.recorded.Event("lease", "has "+thing.String(), c.clock())
		c.track.does("has " + thing.String())
	}
	return err
}

// TryClaim implements fixtures.Leases.
func (c *claims) TryClaim(kind, id string) bool {
	return c.holder.Try(lease.Thing{Kind: kind, ID: id})
}
