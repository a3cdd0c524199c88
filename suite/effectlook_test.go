package suite

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/reprompt/reprompt/fixtures"
	"github.com/reprompt/reprompt/verdict"
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
	w, err = newWorld(t.Context(), p, worldOptions{runID: "run-1", journal: journal, session: b.session})
	c.must(err)
	t.Cleanup(w.close)
	contextID, err = w.fixtures.PublishContext(t.Context(), fixtures.ContextOptions{})
	c.must(err)
	return w, contextID
}

// observed notes what a world tells of its effects.
func observed(w *world) *[]string {
	told := new([]string)
	w.noted = func(kind, text string) { *told = append(*told, kind+": "+text) }
	return told
}

// The sign-in host obeys a policy half an hour after Graph shows it, and its deletion as late.
func TestTheEffectOfAPolicyIsAwaited(t *testing.T) {
	c := newClinic(t)
	c.tenant.Waits.Propagation = 35 * time.Minute
	w, id := prepared(t, c)
	effectOfAPolicy(t, c, w, id)
}

// An account that was made for the run is looked at with what it was given.
func TestTheEffectOnAMadeAdminIsAwaited(t *testing.T) {
	for credential, passkey := range map[string]bool{"passkey": true, "access pass": false} {
		t.Run(credential, func(t *testing.T) {
			c := newClinic(t)
			c.tenant.Waits.Propagation = 35 * time.Minute
			w, id := prepared(t, c)
			made, err := w.makeAdmin(t.Context(), passkey)
			c.must(err)
			w.endEffects(t.Context())
			w.place, w.admin = made, made.admin()
			w.fixtures = w.newFixtures(w.fixtures.Journal)
			effectOfAPolicy(t, c, w, id)
		})
	}
}

// effectOfAPolicy makes and deletes a policy on a context, of which the sign-in host hears late.
func effectOfAPolicy(t *testing.T, c *clinic, w *world, id string) {
	t.Helper()
	c.control("/lag", map[string]string{"policy": "30m"})
	told := observed(w)
	halfAnHour := func(what string, began time.Time) {
		t.Helper()
		if took := w.clock.Now().Sub(began); took < 30*time.Minute || took > 32*time.Minute {
			t.Errorf("%s was seen after %s, want half an hour and a look", what, took)
		}
	}
	began := w.clock.Now()
	policy, err := w.fixtures.CreatePolicy(t.Context(), fixtures.PolicyOptions{Contexts: []string{id}, Frequency: fixtures.EveryTime()})
	c.must(err)
	halfAnHour("the policy", began)
	began = w.clock.Now()
	c.must(w.fixtures.DeletePolicy(t.Context(), policy.ID))
	halfAnHour("the deletion", began)
	if len(*told) != 2 || !strings.HasPrefix((*told)[0], "effect-seen: effect of policy "+policy.ID+" seen 30m") || !strings.Contains((*told)[0], "refused, AADSTS") ||
		!strings.HasPrefix((*told)[1], "effect-seen: effect of policy "+policy.ID+" seen 30m") || !strings.Contains((*told)[1], "is given silently") {
		t.Errorf("told %q", *told)
	}
}

// A context that the sign-in host does not know yet is ignored: a token without it is no refusal, and so
// not the effect of the policy on it.
func TestAContextThatIsNotThereYetIsNotTheEffectOfItsPolicy(t *testing.T) {
	c := newClinic(t)
	c.tenant.Waits.Propagation = 40 * time.Minute
	w, first := prepared(t, c)
	told := observed(w)
	c.control("/lag", map[string]string{"context": "20m"})
	began := w.clock.Now()
	id, err := w.fixtures.PublishContext(t.Context(), fixtures.ContextOptions{})
	c.must(err)
	if took := w.clock.Now().Sub(began); took < 20*time.Minute || took > 21*time.Minute {
		t.Errorf("the context was seen after %s, want twenty minutes and a look", took)
	}
	began = w.clock.Now()
	c.must(w.fixtures.UnpublishContext(t.Context(), id))
	if took := w.clock.Now().Sub(began); took < 20*time.Minute || took > 21*time.Minute {
		t.Errorf("that it is unpublished was seen after %s", took)
	}
	_, err = w.fixtures.CreatePolicy(t.Context(), fixtures.PolicyOptions{Contexts: []string{id, first}, Frequency: fixtures.EveryTime()})
	c.must(err)
	last := (*told)[len(*told)-2:]
	if len(*told) != 4 || !strings.Contains((*told)[1], "a token without "+id+" is given silently") ||
		!strings.Contains(last[0], "a token without "+id+" is given") || !strings.Contains(last[1], "a token with "+first+" is refused") {
		t.Errorf("told %q", *told)
	}
}

