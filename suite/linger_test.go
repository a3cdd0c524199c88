package suite

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cucumber/godog"

	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/steps"
)

// Whoever is called when a scenario failed finds its pages open and the tenant as the scenario left it.
func TestAPauseComesBeforeAnythingIsUndone(t *testing.T) {
	var (
		s      *Suite
		failed []ScenarioResult
		left   int
	)
	pause := func(_ context.Context, r ScenarioResult) {
		failed = append(failed, r)
		pending, err := s.journal.Pending()
		if err != nil {
			t.Error(err)
		}
		left = len(pending)
	}
	s = open(t, Options{
		Paths: []string{failing(t)}, OnlySentences: true, RunOptions: RunOptions{PauseOnFailure: pause},
	})
	result, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if result.Failed != 1 || result.Passed != 1 || len(failed) != 1 {
		t.Fatalf("%d failed, %d passed, paused for %+v", result.Failed, result.Passed, failed)
	}
	if r := failed[0]; r.Name != "wrong" || r.Verdict != "inconclusive" || !slices.Contains(r.Reasons, "WITHIN_REUSE_WINDOW") || r.Step == "" {
		t.Errorf("paused for %+v", r)
	}
	if left == 0 {
		t.Error("what the scenario made was undone before the pause")
	}
	if pending, err := s.journal.Pending(); err != nil || len(pending) > 0 {
		t.Errorf("left behind: %v, %v", pending, err)
	}
}

func failing(t *testing.T) string {
	t.Helper()
	return featureFile(t, `Feature: Own
  Background:
    Given a published authentication context
    And a Conditional Access policy on the context that asks for sign-in every time
    And the test admin is eligible for a privileged role
    And the role setting requires the context on activation

  Scenario: right
    When the test admin activates the role right after signing in
    Then the verdict is inconclusive because of "WITHIN_REUSE_WINDOW"

  Scenario: wrong
    When the test admin activates the role right after signing in
    Then re-authentication is enforced
`)
}

// Whoever looks at a scenario that failed sees a page: the one at which the proof broke, or the portal with the
// admin's roles where it came to its end. (A window without one was all there was.)
func TestAPauseShowsAPage(t *testing.T) {
	const world = `Feature: Own
  Scenario: wrong
    Given a published authentication context
    And a Conditional Access policy on the context that asks for sign-in every time
    And the test admin is eligible for a privileged role
    And the role setting requires the context on activation
`
	for name, row := range map[string]struct {
		steps string
		tries func(own *tenant)
		want  string
	}{
		"a verdict that was not demanded": {"When the test admin activates the role in the portal\n    Then re-authentication is not enforced", nil, "https://entra.microsoft.com/#view/"},
		"a proof that broke": {"When the test admin activates the role in the portal\n    Then re-authentication is enforced", func(own *tenant) {
			own.admin.Password = secret.New("not the password")
		}, "https://login.microsoftonline.com/"},
	} {
		t.Run(name, func(t *testing.T) {
			var own *tenant
			var shown []string
			pause := func(context.Context, ScenarioResult) {
				for _, session := range own.open {
					for _, tab := range session.Tabs() {
						shown = append(shown, tab.URL())
					}
				}
			}
			s := open(t, Options{
				Paths: []string{featureFile(t, world+"    "+row.steps+"\n")}, RunOptions: RunOptions{PauseOnFailure: pause},
				sentences: func(sc *godog.ScenarioContext) {
					sc.Before(func(ctx context.Context, _ *godog.Scenario) (context.Context, error) {
						given, _ := steps.TenantOf(ctx)
						own = given.(*tenant)
						if row.tries != nil {
							row.tries(own)
						}
						return ctx, nil
					})
				},
			})
			result, err := s.Run(t.Context())
			if err != nil || result.Failed != 1 {
				t.Fatalf("%+v, %v", result, err)
			}
			if len(shown) != 1 || !strings.HasPrefix(shown[0], row.want) {
				t.Errorf("open are %q, want a page of %s", shown, row.want)
			}
		})
	}
}

// featureFile is a file of this text.
func featureFile(t testing.TB, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "own.feature")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
