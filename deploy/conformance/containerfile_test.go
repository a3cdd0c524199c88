package conformance_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// image is a Containerfile as BuildKit reads it, and what its linter said.
type image struct {
	args   map[string]string // before the first stage
	stages []instructions.Stage
	said   []string
}

func readImage(text []byte) (*image, error) {
	parsed, err := parser.Parse(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	i := &image{args: map[string]string{}}
	warn := linter.New(&linter.Config{Warn: func(rule, _, _, message string, _ []parser.Range) { i.said = append(i.said, rule+": "+message) }})
	stages, args, err := instructions.Parse(parsed.AST, warn)
	if err != nil {
		return nil, err
	}
	i.stages = stages
	for _, command := range args {
		for _, arg := range command.Args {
			if arg.Value != nil {
				i.args[arg.Key] = *arg.Value
			}
		}
	}
	return i, nil
}

// commands are the instructions of a stage, by what they are.
func commands[C instructions.Command](s instructions.Stage) []C {
	var found []C
	for _, command := range s.Commands {
		if c, ok := command.(C); ok {
			found = append(found, c)
		}
	}
	return found
}

func TestTheContainerfile(t *testing.T) {
	i, err := readImage(mustRead(t, "Containerfile"))
	if err != nil {
		t.Fatal(err)
	}
	if len(i.said) > 0 {
		t.Errorf("BuildKit's linter: %q", i.said)
	}
	if len(i.stages) != 2 {
		t.Fatalf("%d stages, want one that builds and one that runs", len(i.stages))
	}
	for name, base := range i.args {
		if _, version, _ := strings.Cut(base, ":"); version == "" || version == "latest" {
			t.Errorf("%s is %s, without a version", name, base)
		}
	}
	run := i.stages[1]
	users := commands[*instructions.UserCommand](run)
	if len(users) != 1 || users[0].User != "10001:10001" {
		t.Errorf("it runs as %v, want the user of the manifests by number: runAsNonRoot cannot look names up", users)
	}
	if len(commands[*instructions.EntrypointCommand](run)) > 0 {
		t.Error("it has an entry point: Azure Pipelines cannot run steps in it")
	}
	if added := commands[*instructions.AddCommand](run); len(added) > 0 {
		t.Errorf("it adds %v: name what is copied", added)
	}
	installs := commands[*instructions.RunCommand](run)
	if len(installs) != 1 {
		t.Fatalf("%d commands are run, want one: what one removes stays in the layer before", len(installs))
	}
	script := strings.Join(installs[0].CmdLine, " ")
	for _, want := range []string{"apt-get update", "--no-install-recommends", "ca-certificates", "rm -rf /var/lib/apt/lists/*"} {
		if !strings.Contains(script, want) {
			t.Errorf("it does not say %q: %s", want, script)
		}
	}
	for _, want := range packagesOfDeps(t) {
		if !slices.Contains(strings.Fields(script), want) {
			t.Errorf("%s is not installed, which make deps installs", want)
		}
	}
}

// packagesOfDeps are those that scripts/deps.sh installs on Debian.
func packagesOfDeps(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "scripts", "deps.sh"))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^debian\*\)\n\tpackages="([^"]+)"`).FindSubmatch(text)
	if found == nil {
		t.Fatal("scripts/deps.sh names no packages for Debian")
	}
	return strings.Fields(string(found[1]))
}

// BuildKit refuses, or its linter tells of, what is wrong: the test can fail.
func TestTheContainerfilesReaderIsStrict(t *testing.T) {
	text := string(mustRead(t, "Containerfile"))
	for name, wrong := range map[string]string{
		"an unknown instruction": strings.Replace(text, "WORKDIR /tmp", "WORKDIRS /tmp", 1),
		"an unknown flag":        strings.Replace(text, "COPY --from=", "COPY --form=", 1),
		"no base":                strings.Replace(text, "FROM ${BASE_IMAGE}", "FROM", 1),
	} {
		if _, err := readImage([]byte(wrong)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	slip, err := readImage([]byte(strings.Replace(text, " AS build", " as Build", 1)))
	if err != nil || len(slip.said) == 0 {
		t.Errorf("the linter says nothing of a slip: %v", err)
	}
}
