// Package conformance_test holds the metrics against Prometheus' own parser. It is a module of its own:
// the parser is nothing that the program needs.
package conformance_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/reprompt/reprompt/metrics"
)

func TestPrometheusReadsTheMetrics(t *testing.T) {
	name := "a \"quoted\" \\ name\nof two lines\xff"
	noon := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	board := &metrics.Board{Now: func() time.Time { return noon.Add(time.Minute) }}
	board.SetRole(metrics.Role{Tenant: name, TenantID: "1", Name: "R", ID: "r", Verdict: "not-enforced", Decided: noon, Took: 17 * time.Minute})
	board.SetTenant(metrics.Tenant{Name: name, ID: "1", Due: 2, Overdue: 1, NotRestored: true, Looked: noon})
	var text bytes.Buffer
	families := board.Families()
	if err := metrics.Write(&text, families); err != nil {
		t.Fatal(err)
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	parsed, err := parser.TextToMetricFamilies(&text)
	if err != nil {
		t.Fatal(err)
	}
	if len(parsed) != len(families) {
		t.Errorf("Prometheus read %d metrics, want %d", len(parsed), len(families))
	}
	for _, f := range families {
		got := parsed[f.Name]
		if got == nil || got.GetHelp() != f.Help || got.GetType().String() != "GAUGE" || len(got.GetMetric()) != len(f.Samples) {
			t.Errorf("%s was read as %v", f.Name, got)
			continue
		}
		for i, sample := range f.Samples {
			m := got.GetMetric()[i]
			if m.GetGauge().GetValue() != sample.Value {
				t.Errorf("%s: value %v, want %v", f.Name, m.GetGauge().GetValue(), sample.Value)
			}
			for j, label := range m.GetLabel() {
				want := sample.Labels[j].Value
				if want == name {
					want = "a \"quoted\" \\ name\nof two lines\uFFFD"
				}
				if label.GetName() != sample.Labels[j].Name || label.GetValue() != want {
					t.Errorf("%s: label %s=%q, want %s=%q", f.Name, label.GetName(), label.GetValue(), sample.Labels[j].Name, want)
				}
			}
		}
	}
}
