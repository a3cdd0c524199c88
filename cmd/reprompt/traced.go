package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/reprompt/reprompt/fleet"
	"github.com/reprompt/reprompt/suite"
	"github.com/reprompt/reprompt/telemetry"
)

// tracesHelp is what the help of a command says of its traces.
const tracesHelp = "With OTEL_EXPORTER_OTLP_ENDPOINT set it sends OpenTelemetry traces: docs/telemetry.md.\n\n"

// traced has a command send what it does as spans, where the environment asks for that. A setting that
// cannot be followed, and a collector that does not answer, are said, and change nothing of what the
// command finds: the variables may be meant for other programs.
func (p *program) traced(run func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		tracer, err := telemetry.FromEnvironment(telemetry.Options{Version: suite.Version().Version, Say: p.sayOfTraces})
		if err != nil {
			p.sayOfTraces("no traces are sent: " + err.Error())
		}
		ctx := cmd.Context()
		cmd.SetContext(tracer.Into(ctx))
		defer tracer.Close(ctx)
		return run(cmd, args)
	}
}

// sayOfTraces goes to standard error, which may be written to by several.
func (p *program) sayOfTraces(text string) {
	fmt.Fprintln(p.stderr, "reprompt: "+p.redacted(text))
}

// endFleet says in the span of a run over many tenants what came of it.
func endFleet(span *telemetry.Span, s *fleet.Summary, err error) {
	status := "success"
	switch {
	case s != nil && s.Counts.Waiting > 0:
		status = "aborted"
	case err != nil || s == nil || s.Outcome != exitAsDemanded:
		status = "failure"
	}
	span.Set(telemetry.String("test.suite.run.status", status))
	span.EndWith(err)
}
