package suite

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cucumber/godog"

	"github.com/reprompt/reprompt/telemetry"
	"github.com/reprompt/reprompt/telemetry/tracetest"
)

// traced is a context of which a collector is told, and a func that ends that.
func traced(t *testing.T) (context.Context, *tracetest.Collector, func() tracetest.Spans) {
	t.Helper()
	collector := tracetest.New(t)
	tracer, err := telemetry.FromEnvironment(telemetry.Options{
		Getenv: func(name string) string {
			return map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL}[name]
		},
		Say: func(text string) { t.Error(text) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return tracer.Into(t.Context()), collector, func() tracetest.Spans {
		tracer.Close(t.Context())
		spans := collector.Spans()
		for _, wrong := range spans.Nest() {
			t.Error(wrong)
		}
		return spans
	}
}

// The scenarios that everybody begins with, one through the portal and one through Graph, two at a time.
func TestSpansOfARun(t *testing.T) {
	ctx, collector, sent := traced(t)
	s, err := Open(ctx, Options{Names: []string{"^Activation through (Graph|the portal)$"}, Concurrency: 2, EvidenceDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	result, err := s.Run(ctx)
	if err != nil || result.Passed != 2 {
		t.Fatalf("%+v, %v", result, err)
	}
	if err := s.Close(ctx); err != nil {
		t.Fatal(err)
	}
	spans := sent()
	rootIsTold(t, spans, map[string]string{
		"name": "run", "test.suite.name": "reprompt run", "test.suite.run.status": "success", "reprompt.run.id": s.runID, "reprompt.scenarios.passed": "2", "reprompt.embedded": "true",
	})
	for _, scenario := range spans.Named("scenario ") {
		wantTexts(t, scenario, map[string]string{
			"test.case.name": strings.TrimPrefix(scenario.Name, "scenario "), "test.case.result.status": "pass", "reprompt.verdict": "enforced",
			"reprompt.reasons": "REPROMPTED", "reprompt.feature": "role_activation.feature", "reprompt.attempt": "1", "error.type": "",
		})
	}
	for _, path := range []string{
		"run > scenario Activation through Graph > step the test admin is eligible for a privileged role > POST /v1.0/roleManagement/directory/roleEligibilityScheduleRequests",
		"run > scenario Activation through Graph > step re-authentication is enforced",
		"run > scenario Activation through Graph > step the test admin activates the role through Graph > step activate the role > POST /v1.0/roleManagement/directory/roleAssignmentScheduleRequests",
		"run > scenario Activation through Graph > step the test admin activates the role through Graph > step activate the role > page password",
		"run > scenario Activation through Graph > step the test admin activates the role through Graph > step sign in > navigate login.microsoftonline.com",
		"run > scenario Activation through Graph > step the test admin activates the role through Graph > step probe the session > page silent sign-in > navigate login.microsoftonline.com",
		"run > scenario Activation through the portal > step the test admin activates the role in the portal > step activate the role > page portal activate > page password",
		"run > scenario Activation through the portal > step the test admin activates the role in the portal > step activate the role > page portal my-roles > navigate entra.microsoft.com",
	} {
		if !slices.ContainsFunc(spans, func(s *tracetest.Span) bool { return strings.Join(spans.Path(s), " > ") == path }) {
			t.Errorf("there is no span %s", path)
		}
	}
	callsAreByTheConventions(t, spans)
	pagesAreTold(t, spans)
	nothingSecret(t, spans, collector, s)
	if t.Failed() {
		for _, span := range spans {
			t.Log(strings.Join(spans.Path(span), " > "))
		}
	}
}

func wantTexts(t *testing.T, span *tracetest.Span, want map[string]string) {
	t.Helper()
	for key, value := range want {
		if got := span.Text(key); got != value {
			t.Errorf("%s: %s is %q, want %q", span.Name, key, got, value)
		}
	}
}

// rootIsTold looks at the one span that nothing is around.
func rootIsTold(t *testing.T, spans tracetest.Spans, want map[string]string) {
	t.Helper()
	var roots []*tracetest.Span
	for _, s := range spans {
		if len(s.ParentSpanId) == 0 {
			roots = append(roots, s)
		}
	}
	if len(roots) != 1 || roots[0].Name != want["name"] {
		t.Fatalf("%d spans have nothing around them: %v", len(roots), roots)
	}
	delete(want, "name")
	wantTexts(t, roots[0], want)
}

// callsAreByTheConventions looks at every call: its name, its kind, its answer; a refusal is an error.
func callsAreByTheConventions(t *testing.T, spans tracetest.Spans) {
	t.Helper()
	method := regexp.MustCompile(`^(GET|POST|PATCH|DELETE|HEAD) /`)
	graph, refused := 0, 0
	for _, s := range spans {
		if s.Client() != method.MatchString(s.Name) {
			t.Errorf("%s is of kind %s", s.Name, s.Kind)
		}
		if !s.Client() {
			continue
		}
		status := s.Text("http.response.status_code")
		wantTexts(t, s, map[string]string{"server.port": "443", "network.protocol.version": "2"})
		if !strings.HasPrefix(s.Text("url.full"), "https://"+s.Text("server.address")+"/") || s.Name != s.Text("http.request.method")+" "+s.Text("url.template") {
			t.Errorf("%s is of %s at %s", s.Name, s.Text("url.full"), s.Text("server.address"))
		}
		if failed := status >= "400"; failed != s.Failed() || failed && s.Text("error.type") != status {
			t.Errorf("%s was answered %s and has the error %q", s.Name, status, s.Text("error.type"))
		}
		if s.Text("server.address") == "graph.microsoft.com" {
			graph++
			if s.Text("http.response.header.request-id") == "" {
				t.Errorf("%s: Graph's request-id is not told", s.Name)
			}
		}
		if strings.HasSuffix(s.Name, "roleAssignmentScheduleRequests") && status == "400" {
			refused++
		}
	}
	if graph < 20 || refused < 4 {
		t.Errorf("%d calls of Graph, %d refused activations: want more than 20, and two plain tokens of each scenario", graph, refused)
	}
}

// pagesAreTold looks at the pages of the step-up: they stood still and their credential was sent.
func pagesAreTold(t *testing.T, spans tracetest.Spans) {
	t.Helper()
	stepUps := 0
	for _, s := range spans.Named("page password") {
		if !strings.Contains(strings.Join(spans.Path(s), " > "), "step activate the role") {
			continue
		}
		stepUps++
		wantTexts(t, s, map[string]string{
			"reprompt.page.factor": "password", "reprompt.page.stood_still": "true", "reprompt.page.sent": "true", "server.address": "login.microsoftonline.com",
		})
	}
	if stepUps != 2 {
		t.Errorf("%d password pages in the step-ups, want 2", stepUps)
	}
}

// nothingSecret looks through everything that was sent with the guard of the evidence, which knows every
// secret of the run's tenants, and for the name of anybody.
func nothingSecret(t *testing.T, spans tracetest.Spans, collector *tracetest.Collector, s *Suite) {
	t.Helper()
	if raw := string(collector.Raw()); s.run.Withhold(raw) != raw {
		t.Error("what was sent holds a secret that the evidence would refuse")
	}
	for _, span := range spans {
		for _, text := range span.Texts() {
			if strings.Contains(text, "@") || strings.Contains(text, "%40") || strings.Contains(text, "?") {
				t.Errorf("%s: %s", span.Name, text)
			}
		}
	}
}

// What fails is told as failed, by how and not by its text; and what looks like a secret is withheld.
func TestSpansOfWhatFails(t *testing.T) {
	const token = "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiIxMjM0NTY3ODkwIn0"
	ctx, collector, sent := traced(t)
	text := "Feature: F\n  Scenario: it breaks\n    Given it breaks for adele@contoso.example\n    And it is not reached\n\n  Scenario: unknown\n    Given nobody knows this\n"
	s, err := Open(ctx, Options{Paths: []string{featureFile(t, text)}, Concurrency: 1, EvidenceDir: t.TempDir(), sentences: func(sc *godog.ScenarioContext) {
		sc.Given(`^it breaks for (.+)$`, func(ctx context.Context, who string) error {
			_, span := telemetry.Start(ctx, "own span", telemetry.String("own", token))
			span.End()
			return fmt.Errorf("it broke for %s with %s", who, token)
		})
		sc.Given(`^it is not reached$`, func() error { return errors.New("it was reached") })
	}})
	if err != nil {
		t.Fatal(err)
	}
	result, err := s.Run(ctx)
	if err != nil || result.Failed != 2 {
		t.Fatalf("%+v, %v", result, err)
	}
	if err := s.Close(ctx); err != nil {
		t.Fatal(err)
	}
	spans := sent()
	rootIsTold(t, spans, map[string]string{"name": "run", "test.suite.run.status": "failure", "reprompt.scenarios.failed": "2"})
	if broke := spans.Named("step it breaks for {user}"); len(broke) != 1 || !broke[0].Failed() || broke[0].Text("reprompt.step.status") != "failed" {
		t.Errorf("the step that broke is told as %v", broke)
	}
	if own := spans.Named("own span"); len(own) != 1 || !strings.HasPrefix(own[0].Text("own"), "[withheld") || spans.Parent(own[0]).Name != "step it breaks for {user}" {
		t.Errorf("a span of a sentence of one's own is in %v", own)
	}
	scenarios := 0
	for _, s := range spans {
		if s.Text("test.case.name") == "" {
			continue
		}
		scenarios++
		if wantTexts(t, s, map[string]string{"test.case.result.status": "fail", "error.type": "failed", "reprompt.verdict": ""}); !s.Failed() {
			t.Errorf("%s did not fail", s.Name)
		}
	}
	if scenarios != 2 || len(spans.Named("step it is not reached")) != 0 {
		t.Errorf("%d scenarios; the step behind the one that broke: %v", scenarios, spans.Named("step it is not reached"))
	}
	if raw := string(collector.Raw()); strings.Contains(raw, token) || strings.Contains(raw, "adele") {
		t.Error("a token or a name is in what was sent")
	}
}

// A role whose control fails is a finding, and no failure of what looked.
func TestSpansOfAProof(t *testing.T) {
	ctx, _, sent := traced(t)
	tenant := lab(t, true)
	proofs, err := Prove(ctx, Options{Tenant: tenant, EvidenceDir: t.TempDir()}, ProveRequest{Roles: []string{embeddedRole}, Way: "graph"}, nil)
	if err != nil || proofs[0].Verdict == nil {
		t.Fatalf("%+v, %v", proofs, err)
	}
	spans := sent()
	rootIsTold(t, spans, map[string]string{"name": "prove", "test.suite.name": "reprompt prove", "test.suite.run.status": "success", "reprompt.tenant.id": tenant.TenantID})
	proof := spans.Named("proof ")
	if len(proof) != 1 {
		t.Fatalf("%d proofs", len(proof))
	}
	wantTexts(t, proof[0], map[string]string{
		"test.case.name": embeddedRole, "test.case.result.status": "pass", "reprompt.verdict": "enforced", "reprompt.reasons": "REPROMPTED", "reprompt.way": "graph",
		"reprompt.role.id": proofs[0].Role.DefinitionID, "reprompt.tenant.id": tenant.TenantID,
	})
	if steps := spans.Named("step activate the role"); len(steps) != 1 || spans.Parent(steps[0]) != proof[0] {
		t.Errorf("the step that activates is %v", steps)
	}
}

// Where godog is called by somebody else, with a context that knows nothing of traces, the spans are those
// of the context that the suite was opened with.
func TestSpansOfASuiteOfOnesOwn(t *testing.T) {
	ctx, _, sent := traced(t)
	s, err := Open(ctx, Options{Paths: []string{featureFile(t, "Feature: Own\n  Scenario: One\n    Given a published authentication context\n")}, EvidenceDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if status := (godog.TestSuite{ScenarioInitializer: s.InitializeScenario, Options: s.Options()}).Run(); status != 0 {
		t.Errorf("godog ended with %d", status)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	spans := sent()
	rootIsTold(t, spans, map[string]string{"name": "run", "test.suite.run.status": "success", "reprompt.scenarios.passed": "1"})
	if steps := spans.Named("step "); len(steps) != 1 || strings.Join(spans.Path(steps[0]), " > ") != "run > scenario One > step a published authentication context" {
		t.Errorf("the steps are %v", steps)
	}
}
