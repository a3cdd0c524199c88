package features_test

import (
	"context"
	"os"
	"testing"

	"github.com/cucumber/godog"

	"github.com/reprompt/reprompt/suite"
)

// TestFeatures runs every scenario on the embedded tenant, each as a subtest.
func TestFeatures(t *testing.T) {
	s, err := suite.Open(t.Context(), suite.Options{EvidenceDir: t.TempDir(), Command: "go test ./features"})
	if err != nil {
		t.Fatal(err)
	}
	options := s.Options()
	options.TestingT = t
	status := godog.TestSuite{
		Name:                 "features",
		TestSuiteInitializer: s.InitializeTestSuite,
		ScenarioInitializer:  s.InitializeScenario,
		Options:              options,
	}.Run()
	if err := s.Close(context.WithoutCancel(t.Context())); err != nil {
		t.Error(err)
	}
	if status != 0 {
		t.Errorf("godog ended with status %d", status)
	}
}

// tool is the suite of `go tool godog run --strict .`, which knows no other place to keep it.
var tool *suite.Suite

// InitializeTestSuite is what the godog tool calls first.
func InitializeTestSuite(tc *godog.TestSuiteContext) {
	s, err := suite.Open(context.Background(), suite.Options{
		EvidenceDir: "../evidence-out", Command: "godog run", Progress: os.Stderr,
	})
	if err != nil {
		panic(err)
	}
	tool = s
	tc.AfterSuite(func() { // before the guard, which can only panic
		if err := s.Close(context.Background()); err != nil {
			panic(err)
		}
	})
	s.InitializeTestSuite(tc)
}

// InitializeScenario is what the godog tool calls for each scenario.
func InitializeScenario(sc *godog.ScenarioContext) { tool.InitializeScenario(sc) }
