package conformance_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rhysd/actionlint"
	"sigs.k8s.io/yaml"
)

func mustRead(t *testing.T, path ...string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{".."}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// lint is what actionlint finds in a workflow. Shellcheck and pyflakes are not asked: they may not be there.
func lint(t *testing.T, text []byte) []string {
	t.Helper()
	linter, err := actionlint.NewLinter(os.Stderr, &actionlint.LinterOptions{Format: "{{range $}}{{end}}"})
	if err != nil {
		t.Fatal(err)
	}
	project, err := actionlint.NewProject(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	found, err := linter.Lint("prove.yaml", text, project)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, f := range found {
		all = append(all, fmt.Sprintf("%d:%d %s", f.Line, f.Column, f.Message))
	}
	return all
}

func TestActionlintReadsTheWorkflow(t *testing.T) {
	text := mustRead(t, "github", "prove.yaml")
	if found := lint(t, text); len(found) > 0 {
		t.Errorf("actionlint: %q", found)
	}
	if found := lint(t, []byte(strings.Replace(string(text), "matrix.shard }}", "matrix.part }}", 1))); len(found) == 0 {
		t.Error("actionlint finds nothing in a workflow with a slip: it was not asked")
	}
}

// object is a mapping of a pipeline.
type object = map[string]any

func mustParse(t *testing.T, text []byte) object {
	t.Helper()
	var o object
	if err := yaml.UnmarshalStrict(text, &o); err != nil {
		t.Fatal(err)
	}
	return o
}

// The schema of Azure Pipelines is in no registry of packages. The keys that the example uses are those that
// Microsoft documents (https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/); any other is refused.
var azureKeys = map[string][]string{
	"pipeline":  {"trigger", "pr", "schedules", "lockBehavior", "resources", "variables", "stages"},
	"schedule":  {"cron", "displayName", "branches", "always"},
	"container": {"container", "image", "options"},
	"stage":     {"stage", "dependsOn", "condition", "jobs"},
	"job":       {"job", "pool", "container", "timeoutInMinutes", "cancelTimeoutInMinutes", "strategy", "steps"},
	"bash":      {"bash", "displayName", "condition", "env"},
	"checkout":  {"checkout"},
	"publish":   {"publish", "artifact", "condition", "displayName"},
	"download":  {"download", "patterns"},
}

// strangers are the keys of an Azure pipeline that nobody documented there.
func strangers(pipeline object) []string {
	var found []string
	look := func(kind string, o object) {
		for key := range o {
			if !slices.Contains(azureKeys[kind], key) {
				found = append(found, kind+": "+key)
			}
		}
	}
	look("pipeline", pipeline)
	each(pipeline["schedules"], func(o object) { look("schedule", o) })
	resources, _ := pipeline["resources"].(object)
	each(resources["containers"], func(o object) { look("container", o) })
	each(pipeline["stages"], func(stage object) {
		look("stage", stage)
		each(stage["jobs"], func(job object) {
			look("job", job)
			each(job["steps"], func(step object) { look(stepKind(step), step) })
		})
	})
	return found
}

func each(list any, do func(object)) {
	entries, _ := list.([]any)
	for _, e := range entries {
		o, _ := e.(object)
		do(o)
	}
}

func stepKind(step object) string {
	for _, kind := range []string{"bash", "checkout", "publish", "download"} {
		if _, ok := step[kind]; ok {
			return kind
		}
	}
	return "unknown step"
}

func TestTheAzurePipelineHasItsShape(t *testing.T) {
	text := mustRead(t, "azure", "prove.yaml")
	pipeline := mustParse(t, text)
	if found := strangers(pipeline); len(found) > 0 {
		t.Errorf("keys that are not documented: %q", found)
	}
	if found := strangers(mustParse(t, []byte(strings.Replace(string(text), "condition: always()", "conditions: always()", 1)))); len(found) != 1 {
		t.Errorf("a misspelt key is told as %q", found)
	}
	var jobs []string
	var stages int
	each(pipeline["stages"], func(stage object) {
		stages++
		each(stage["jobs"], func(job object) {
			jobs = append(jobs, fmt.Sprint(job["job"]))
			if job["timeoutInMinutes"] == nil || job["container"] != "reprompt" {
				t.Errorf("the job %v has no bound, or not the image", job["job"])
			}
		})
	})
	if stages != 2 || !slices.Equal(jobs, []string{"shard", "merge"}) {
		t.Errorf("%d stages with the jobs %q", stages, jobs)
	}
}

// A secret of a pipeline comes from its store, by reference.
func TestPipelinesHoldNoSecret(t *testing.T) {
	reference := regexp.MustCompile(`^(\$\([A-Z0-9_]+\)|\$\{\{ (matrix\.shard == \d && )?secrets\.[A-Z0-9_]+( \|\| '')? \}\})$`)
	looked := map[string]bool{}
	for _, file := range []string{"github", "azure"} {
		var walk func(value any)
		walk = func(value any) {
			switch value := value.(type) {
			case []any:
				for _, v := range value {
					walk(v)
				}
			case object:
				for key, v := range value {
					if secretName(key) {
						looked[file+" "+key] = true
						if text := fmt.Sprint(v); !reference.MatchString(text) {
							t.Errorf("%s: %s is %q, which is no reference", file, key, text)
						}
					}
					walk(v)
				}
			}
		}
		walk(mustParse(t, mustRead(t, file, "prove.yaml")))
	}
	if len(looked) != 16 {
		t.Errorf("looked at %q, want eight of each", slices.Sorted(maps.Keys(looked)))
	}
}

// Each pipeline has as many shards as it says.
func TestPipelinesCountTheirShards(t *testing.T) {
	github := mustParse(t, mustRead(t, "github", "prove.yaml"))
	said := fmt.Sprint(github["env"].(object)["SHARDS"])
	shard := github["jobs"].(object)["shard"].(object)
	if matrix := shard["strategy"].(object)["matrix"].(object)["shard"]; said != "3" || fmt.Sprint(matrix) != "[1 2 3]" {
		t.Errorf("github: SHARDS %s, matrix %v", said, matrix)
	}
	if shard["strategy"].(object)["fail-fast"] != false {
		t.Error("github: a shard that finds something ends the others")
	}
	azure := mustParse(t, mustRead(t, "azure", "prove.yaml"))
	each(azure["variables"], func(o object) {
		if o["name"] == "SHARDS" {
			said = fmt.Sprint(o["value"])
		}
	})
	job := azure["stages"].([]any)[0].(object)["jobs"].([]any)[0].(object)
	matrix := job["strategy"].(object)["matrix"].(object)
	var shards []string
	for _, leg := range matrix {
		shards = append(shards, fmt.Sprint(leg.(object)["SHARD"]))
	}
	slices.Sort(shards)
	if said != "3" || !slices.Equal(shards, []string{"1", "2", "3"}) {
		t.Errorf("azure: SHARDS %s, matrix %v", said, matrix)
	}
}
