package entra

import (
	"slices"
	"strings"
	"testing"
)

func TestLabelsThatShipAreWhole(t *testing.T) {
	files, err := labelFiles.ReadDir("labels")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		open, err := labelFiles.Open("labels/" + file.Name())
		if err != nil {
			t.Fatal(err)
		}
		labels, err := ReadLabels(open)
		if err != nil {
			t.Fatalf("%s: %v", file.Name(), err)
		}
		if labels.Language+".json" != file.Name() {
			t.Errorf("%s is in %q", file.Name(), labels.Language)
		}
		for i, list := range labels.lists() {
			if len(*list) == 0 {
				t.Errorf("%s: list %d of %v is empty", file.Name(), i, labelMembers()[1:])
			}
		}
	}
}

func TestLabelsThatAreRefused(t *testing.T) {
	for name, row := range map[string]struct{ file, want string }{
		"an unknown member": {`{"language": "tlh", "aktivate": ["yIchu'"]}`, `unknown field "aktivate"`},
		"no language":       {`{"activate": ["yIchu'"]}`, `"language" is missing`},
		"no label":          {`{"language": "tlh"}`, `"tlh" names nothing (members: language, eligible`},
		"an empty label":    {`{"language": "tlh", "activate": [" "]}`, `a label of "tlh" is empty`},
		"no JSON":           {`language: tlh`, "invalid character"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := ReadLabels(strings.NewReader(row.file)); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("error %v, want %q", err, row.want)
			}
		})
	}
}

// Languages are added up; neither loses what it had, and what ships stays as it is.
func TestLabelsOfSeveralLanguages(t *testing.T) {
	before := len(known.Activate)
	both := known.with(Labels{Activate: []string{"yIchu'"}})
	for _, want := range []string{"Activate", "Aktivieren", "Activer", "yIchu'"} {
		if !slices.Contains(both.Activate, want) {
			t.Errorf("%q is not among %q", want, both.Activate)
		}
	}
	if len(known.Activate) != before || slices.Contains(known.Activate, "yIchu'") {
		t.Errorf("those that ship became %q", known.Activate)
	}
}
