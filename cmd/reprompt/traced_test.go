package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/reprompt/reprompt/suite"
	"github.com/reprompt/reprompt/telemetry/tracetest"
)

// withoutTraces takes every variable of the environment away that has to do with traces.
func withoutTraces(t *testing.T) {
	t.Helper()
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "OTEL_") || strings.HasPrefix(name, "TRACE") {
			t.Setenv(name, "")
		}
	}
}

// servedTenant is the tenant file of an embedded tenant that ends with the test.
func servedTenant(t *testing.T) string {
	t.Helper()
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	ctx, stop := context.WithCancel(context.Background())
	files, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- suite.ServeEmulator(ctx, suite.EmulatorOptions{
			Dir: t.TempDir(), Sample: true, Serving: func(a suite.EmulatorAccess) { files <- a.TenantFile },
		})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	select {
	case file := <-files:
		return file
	case err := <-ended:
		ended <- nil
		t.Fatal(err)
		return ""
	}
}

// commanded runs a command line in this process.
func commanded(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = execute(t.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}

func TestFleetAndWatchAreTraced(t *testing.T) {
	withoutTraces(t)
	tenant, dir := servedTenant(t), t.TempDir()
	list := filepath.Join(dir, "fleet.yaml")
	text := fmt.Sprintf("schema: reprompt/fleet/v1\ntenants:\n  - {name: one, file: %q, way: graph}\n  - {name: gone, file: gone.yaml}\n", tenant)
	if err := os.WriteFile(list, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	collector := tracetest.New(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
	if code, _, stderr := commanded(t, "fleet", list, "--at-once", "2", "--evidence", filepath.Join(dir, "fleet")); code != exitUndecided {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	if code, _, stderr := commanded(t, "watch", "--tenant", tenant, "--way", "graph", "--once", "--state", filepath.Join(dir, "state.db"), "--evidence", filepath.Join(dir, "watch")); code != exitAsDemanded {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	spans := collector.Spans()
	for _, wrong := range spans.Nest() {
		t.Error(wrong)
	}
	var paths []string
	for _, s := range spans {
		paths = append(paths, strings.Join(spans.Path(s), " > "))
	}
	for _, want := range []string{
		"fleet > tenant one > prove > proof Application Administrator > step activate the role > page password",
		"fleet > tenant gone",
		"watch look > GET /v1.0/policies/roleManagementPolicyAssignments",
		"watch prove > prove > proof Application Administrator > step activate the role > page password",
	} {
		if !slices.Contains(paths, want) {
			t.Errorf("there is no span %s", want)
		}
	}
	if root := spans.Named("fleet"); len(root) != 1 || root[0].Text("test.suite.run.status") != "failure" {
		t.Errorf("the fleet is told as %v", root)
	}
	if gone := spans.Named("tenant gone"); len(gone) != 1 || !gone[0].Failed() || gone[0].Text("reprompt.fleet.tenant") != "gone" {
		t.Errorf("the tenant that is not there is told as %v", gone)
	}
	if t.Failed() {
		slices.Sort(paths)
		t.Log(strings.Join(slices.Compact(paths), "\n"))
	}
}

// Whatever becomes of its traces, a command finds the same and ends with the same code.
func TestTracesChangeNothingOfACommand(t *testing.T) {
	withoutTraces(t)
	feature := filepath.Join(t.TempDir(), "own.feature")
	if err := os.WriteFile(feature, []byte("Feature: Own\n  Scenario: One\n    Given a published authentication context\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	refusing := tracetest.New(t)
	refusing.Answer(func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(http.StatusUnauthorized); return true })
	disabled := tracetest.New(t)
	for _, row := range []struct {
		name      string
		variables map[string]string
		said      string // on one line of standard error; empty: nothing of traces
	}{
		{"nothing is set", nil, ""},
		{"it is disabled", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": disabled.URL, "OTEL_SDK_DISABLED": "true"}, ""},
		{"the collector refuses", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": refusing.URL, "OTEL_EXPORTER_OTLP_HEADERS": "key=hunter2-hunter2"}, "traces could not be delivered to " + strings.TrimPrefix(refusing.URL, "http://") + ": HTTP 401; nothing else is changed by that"},
		{"the protocol is another", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, `no traces are sent: OTEL_EXPORTER_OTLP_PROTOCOL is "grpc": reprompt speaks http/protobuf only`},
	} {
		t.Run(row.name, func(t *testing.T) {
			unasked := listenWhereCollectorsDo(t)
			for name, value := range row.variables {
				t.Setenv(name, value)
			}
			code, stdout, stderr := commanded(t, "run", feature, "--evidence", t.TempDir())
			if code != exitAsDemanded || !strings.Contains(stdout, "1 passed") {
				t.Fatalf("exit code %d: %s%s", code, stdout, stderr)
			}
			told := 0
			for line := range strings.Lines(stderr) {
				if strings.Contains(line, "traces") {
					told++
					if row.said == "" || !strings.HasPrefix(line, "reprompt: "+row.said) || strings.Contains(line, "hunter2") {
						t.Errorf("said %s", line)
					}
				}
			}
			if row.said != "" && told != 1 {
				t.Errorf("%d lines of traces in %s", told, stderr)
			}
			if n := unasked.Load(); n != 0 {
				t.Errorf("the collector of this machine was asked %d times", n)
			}
		})
	}
	if len(disabled.Requests()) != 0 || len(refusing.Requests()) == 0 {
		t.Errorf("%d requests where it is disabled, %d where it is refused", len(disabled.Requests()), len(refusing.Requests()))
	}
}

// listenWhereCollectorsDo counts the requests at the address that OpenTelemetry's own SDKs send to unasked.
// Where another program has it, nothing is counted.
func listenWhereCollectorsDo(t *testing.T) *atomic.Int32 {
	t.Helper()
	var asked atomic.Int32
	listener, err := net.Listen("tcp", "127.0.0.1:4318")
	if err != nil {
		t.Logf("not looked at: %v", err)
		return &asked
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	_ = server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	return &asked
}
