package conformance_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	cyclonedx "github.com/CycloneDX/cyclonedx-go"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// bill is the bill of materials of the last commit, as make sbom writes it.
func bill(t *testing.T) []byte {
	t.Helper()
	clone := filepath.Join(t.TempDir(), "clone")
	must(t, exec.Command("git", "clone", "-q", "--no-hardlinks", filepath.Join("..", ".."), clone))
	file := filepath.Join(t.TempDir(), "bill.json")
	made := exec.Command("sh", "scripts/sbom.sh", file)
	made.Dir = clone
	must(t, made)
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func must(t *testing.T, command *exec.Cmd) {
	t.Helper()
	if printed, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", command.Args, err, printed)
	}
}

// schema is CycloneDX's own, which its library for Go brings along.
func schema(t *testing.T, version string) *jsonschema.Schema {
	t.Helper()
	listed, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/CycloneDX/cyclonedx-go").Output()
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(strings.TrimSpace(string(listed)), "schema")
	compiler := jsonschema.NewCompiler()
	// The schema names the others by address; they are beside it under other names.
	for address, file := range map[string]string{
		"http://cyclonedx.org/schema/bom-" + version + ".schema.json": "bom-" + version + ".schema.json",
		"http://cyclonedx.org/schema/spdx.schema.json":                "spdx.schema.json",
		"http://cyclonedx.org/schema/jsf-0.82.schema.json":            "jsf-0.82.schemax.json",
	} {
		content, err := os.ReadFile(filepath.Join(folder, file))
		if err != nil {
			t.Fatal(err)
		}
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(content))
		if err == nil {
			err = compiler.AddResource(address, document)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	compiled, err := compiler.Compile("http://cyclonedx.org/schema/bom-" + version + ".schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// The bill of materials is one by CycloneDX's schema, and names every module that the program is built of,
// each with a licence.
func TestTheBillOfMaterialsIsOne(t *testing.T) {
	content := bill(t)
	var of cyclonedx.BOM
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&of); err != nil {
		t.Fatal(err)
	}
	valid := schema(t, of.SpecVersion.String())
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	if err := valid.Validate(document); err != nil {
		t.Error(err)
	}
	named := map[string]bool{}
	for _, part := range *of.Components {
		named[part.Name] = true
		if part.Evidence == nil && part.Licenses == nil && part.Name != "std" {
			t.Errorf("%s has no licence", part.Name)
		}
	}
	for _, needed := range []string{"github.com/microsoftgraph/msgraph-sdk-go", "github.com/chromedp/chromedp", "go.etcd.io/bbolt"} {
		if !named[needed] {
			t.Errorf("%s is not in the bill", needed)
		}
	}
	if wrong, _ := jsonschema.UnmarshalJSON(strings.NewReader(`{"bomFormat":"CycloneDX","specVersion":17}`)); valid.Validate(wrong) == nil {
		t.Error("the schema lets everything through")
	}
}
