package graph_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/clients/go/results"
	"github.com/reprompt/reprompt/clients/go/tenant"
)

const sdkModule = "github.com/microsoftgraph/msgraph-sdk-go"

// hold compares what was called with the record, or writes the record when that is asked for.
func hold(t *testing.T, tn *tenant.Tenant, called []string) {
	t.Helper()
	root, err := tenant.Root()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(root, "clients", "results", "go.json")
	now, err := results.Format([]results.Client{{Client: sdkModule + " " + sdkVersion(t, root), Operations: called}})
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv(results.UpdateVariable) != "" && tn.Run == tenant.Hosts {
		if err := os.WriteFile(path, now, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	recorded, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(recorded, now) {
		t.Errorf("clients/results/go.json is not what was called; run with %s=1 and commit it (-recorded +called):\n%s",
			results.UpdateVariable, cmp.Diff(string(recorded), string(now)))
	}
}

// sdkVersion is the version of the SDK that the lock file of this module holds.
func sdkVersion(t *testing.T, root string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "clients", "go", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(regexp.QuoteMeta(sdkModule) + ` (v\S+)`).FindSubmatch(text)
	if found == nil {
		t.Fatalf("go.mod does not name %s", sdkModule)
	}
	return string(found[1])
}
