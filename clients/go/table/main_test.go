package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/clients/go/results"
	"github.com/reprompt/reprompt/clients/go/tenant"
)

// projectWithSchema returns the project's folder. Where the schema is missing the test is skipped,
// and fails in CI, which has it.
func projectWithSchema(t *testing.T) string {
	t.Helper()
	root, err := tenant.Root()
	if err != nil {
		t.Fatal(err)
	}
	_, err = os.Stat(schemaPath(root))
	switch {
	case errors.Is(err, fs.ErrNotExist) && os.Getenv("CI") != "":
		t.Fatalf("CI needs the schema of Microsoft Graph: %v", err)
	case errors.Is(err, fs.ErrNotExist):
		t.Skipf("NOT CHECKED: the schema of Microsoft Graph does not lie beside the project: %v", err)
	case err != nil:
		t.Fatal(err)
	}
	return root
}

func TestThePageIsWhatWasCalled(t *testing.T) {
	root := projectWithSchema(t)
	want, err := generate(root)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(pagePath(root))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("docs/clients.md is stale: run make clients-table and commit it (-page +records):\n%s", cmp.Diff(string(got), string(want)))
	}
}

// The Graph SDK for Go calls everything there is: an operation that is added to the subset needs
// its call.
func TestTheSDKForGoCallsEveryOperation(t *testing.T) {
	root := projectWithSchema(t)
	subset, err := operations(schemaPath(root))
	if err != nil {
		t.Fatal(err)
	}
	clients, err := results.Read(filepath.Join(root, "clients", "results", "go.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range clients {
		if diff := cmp.Diff(subset, c.Operations); diff != "" {
			t.Errorf("%s (-schema +called):\n%s", c.Client, diff)
		}
	}
}

func TestRender(t *testing.T) {
	subset := []string{"GET /users", "POST /users"}
	page, err := render(subset, []results.Client{{Client: "a 1", Operations: subset}, {Client: "b 2", Operations: subset[1:]}})
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		"| operation | a 1 | b 2 |", "|---|:-:|:-:|", "| **of 2** | **2** | **1** |", "| `GET /users` | yes | - |", "| `POST /users` | yes | yes |", "",
	}, "\n")
	if diff := cmp.Diff(want, strings.TrimPrefix(string(page), preface)); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
	_, err = render(subset, []results.Client{{Client: "a 1", Operations: slices.Concat(subset, []string{"GET /moons"})}})
	if err == nil || !strings.Contains(err.Error(), "GET /moons") {
		t.Errorf("an operation that there is not: %v", err)
	}
}