// Nothing is proved on a tenant that does not obey: the sentence fails with the code and the object, and
// what was made is undone.
func TestATenantThatDoesNotObeyComesToNoVerdict(t *testing.T) {
	c := newClinic(t)
	c.tenant.Waits.Propagation = 5 * time.Minute
	c.control("/lag", map[string]string{"policy": "10h"})
	s := open(t, Options{Tenant: c.tenant, Names: []string{smoke}})
	result, err := s.Run(t.Context())
	c.must(err)
	if len(result.Scenarios) != 1 {
		t.Fatalf("result %+v", result)
	}
	r := result.Scenarios[0]
	if r.Outcome != Failed || r.Verdict != "" || !slices.Equal(r.Reasons, []verdict.Code{verdict.TenantNotReady}) ||
		!strings.Contains(r.Step, "Conditional Access policy") || !strings.Contains(r.Error, "TENANT_NOT_READY: waited 5m0s for policy ") {
		t.Errorf("scenario %+v", r)
	}
	if events := c.events(result.Evidence); !strings.Contains(events, `"kind":"effect-seen","text":"effect of context c`) || !strings.Contains(events, "not seen: TENANT_NOT_READY") || !strings.Contains(events, `"kind":"effect-not-seen","text":"effect of policy `) {
		t.Errorf("events %s", events)
	}
	if pending, err := s.journal.Pending(); err != nil || len(pending) > 0 {
		t.Errorf("pending %v, %v", pending, err)
	}
}

// A tenant that lags comes to the verdict of one that does not, and the evidence says how long each
// change took. Without waits.propagation nothing is waited for, and that is said.
func TestTheEvidenceSaysHowLongEachChangeTook(t *testing.T) {
	for name, within := range map[string]time.Duration{"late": 20 * time.Minute, "at once": 0} {
		t.Run(name, func(t *testing.T) {
			c := newClinic(t)
			if c.tenant.Waits.Propagation = within; within > 0 {
				c.control("/lag", map[string]string{"policy": "14m", "context": "12m", "role_setting": "1m"})
			}
			s := open(t, Options{Tenant: c.tenant, Names: []string{smoke}})
			result, err := s.Run(t.Context())
			c.must(err)
			if result.Passed != 1 {
				t.Fatalf("result %+v", result)
			}
			want := []string{
				`effect-seen","text":"effect of context c\d+ seen 12m\d+s after Graph showed it: a token with c\d+ is given silently, for no policy`,
				`effect-seen","text":"effect of policy \S+ seen 14m\d+s after Graph showed it: a token with c\d+ is refused, AADSTS\d+, for the policy`,
				`effect","text":"role-setting \S+: Graph shows it; no silent request shows`,
			}
			if within == 0 {
				want = []string{`effect","text":"context c\d+: Graph shows it; not looked for: this tenant obeys at once`, `effect","text":"policy \S+: Graph shows it; not looked for`, `effect","text":"role-setting \S+: Graph`}
			}
			events := c.events(result.Evidence)
			for _, line := range want {
				if !regexp.MustCompile(`"kind":"` + line).MatchString(events) {
					t.Errorf("no event %s in %s", line, events)
				}
			}
		})
	}
}

// What is expected of a policy depends on whom it covers and what it asks for, whatever Graph lists.
func TestWhatIsExpectedOfAPolicy(t *testing.T) {
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
		want    fixtures.Answer
	}{
		"every time":        {fixtures.PolicyOptions{Frequency: fixtures.EveryTime()}, fixtures.AnswerRefused},
		"block":             {fixtures.PolicyOptions{Grant: fixtures.Grant{Block: true}}, fixtures.AnswerRefused},
		"MFA alone":         {fixtures.PolicyOptions{Grant: fixtures.Grant{MFA: true}}, fixtures.AnswerNone},
		"a day":             {fixtures.PolicyOptions{Frequency: fixtures.EveryDays(1)}, fixtures.AnswerNone},
		"report only":       {fixtures.PolicyOptions{Frequency: fixtures.EveryTime(), State: "enabledForReportingButNotEnforced"}, fixtures.AnswerGranted},
		"under a condition": {fixtures.PolicyOptions{Frequency: fixtures.EveryTime(), IncludePlatforms: []string{"macOS"}}, fixtures.AnswerNone},
		"everybody":         {fixtures.PolicyOptions{Frequency: fixtures.EveryTime(), Everyone: true}, fixtures.AnswerRefused},
		"the admin's group": {fixtures.PolicyOptions{Frequency: fixtures.EveryTime(), Groups: []string{group}}, fixtures.AnswerRefused},
		"another group":     {fixtures.PolicyOptions{Frequency: fixtures.EveryTime(), Groups: []string{other}}, fixtures.AnswerGranted},
		"but for the group": {fixtures.PolicyOptions{Frequency: fixtures.EveryTime(), ExcludeGroups: []string{group}}, fixtures.AnswerGranted},
		"others":            {fixtures.PolicyOptions{Frequency: fixtures.EveryTime(), Everyone: true, ExcludeUsers: []string{c.tenant.Admin.ObjectID}}, fixtures.AnswerGranted},
	} {
		row.options.Contexts, row.options.Name = []string{id}, name
		policy, err := w.fixtures.CreatePolicy(t.Context(), row.options)
		c.must(err)
		change := fixtures.Change{Operation: "policy", ID: policy.ID, Contexts: []string{id}}
		expects := func(when string, want fixtures.Answer) {
			t.Helper()
			expected, err := w.fixtures.Expected(t.Context(), change)
			if err != nil || len(expected) != 1 || expected[0].Answer != want {
				t.Errorf("%s, %s: expected is %+v, %v; want %q", name, when, expected, err, want)
			}
		}
		expects("made", row.want)
		c.must(w.fixtures.DeletePolicy(t.Context(), policy.ID))
		expects("deleted", fixtures.AnswerGranted)
	}
}
