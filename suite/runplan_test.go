package suite

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/planner"
	"github.com/reprompt/reprompt/steps"
)

// rowsOf is an outline with as many rows.
func rowsOf(rows int, sentences ...string) string {
	text := "Feature: Rows\n  Scenario Outline: row <n>\n    Given the test admin is eligible for a privileged role\n"
	for _, sentence := range sentences {
		text += "    " + sentence + "\n"
	}
	text += "    Examples:\n      | n |\n"
	for n := range rows {
		text += fmt.Sprintf("      | %d |\n", n+1)
	}
	return text
}

// Sentences of rows.
const (
	activatesOnce = "When the test admin activates the role through Graph"
	isEnforced    = "Then re-authentication is enforced"
)

// planned is a suite of a feature on a tenant with as many test admins, on which nothing is opened.
func planned(t *testing.T, admins, concurrency int, text string) (*Suite, *said) {
	t.Helper()
	tenant := &config.Tenant{TenantID: "t", Admin: config.Admin{UPN: "admin 0"}}
	for i := 1; i < admins; i++ {
		tenant.TestAdmins = append(tenant.TestAdmins, config.Admin{UPN: fmt.Sprintf("admin %d", i)})
	}
	progress := &said{}
	s := &Suite{target: &target{progress: newProgress(progress), options: Options{Tenant: tenant, Concurrency: concurrency}.withDefaults()}}
	s.place = placeOfFile(tenant)
	var err error
	if s.selection, err = choose([]source{{name: "rows.feature", content: []byte(text)}}, filter{}); err != nil {
		t.Fatal(err)
	}
	s.share()
	return s, progress
}

// Before a run on a tenant of a file it is said how many scenarios come one after the other, and until when.
func TestARunOnATenantSaysItsPlan(t *testing.T) {
	for name, row := range map[string]struct {
		admins, concurrency int
		text                string
		want                []string
	}{
		// 25 s, 11 min, 30 s, 5 min 5 s and 5 s each, one after the other.
		"one worker": {1, 1, rowsOf(10, activatesOnce, isEnforced), []string{
			"plan: 10 scenarios over 1 test admin, at most 10 one after the other; 10 prove a role, 10 min 0 s of browser work",
			"in 2 h 50 min; with --concurrency 2 in 2 h 4 min",
		}},
		// 11 min 55 s each, and PIM's five minutes of the last.
		"one admin, two contexts":     {1, 2, rowsOf(10, activatesOnce, isEnforced), []string{"at most 10 one after the other", "in 2 h 4 min", "2 browser contexts at a time"}},
		"as many as are there":        {10, 10, rowsOf(10, activatesOnce, isEnforced), []string{"over 10 test admins, at most 1 one", "in 17 min 5 s"}},
		"rows for hundreds":           {8, 4, rowsOf(400, activatesOnce, isEnforced), []string{"over 8 test admins, at most 50 one", "in 10 h "}},
		"twice takes another window":  {1, 2, rowsOf(2, "When the test admin activates the role through Graph twice", isEnforced), []string{"in 52 min "}},
		"somebody else's look behind": {1, 2, rowsOf(2, activatesOnce, isEnforced, "And our own page says so"), []string{"in 34 min 10 s"}},
		"sentences of somebody else's": {1, 2, rowsOf(2, "When our own page activates it"), []string{
			"2 of them have sentences of your own", "in 34 min 10 s",
		}},
		"nothing is proved": {1, 2, rowsOf(9), []string{"0 prove a role", "in 0.0 s"}},
		"one role for all": {2, 2, strings.Replace(rowsOf(2, activatesOnce, isEnforced), "  Scenario", "  @lease:context:c7\n  Scenario", 1), []string{
			"over 1 test admin, at most 2 one after the other", "in 34 min 10 s",
		}},
		"one scenario": {1, 1, rowsOf(1, activatesOnce, isEnforced), nil},
	} {
		s, progress := planned(t, row.admins, row.concurrency, row.text)
		s.sayShared()
		text := progress.String()
		for _, want := range row.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: nothing is said like %q:\n%s", name, want, text)
			}
		}
		if row.want == nil && text != "" {
			t.Errorf("%s: said %q", name, text)
		}
	}
}

// Every sentence that comes to a verdict is foretold: it is known as one, and its stretches can be planned.
func TestEverySentenceThatProvesIsForetold(t *testing.T) {
	catalogue := (&Suite{}).catalogue()
	sentences, err := steps.Catalogue()
	if err != nil || len(catalogue.all) != len(sentences) {
		t.Fatalf("%d of %d sentences are known, %v", len(catalogue.all), len(sentences), err)
	}
	foretold := map[time.Duration]int{}
	for _, sentence := range sentences {
		_, text, _ := strings.Cut(sentence.Example, " ")
		if !sentence.Proves {
			continue
		}
		if !catalogue.proves.has(text) {
			t.Errorf("%q is not known to prove a role", text)
		}
		plan, err := planner.New(planner.Work{Roles: []planner.Role{{Admins: []int{0}}}, Admins: 1, Contexts: 1, Proof: activating(text, planner.Costs{})})
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		foretold[plan.Ends.Sub(time.Time{}).Round(time.Minute)]++
	}
	// Within the window, once, twice within it, late, twice, and until the activation ends by itself.
	for _, minutes := range []time.Duration{5, 10, 16, 27, 41, 66} {
		if foretold[minutes*time.Minute] == 0 {
			t.Errorf("no sentence is foretold to take %d minutes: %v", minutes, foretold)
		}
	}
}
