package main

import (
	"strings"
	"testing"
)

func TestLicences(t *testing.T) {
	part := func(licences string) string {
		return `{"components": [{"name": "a", "version": "v1", "evidence": {"licenses": [` + licences + `]}}]}`
	}
	for name, row := range map[string]struct{ bill, want string }{
		"permitted":     {part(`{"license": {"id": "MIT"}}`), ""},
		"one of two":    {part(`{"license": {"id": "GPL-3.0-only"}}, {"license": {"id": "Apache-2.0"}}`), ""},
		"not permitted": {part(`{"license": {"id": "AGPL-3.0-only"}}`), "a v1 is under AGPL-3.0-only; permitted are"},
		"unknown":       {part(``), "a v1 is under no licence that is known"},
		"no part":       {`{"components": []}`, "names no part"},
		"no bill":       {`hello`, "read the bill of materials"},
	} {
		t.Run(name, func(t *testing.T) {
			err := check(strings.NewReader(row.bill))
			if (err == nil) != (row.want == "") || err != nil && !strings.Contains(err.Error(), row.want) {
				t.Errorf("error %v, want %q", err, row.want)
			}
		})
	}
}
