package suite

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/reprompt/reprompt/await"
	"github.com/reprompt/reprompt/fixtures"
)

// prepared is a world of the clinic's tenant with fixtures, a browser and a published context.
func prepared(t *testing.T, c *clinic) (w *world, contextID string) {
	t.Helper()
	journal, err := fixtures.Open(t.TempDir() + "/journal.db")
	c.must(err)
	t.Cleanup(func() { _ = journal.Close() })
	p := placeOfFile(c.tenant)
	b := &onDemand{options: Options{Tenant: c.tenant}.withDefaults(), place: p}
	t.Cleanup(b.close)
	w, err = newWorld(t.Context(), p, worldOptions{runID: "run-1", journal: journal, browser: b.get})
	c.must(err)
	t.Cleanup(w.close)
	contextID, err = w.fixtures.PublishContext(t.Context(), fixtures.ContextOptions{})
	c.must(err)
	return w, contextID
}

// The sign-in host obeys a policy half an hour after Graph shows it, and its deletion as late.
func TestTheEffectOfAPolicyIsProbedInTheDirectionOfTheChange(t *testing.T) {
	c := newClinic(t)
	c.tenant.Waits.Propagation = 25 * time.Minute
	w, id := prepared(t, c)
	effectOfAPolicy(t, c, w, id)
}

// An account that was made for the run is probed with what it was given.
func TestTheEffectOnAMadeAdminIsProbed(t *testing.T) {
	for credential, passkey := range map[string]bool{"passkey": true, "access pass": false} {
		t.Run(credential, func(t *testing.T) {
			c := newClinic(t)
			c.tenant.Waits.Propagation = 25 * time.Minute
			w, id := prepared(t, c)
			made, err := w.makeAdmin(t.Context(), passkey)
			c.must(err)
			journal := w.fixtures.Journal
			w.place, w.admin = made, made.admin()
			w.fixtures = w.newFixtures(journal)
			effectOfAPolicy(t, c, w, id)
		})
	}
}

// effectOfAPolicy makes and deletes a policy on a context, of which the sign-in host hears late.
func effectOfAPolicy(t *testing.T, c *clinic, w *world, id string) {
	t.Helper()
	c.control("/lag", map[string]string{"policy": "30m"})
	var told []string
	probe := func() {
		t.Helper()
		c.must(w.settle(t.Context(), func(text string) { told = append(told, text) }))
	}
	began := w.clock.Now()
	policy, err := w.fixtures.CreatePolicy(t.Context(), fixtures.PolicyOptions{Contexts: []string{id}, Frequency: fixtures.EveryTime()})
	c.must(err)
	probe()
	obeyed := w.clock.Now()
	if took := obeyed.Sub(began); took < 30*time.Minute || took > 32*time.Minute {
		t.Errorf("the policy was seen to act after %s, want half an hour and a probe", took)
	}
	c.must(w.fixtures.DeletePolicy(t.Context(), policy.ID))
	probe()
	if took := w.clock.Now().Sub(obeyed); took < 30*time.Minute || took > 32*time.Minute {
		t.Errorf("the deletion was seen after %s, want half an hour and a probe", took)
	}
	if len(told) != 2 || !strings.HasPrefix(told[0], "policy "+policy.ID+" is in force: seen 30m") {
		t.Errorf("told %q", told)
	}
}

func TestAnEffectThatDoesNotComeIsWaitedForToTheDeadline(t *testing.T) {
	c := newClinic(t)
	c.tenant.Waits.Propagation = 5 * time.Minute
	w, id := prepared(t, c)
	c.control("/lag", map[string]string{"policy": "10h"})
	_, err := w.fixtures.CreatePolicy(t.Context(), fixtures.PolicyOptions{Contexts: []string{id}, Frequency: fixtures.EveryTime()})
	c.must(err)
	err = w.probeEffects(t.Context(), func(text string) { t.Errorf("told %q", text) })
	timeout := new(await.TimeoutError)
	if !errors.As(err, &timeout) || timeout.LastSeen != "a token with "+id+" is given silently" || !strings.Contains(timeout.What, "waits.propagation") {
		t.Errorf("error %v", err)
	}
}

// What does not tell by itself is not probed: the wait of the tenant file is for it.
func TestOnlyWhatTellsIsProbed(t *testing.T) {
	c := newClinic(t)
	w, id := prepared(t, c)
	made := func(name string) string {
		made, err := w.fixtures.CreateGroup(t.Context(), fixtures.GroupOptions{Name: name})
		c.must(err)
		return made.ID
	}
	group, other := made("with the admin"), made("without")
	c.must(w.fixtures.AddMember(t.Context(), group, c.tenant.Admin.ObjectID))
	for name, row := range map[string]struct {
		options fixtures.PolicyOptions
		want    int
	}{
		"every time":        {fixtures.PolicyOptions{Frequency: fixtures.EveryTime()}, 1},
		"block":             {fixtures.PolicyOptions{Grant: fixtures.Grant{Block: true}}, 1},
		"MFA alone":         {fixtures.PolicyOptions{Grant: fixtures.Grant{MFA: true}}, 0},
		"a day":             {fixtures.PolicyOptions{Frequency: fixtures.EveryDays(1)}, 0},
		"report only":       {fixtures.PolicyOptions{Frequency: fixtures.EveryTime(), State: "enabledForReportingButNotEnforced"}, 0},
		"under a condition": {fixtures.PolicyOptions{Frequency: fixtures.EveryTime(), IncludePlatforms: []string{"macOS"}}, 0},
		"everybody":         {fixtures.PolicyOptions{Frequency: fixtures.EveryTime(), Everyone: true}, 1},
		"the admin's group": {fixtures.PolicyOptions{Frequency: fixtures.EveryTime(), Groups: []string{group}}, 1},
		"another group":     {fixtures.PolicyOptions{Frequency: fixtures.EveryTime(), Groups: []string{other}}, 0},
		"but for the group": {fixtures.PolicyOptions{Frequency: fixtures.EveryTime(), ExcludeGroups: []string{group}}, 0},
		"others":            {fixtures.PolicyOptions{Frequency: fixtures.EveryTime(), Everyone: true, ExcludeUsers: []string{c.tenant.Admin.ObjectID}}, 0},
	} {
		w.effects = nil
		row.options.Contexts, row.options.Name = []string{id}, name
		_, err := w.fixtures.CreatePolicy(t.Context(), row.options)
		c.must(err)
		if len(w.effects) != row.want {
			t.Errorf("%s: probed are %+v, want %d", name, w.effects, row.want)
		}
	}
}
