package metrics

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Family is one metric with its samples; all are gauges.
type Family struct {
	Name    string
	Help    string // one sentence
	Samples []Sample
}

// Sample is one value.
type Sample struct {
	Labels []Label // in the order in which they are written
	Value  float64
}

// Label names what a sample is about.
type Label struct{ Name, Value string }

// Write writes families in the text format. A family without samples is left out: Prometheus takes a
// missing one for "not known".
func Write(w io.Writer, families []Family) error {
	var b bytes.Buffer
	for _, f := range families {
		if len(f.Samples) == 0 {
			continue
		}
		fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s gauge\n", f.Name, helpText(f.Help), f.Name)
		for _, s := range f.Samples {
			fmt.Fprintf(&b, "%s%s %s\n", f.Name, labels(s.Labels), strconv.FormatFloat(s.Value, 'g', -1, 64))
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// helpText escapes a help as the format wants it: backslash and line feed.
func helpText(text string) string {
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`).Replace(text)
}

func labels(all []Label) string {
	if len(all) == 0 {
		return ""
	}
	parts := make([]string, len(all))
	for i, l := range all {
		parts[i] = l.Name + `="` + strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`).Replace(strings.ToValidUTF8(l.Value, "\uFFFD")) + `"`
	}
	return "{" + strings.Join(parts, ",") + "}"
}
