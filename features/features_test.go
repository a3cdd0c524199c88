package features_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/cucumber/godog"

	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/suite"
)

// TestFeatures runs every scenario on the embedded tenant, each as a subtest.
func TestFeatures(t *testing.T) {
	dir := t.TempDir()
	s, err := suite.Open(t.Context(), suite.Options{
		EvidenceDir: dir, Command: "go test ./features", RunOptions: suite.RunOptions{Seed: seed(t)},
	})
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
	verify(t, dir)
}

// seed is by what the scenarios are shuffled: the number in REPROMPT_TEST_SEED, which .ci/run sets to
// another one each time. Without it they run in order.
func seed(t *testing.T) int64 {
	t.Helper()
	text := os.Getenv("REPROMPT_TEST_SEED")
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatalf("REPROMPT_TEST_SEED is %q: give a whole number", text)
	}
	t.Logf("shuffled: the same order again with REPROMPT_TEST_SEED=%d", n)
	return n
}

// verify holds what the scenarios left behind against the verifier: whatever happened in them, the
// bundle is whole, and every verdict of it is decided again.
func verify(t *testing.T, dir string) {
	t.Helper()
	bundles, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(bundles) != 1 {
		t.Fatalf("the run left %v, want one bundle: %v", bundles, err)
	}
	v, err := evidence.Verify(bundles[0], evidence.VerifyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range v.Problems {
		t.Errorf("its bundle does not verify: %s", p)
	}
	if v.Outcome == evidence.Undecidable {
		t.Error("its verdicts were not decided again")
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
