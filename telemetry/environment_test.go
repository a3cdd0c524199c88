package telemetry_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/telemetry"
)

func TestEnvironmentTurnsItOnAndOff(t *testing.T) {
	const endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318"
	for _, row := range []struct {
		name      string
		variables []string
		on        bool
	}{
		{"nothing is set", nil, false},
		{"only a service name is set", []string{"OTEL_SERVICE_NAME=x"}, false},
		{"an endpoint for everything", []string{endpoint}, true},
		{"an endpoint for traces", []string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=https://collector.example/v1/traces"}, true},
		{"an endpoint for metrics only", []string{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://127.0.0.1:4318"}, false},
		{"an empty endpoint", []string{"OTEL_EXPORTER_OTLP_ENDPOINT= "}, false},
		{"the exporter by name", []string{"OTEL_TRACES_EXPORTER=otlp"}, true},
		{"no exporter", []string{endpoint, "OTEL_TRACES_EXPORTER=none"}, false},
		{"everything is disabled", []string{endpoint, "OTEL_SDK_DISABLED=TRUE"}, false},
		{"disabled is said to be false", []string{endpoint, "OTEL_SDK_DISABLED=false"}, true},
		{"the caller's trace is not recorded", []string{endpoint, "TRACEPARENT=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"}, false},
		{"the caller's trace is none", []string{endpoint, "TRACEPARENT=00-00000000000000000000000000000000-b7ad6b7169203331-00"}, true},
		{"a bad value of what is disabled", []string{"OTEL_SDK_DISABLED=true", "OTEL_EXPORTER_OTLP_PROTOCOL=grpc", endpoint}, false},
		{"an address of this machine in IPv6", []string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://[::1]:4318"}, true},
		{"another machine, unencrypted, by wish", []string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://otel-collector:4318", "OTEL_EXPORTER_OTLP_INSECURE=true"}, true},
		{"the protocol for traces goes before that for everything", []string{endpoint, "OTEL_EXPORTER_OTLP_PROTOCOL=grpc", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/protobuf"}, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			tracer, err := telemetry.FromEnvironment(telemetry.Options{Getenv: environment(row.variables...)})
			if err != nil || (tracer != nil) != row.on {
				t.Errorf("tracer %v (%v), want one: %v", tracer, err, row.on)
			}
			tracer.Close(t.Context())
		})
	}
}

func TestSettingThatCannotBeFollowedIsNamed(t *testing.T) {
	notPEM := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(notPEM, []byte("none"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ variable, value, mend string }{
		{"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "http/protobuf only"},
		{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json", "http/protobuf only"},
		{"OTEL_TRACES_EXPORTER", "jaeger", "otlp or none"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", "want an address"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "ftp://collector.example", "want an address"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector.example:4318", "unencrypted"},
		{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://user:hunter2@collector.example", "OTEL_EXPORTER_OTLP_HEADERS"},
		{"OTEL_EXPORTER_OTLP_HEADERS", "hunter2", "name=value"},
		{"OTEL_EXPORTER_OTLP_HEADERS", "a=%zz", "name=value"},
		{"OTEL_EXPORTER_OTLP_HEADERS", "a b=hunter2", "no header"},
		{"OTEL_EXPORTER_OTLP_HEADERS", "a=hunter2%0d%0ab: c", "no header"},
		{"OTEL_EXPORTER_OTLP_TIMEOUT", "10s", "milliseconds"},
		{"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "0", "milliseconds"},
		{"OTEL_EXPORTER_OTLP_COMPRESSION", "zstd", "gzip or none"},
		{"OTEL_EXPORTER_OTLP_CERTIFICATE", filepath.Join(t.TempDir(), "none.pem"), "cannot be read"},
		{"OTEL_EXPORTER_OTLP_CERTIFICATE", notPEM, "no PEM certificate"},
		{"OTEL_RESOURCE_ATTRIBUTES", "a", "name=value"},
	} {
		t.Run(row.variable+" "+row.mend, func(t *testing.T) {
			_, err := telemetry.FromEnvironment(telemetry.Options{Getenv: environment(row.variable+"="+row.value, "OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318")})
			setting := new(telemetry.SettingError)
			if !errors.As(err, &setting) || setting.Variable != row.variable || !strings.Contains(err.Error(), row.mend) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("error %v, want one of %s that says %q", err, row.variable, row.mend)
			}
		})
	}
}
