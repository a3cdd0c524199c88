package suite

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cucumber/godog"
	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/lease"
)

const sameRole = `Feature: One role
  Background:
    Given a published authentication context

  Scenario: holds it
    Given the shared role
    And the role setting requires the context on activation
    And it opens "held"
    And it waits for "the other"

  Scenario: wants it
    Given it waits for "held"
    And the shared role
    And the role setting requires the context on activation
`

// Two scenarios with an admin each want the same role: the second waits, says so, and finds the role as it was
// before the first.
func TestTwoScenariosNeverHaveOneRole(t *testing.T) {
	tenant, role := severalAdmins(t, 2)
	g := &gate{role: role}
	progress := g.onLine(map[string]string{`waiting for role ` + role.DefinitionID + `, which "holds it" has`: "the other"})
	s, result := g.mustTakeTurns(t, tenant, progress, sameRole)
	events, err := filepath.Glob(filepath.Join(result.Evidence, "scenarios", "*", "events.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	var told int
	for _, file := range events {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if text := string(data); strings.Contains(text, `for role `+role.DefinitionID+`, which \"holds it\" has`) && strings.Contains(text, "has role "+role.DefinitionID) {
			told++
		}
	}
	if told != 1 {
		t.Errorf("the evidence of %d scenarios says that it waited for the role, want that of one", told)
	}
	nothingLeft(t, s)
}

const interrupted = `Feature: An interruption
  Background:
    Given a published authentication context

  @lease:role:ROLE
  Scenario Outline: has it, <n>
    Given the shared role
    And the role setting requires the context on activation
    And it opens "held"
    And it waits for "nobody"
    Examples:
      | n |
      | 1 |
      | 2 |

  Scenario: wants it
    Given it waits for "held"
    And the shared role
`

// One works, one waits for what it has come to need, one has not begun: an interruption ends them all, and what
// the two made is taken back.
func TestAnInterruptionWhileOthersWaitLeavesNothing(t *testing.T) {
	tenant, role := severalAdmins(t, 2)
	g := &gate{role: role}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	progress := g.onLine(map[string]string{
		"wants it:   waiting for role ": "claim", "has it, 1: waiting for role ": "begin", "has it, 2: waiting for role ": "begin",
	})
	go func() {
		if g.await(ctx, "claim", "begin") == nil {
			cancel()
		}
	}()
	text := strings.Replace(interrupted, "ROLE", role.DefinitionID, 1)
	s := open(t, Options{
		Tenant: tenant, Concurrency: 3, Progress: progress, Paths: []string{featureFile(t, text)}, sentences: g.register,
		RunOptions: RunOptions{StepTimeout: time.Minute},
	})
	result, err := s.Run(ctx)
	stopped := new(InterruptedError)
	if !errors.As(err, &stopped) {
		t.Fatalf("error = %v, want an interruption\n%s", err, progress.String())
	}
	undone := strings.Join(stopped.Undone, "\n")
	for what, want := range map[string]int{"authentication context": 2, "setting of role": 1, "eligibility": 1} {
		if got := strings.Count(undone, what); got != want {
			t.Errorf("undone %d times, want %d: %s\n%s", got, want, what, undone)
		}
	}
	for _, one := range result.Scenarios {
		if one.Outcome != NotRun {
			t.Errorf("%s ended as %s: %s", one.Name, one.Outcome, one.Error)
		}
	}
	if len(result.Scenarios) != 3 {
		t.Errorf("%d scenarios are told of, want 3", len(result.Scenarios))
	}
	nothingLeft(t, s)
}

const ownAdmins = `Feature: Admins of their own
  Scenario: one
    Given a test admin made for this scenario, with an access pass
    And it opens "one"
    And it waits for "two"

  Scenario: two
    Given a test admin made for this scenario, with an access pass
    And it opens "two"
    And it waits for "one"
`

// A scenario that makes its test admin lets the tenant's own one go, so that two of them run at a time over one.
func TestScenariosWithAdminsOfTheirOwnRunTogether(t *testing.T) {
	tenant, _ := severalAdmins(t, 1)
	g := &gate{}
	s := open(t, Options{
		Tenant: tenant, Concurrency: 2, Paths: []string{featureFile(t, ownAdmins)}, sentences: g.register,
		RunOptions: RunOptions{StepTimeout: time.Minute},
	})
	if result, err := s.Run(t.Context()); err != nil || result.Passed != 2 {
		t.Errorf("%+v, %v", result, err)
	}
	nothingLeft(t, s)
}

// The admin that a scenario has given something is its own until that was taken away again.
func TestAnAdminThatWasTouchedIsKept(t *testing.T) {
	tenant, _ := severalAdmins(t, 1)
	kept := map[string]bool{}
	text := `Feature: Own
  Scenario: touched
    Given the test admin has a passkey
    And a test admin made for this scenario, with an access pass
    Then it says whether the admin is kept
  Scenario: untouched
    Given a published authentication context
    And a test admin made for this scenario, with an access pass
    Then it says whether the admin is kept
`
	s := open(t, Options{Tenant: tenant, Concurrency: 1, Paths: []string{featureFile(t, text)}, sentences: func(sc *godog.ScenarioContext) {
		sc.Then(`^it says whether the admin is kept$`, func(ctx context.Context) {
			own := ownTenant(ctx)
			kept[runningIn(ctx).pickle.Name] = slices.Contains(own.lent.holder.Has(), own.suite.shared.things[0])
		})
	}})
	if result, err := s.Run(t.Context()); err != nil || result.Passed != 2 {
		t.Errorf("%+v, %v", result, err)
	}
	if diff := cmp.Diff(map[string]bool{"touched": true, "untouched": false}, kept); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	nothingLeft(t, s)
}

// Where the file has its test admin made, as many are made as scenarios run at a time, and all are taken away.
func TestAsManyAdminsAreMadeAsScenariosRunAtATime(t *testing.T) {
	tenant, own := madeIn(t, config.MadeWithAccessPass)
	g := &gate{}
	text := `Feature: Own
  Scenario: one
    Given it opens "one"
    And it waits for "two"
  Scenario: two
    Given it opens "two"
    And it waits for "one"
`
	var mu sync.Mutex
	var admins []string
	s := open(t, Options{
		Tenant: tenant, Concurrency: 2, Paths: []string{featureFile(t, text)}, RunOptions: RunOptions{StepTimeout: time.Minute},
		sentences: func(sc *godog.ScenarioContext) {
			g.register(sc)
			sc.Before(func(ctx context.Context, _ *godog.Scenario) (context.Context, error) {
				mu.Lock()
				defer mu.Unlock()
				admins = append(admins, ownTenant(ctx).place.adminID)
				return ctx, nil
			})
		},
	})
	if result, err := s.Run(t.Context()); err != nil || result.Passed != 2 {
		t.Errorf("%+v, %v", result, err)
	}
	if len(admins) != 2 || admins[0] == admins[1] || slices.Contains(admins, own.ObjectID) {
		t.Errorf("the scenarios had %v, want two admins that were made", admins)
	}
	if left := admitted(t, tenant); len(left) != 1 || left[0] != own.ObjectID {
		t.Errorf("the public client is for %v, want %s alone again", left, own.ObjectID)
	}
	nothingLeft(t, s)
}

// What a scenario names beforehand it has from the beginning, and whoever names the same begins behind it.
func TestTagsNameWhatAScenarioNeeds(t *testing.T) {
	tenant, role := severalAdmins(t, 2)
	g := &gate{role: role}
	tag := "@lease:role:" + role.DefinitionID
	text := strings.NewReplacer("  Scenario: holds", "  "+tag+" @lease:context:c7\n  Scenario: holds", "  Scenario: wants", "  "+tag+"\n  Scenario: wants",
		"    Given it waits for \"held\"\n    And the shared", "    Given the shared").Replace(sameRole)
	progress := g.onLine(map[string]string{`waiting for role ` + role.DefinitionID + `, which "`: "the other"}) // whichever came first
	s, _ := g.mustTakeTurns(t, tenant, progress, text)
	nothingLeft(t, s)
}

func TestLeaseTags(t *testing.T) {
	id := "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3" // of Application Administrator (documented)
	got, err := leasesIn([]string{"@smoke", "@lease:role:" + strings.ToUpper(id), "@lease:context:c12"})
	if diff := cmp.Diff([]lease.Thing{{Kind: "role", ID: id}, {Kind: "authentication context", ID: "c12"}}, got); diff != "" || err != nil {
		t.Errorf("leases (-want +got):\n%s%v", diff, err)
	}
	for _, tag := range []string{"@lease:", "@lease:role:", "@lease:role:Application_Administrator", "@lease:context:c0", "@lease:context:c100", "@lease:admin:a"} {
		file := featureFile(t, "Feature: Own\n  "+tag+"\n  Scenario: One\n    Given a published authentication context\n")
		_, err := Open(t.Context(), Options{Paths: []string{file}, EvidenceDir: t.TempDir()})
		wantRequirement(t, tag, err, []string{tag + " names no lease", "@lease:role:ID", `"One"`})
	}
}

func TestHowManyScenariosRunAtATime(t *testing.T) {
	file := func(others int) *config.Tenant { return &config.Tenant{TestAdmins: make([]config.Admin, others)} }
	many := Options{}.withDefaults().Concurrency
	for name, row := range map[string]struct {
		options Options
		want    int
	}{
		"the embedded tenant":      {Options{}, many},
		"one test admin":           {Options{Tenant: file(0)}, 1},
		"two test admins":          {Options{Tenant: file(1)}, min(2, many)},
		"many test admins":         {Options{Tenant: file(50)}, many},
		"as somebody says":         {Options{Tenant: file(0), Concurrency: 7}, 7},
		"a person at one window":   {Options{Tenant: file(3), Concurrency: 7, Human: true}, 1},
		"a person, nobody says it": {Options{Tenant: file(3), Human: true}, 1},
	} {
		if got := row.options.withAdmins().withDefaults().Concurrency; got != row.want {
			t.Errorf("%s: %d at a time, want %d", name, got, row.want)
		}
	}
}
