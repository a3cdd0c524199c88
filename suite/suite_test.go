package suite

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/cucumber/godog"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/emulator"
	"github.com/reprompt/reprompt/steps"
)

const smoke = "^Activation through Graph$"

// open opens a suite that the test closes, with its evidence in a folder that goes away.
func open(t testing.TB, options Options) *Suite {
	t.Helper()
	if options.EvidenceDir == "" {
		options.EvidenceDir = t.TempDir()
	}
	s, err := Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestSmokeScenarioOnTheEmbeddedTenant(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Options{Names: []string{smoke}, EvidenceDir: dir, Command: "go test"})
	result, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if result.Passed != 1 || result.Failed != 0 || result.Selected != 1 || result.Target != "embedded" {
		t.Errorf("result = %+v", result)
	}
	one := result.Scenarios[0]
	if one.Expected.Verdict != "enforced" || len(one.Reasons) == 0 || one.Reasons[0] != "REPROMPTED" || len(one.Causes) != 0 || !slices.Contains(one.Tags, "@smoke") {
		t.Errorf("the scenario is told of as %+v", one)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(left) != 1 || left[0] != result.Evidence {
		t.Errorf("the evidence folder holds %v, want the run's folder alone: its journal ends with the tenant", left)
	}
	var run struct {
		State    string `json:"state"`
		Target   string `json:"target"`
		Restored *bool  `json:"restored"`
		Browser  struct {
			Version string `json:"version"`
			SHA256  string `json:"sha256"`
		} `json:"browser"`
	}
	readJSON(t, filepath.Join(result.Evidence, "run.json"), &run)
	if run.State != "finished" || run.Target != "embedded" || run.Restored == nil || !*run.Restored {
		t.Errorf("run.json = %+v, want a finished run on a restored embedded tenant", run)
	}
	if run.Browser.Version == "" || len(run.Browser.SHA256) != 64 {
		t.Errorf("the browser is recorded as %+v", run.Browser)
	}
	if _, err := os.Stat(result.Report); err != nil {
		t.Error(err)
	}
}

func readJSON(t testing.TB, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// playOne runs a feature of one scenario, with a sentence more.
func playOne(t *testing.T, sentence string, step any) *Result {
	t.Helper()
	file := filepath.Join(t.TempDir(), "own.feature")
	text := "Feature: Our own\n  Scenario: One\n    Given " + sentence + "\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, Options{Paths: []string{file}})
	options := s.Options()
	options.DefaultContext = t.Context()
	godog.TestSuite{
		ScenarioInitializer: func(sc *godog.ScenarioContext) {
			s.InitializeScenario(sc)
			sc.Given("^"+sentence+"$", step)
		},
		Options: options,
	}.Run()
	result := &Result{Scenarios: s.tally.list()}
	if len(result.Scenarios) != 1 {
		t.Fatalf("%d scenarios ended, want 1", len(result.Scenarios))
	}
	return result
}

func TestWhatIsNotModelledFailsTheScenario(t *testing.T) {
	for name, tt := range map[string]struct{ url, want string }{
		"a request without a model":     {"https://login.microsoftonline.com/TENANT/nothing/of/the/kind", "is not modelled"},
		"a host that is not emulated":   {"https://www.example.org/", "is not emulated"},
		"the browser's own update host": {"https://update.googleapis.com/", ""},
	} {
		result := playOne(t, "a request", func(ctx context.Context) error {
			given, _ := steps.TenantOf(ctx)
			own := given.(*tenant)
			client := own.dial.client()
			url := strings.ReplaceAll(tt.url, "TENANT", own.place.tenantID)
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
			if err != nil {
				return err
			}
			if response, err := client.Do(request); err == nil {
				return response.Body.Close()
			}
			return nil // refused by the proxy, which is what we came for
		}).Scenarios[0]
		switch {
		case tt.want == "" && result.Outcome != Passed:
			t.Errorf("%s: %+v", name, result)
		case tt.want != "" && (result.Outcome != Failed || !strings.Contains(result.Error, tt.want)):
			t.Errorf("%s: %+v, want a failure that says %q", name, result, tt.want)
		}
	}
}

// interruptAt cancels a context when a text is written.
type interruptAt struct {
	text   string
	cancel context.CancelFunc
	once   sync.Once
}

// Write implements io.Writer.
func (w *interruptAt) Write(p []byte) (int, error) {
	if strings.Contains(string(p), w.text) {
		w.once.Do(w.cancel)
	}
	return len(p), nil
}

func TestInterruptedRunUndoesWhatItMade(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := open(t, Options{Progress: &interruptAt{text: "sign in", cancel: cancel}, Tags: "@control", Concurrency: 1})
	result, err := s.Run(ctx)
	interrupted := new(InterruptedError)
	if !errors.As(err, &interrupted) {
		t.Fatalf("error = %v, want an interruption", err)
	}
	undone := strings.Join(interrupted.Undone, "\n")
	for _, what := range []string{"setting of role", "eligibility", "conditional access policy", "authentication context"} {
		if strings.Count(undone, what) != 1 {
			t.Errorf("undone %d times: %s\n%s", strings.Count(undone, what), what, undone)
		}
	}
	if result.Passed != 0 || result.Failed != 0 {
		t.Errorf("result = %+v, want no scenario that came to an end", result)
	}
	pending, err := s.journal.Pending()
	if err != nil || len(pending) != 0 {
		t.Errorf("pending = %v, %v", pending, err)
	}
}

// lab is an embedded tenant behind its files, as `reprompt emulator` serves it.
func lab(t testing.TB, sample bool) *config.Tenant {
	t.Helper()
	tenant, _ := labOf(t, emulator.Options{Sample: sample})
	return tenant
}

// labOf is lab of a tenant of its own kind, with what it says of itself.
func labOf(t testing.TB, options emulator.Options) (*config.Tenant, emulator.Access) {
	t.Helper()
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	server, err := emulator.Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	files, err := writeAccess(t.TempDir(), server)
	if err != nil {
		t.Fatal(err)
	}
	tenant, err := config.Load(files.TenantFile)
	if err != nil {
		t.Fatal(err)
	}
	return tenant, server.Access()
}

func TestScenariosOnATenantOfAFileLeaveNothing(t *testing.T) {
	tenant := lab(t, false)
	s := open(t, Options{Tenant: tenant, Names: []string{smoke, "names no context$"}})
	result, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if result.Passed != 2 || result.Target != "embedded" || result.TenantID != tenant.TenantID {
		t.Errorf("result = %+v", result)
	}
	if s.Journal() == "" {
		t.Error("a tenant of a file has no journal that survives")
	}
	pending, err := s.journal.Pending()
	if err != nil || len(pending) != 0 {
		t.Errorf("pending = %v, %v", pending, err)
	}
}

func TestProveOnATenantOfAFile(t *testing.T) {
	tenant := lab(t, true)
	request := ProveRequest{Roles: []string{embeddedRole}, Way: "graph"}
	proofs, err := Prove(t.Context(), Options{Tenant: tenant, EvidenceDir: t.TempDir()}, request, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(proofs) != 1 || proofs[0].Verdict == nil || proofs[0].Verdict.Outcome != "enforced" {
		t.Fatalf("proofs = %+v", proofs)
	}
	if restored := proofs[0].Restored; restored == nil || !*restored {
		t.Error("the role was not given back")
	}

	if tenant.ReaderApp == nil {
		t.Error("the tenant file names no application that may only read")
	}
	tenant.Safety.MaxActivationsPerDay = 1
	_, err = Prove(t.Context(), Options{Tenant: tenant, EvidenceDir: t.TempDir()}, request, nil)
	if requirement := new(RequirementError); !errors.As(err, &requirement) || !strings.Contains(err.Error(), "max_activations_per_day") {
		t.Errorf("error = %v, want the daily limit", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	for name, options := range map[string]Options{
		"an expression that matches nothing": {Tags: "@smoke and not @smoke"},
		"the old tag syntax":                 {Tags: "~@smoke"},
		"a path that is not there":           {Paths: []string{"missing.feature"}},
		"a browser that is not there":        {BrowserPath: "/no/such/browser"},
	} {
		options.EvidenceDir = filepath.Join(t.TempDir(), "evidence")
		s, err := Open(t.Context(), options)
		if requirement := new(RequirementError); !errors.As(err, &requirement) {
			t.Errorf("%s: error = %v, want a requirement", name, err)
		}
		if s != nil {
			t.Errorf("%s: a suite was opened", name)
		}
		if _, err := os.Stat(options.EvidenceDir); err == nil {
			t.Errorf("%s: a folder was left", name)
		}
	}
}
