package emulator_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// fidelityRow is one row of docs/fidelity.md: a behaviour, where it comes from, and the tests
// that exercise it.
type fidelityRow struct {
	line      int
	behaviour string
	source    string
	tests     []testName
}

// testName is `folder.TestName`, or `folder.TestName/text` where the text stands in the test's
// folder, as the name of a row of its table does. The folder is below emulator, is emulator
// itself, or is one of clients, from the top. A test in JavaScript is `file: title`.
type testName struct {
	folder, function, text string
}

// path is the folder as seen from this one.
func (n testName) path() string {
	switch {
	case n.folder == "emulator":
		return "."
	case strings.HasPrefix(n.folder, "clients/"):
		return "../" + n.folder
	}
	return n.folder
}

func (n testName) String() string {
	if n.function == "" {
		return n.folder + ": " + n.text
	}
	return strings.TrimSuffix(n.folder+"."+n.function+"/"+n.text, "/")
}

var (
	testNamePattern = regexp.MustCompile("`([a-z/]+)\\.((?:Test|Fuzz|Example)[A-Za-z0-9_]*)(?:/([^`]+))?`")
	titlePattern    = regexp.MustCompile("`(clients/[a-z/-]+\\.test\\.mjs): ([^`]+)`")
)

func parseFidelity(text string) ([]fidelityRow, error) {
	var rows []fidelityRow
	for i, line := range strings.Split(text, "\n") {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| Behaviour") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		if len(cells) != 3 {
			return nil, fmt.Errorf("line %d: %d cells, want behaviour, source and tests", i+1, len(cells))
		}
		row := fidelityRow{line: i + 1, behaviour: cells[0], source: cells[1]}
		for _, match := range testNamePattern.FindAllStringSubmatch(cells[2], -1) {
			row.tests = append(row.tests, testName{match[1], match[2], match[3]})
		}
		for _, match := range titlePattern.FindAllStringSubmatch(cells[2], -1) {
			row.tests = append(row.tests, testName{folder: match[1], text: match[2]})
		}
		if strings.Count(cells[2], "`") != 2*len(row.tests) {
			return nil, fmt.Errorf("line %d: a name in %s is neither folder.TestName nor a test file with a title", i+1, cells[2])
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// readFidelity reads the table of the documentation.
func readFidelity(t *testing.T) []fidelityRow {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "docs", "fidelity.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := parseFidelity(string(text))
	if err != nil {
		t.Fatalf("docs/fidelity.md: %v", err)
	}
	return rows
}

// testSources are the test functions and the string literals of each folder's test files, and
// the titles of each file in JavaScript.
type testSources struct {
	functions, literals, titles map[string][]string
}

func readTests(roots ...string) (testSources, error) {
	found := testSources{map[string][]string{}, map[string][]string{}, map[string][]string{}}
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.Name() == "node_modules":
				return fs.SkipDir
			case strings.HasSuffix(path, "_test.go"):
				return found.read(path)
			case strings.HasSuffix(path, ".test.mjs"):
				return found.readScript(path)
			}
			return nil
		})
		if err != nil {
			return found, err
		}
	}
	return found, nil
}

func (s testSources) read(path string) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		return err
	}
	s.add(filepath.ToSlash(filepath.Dir(path)), file)
	return nil
}

// scriptTest is how a test in JavaScript begins; its title holds no escapes.
var scriptTest = regexp.MustCompile(`(?m)^\s*test\("([^"\\]+)"`)

func (s testSources) readScript(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for _, match := range scriptTest.FindAllStringSubmatch(string(text), -1) {
		name := filepath.ToSlash(path)
		s.titles[name] = append(s.titles[name], match[1])
	}
	return nil
}

func (s testSources) add(folder string, file *ast.File) {
	ast.Inspect(file, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.FuncDecl:
			if node.Recv == nil {
				s.functions[folder] = append(s.functions[folder], node.Name.Name)
			}
		case *ast.BasicLit:
			if text, err := strconv.Unquote(node.Value); err == nil && node.Kind == token.STRING {
				s.literals[folder] = append(s.literals[folder], text)
			}
		}
		return true
	})
}

func (s testSources) missing(n testName) string {
	switch {
	case n.function == "":
		if !slices.Contains(s.titles[n.path()], n.text) {
			return "no such title in the file"
		}
	case !slices.Contains(s.functions[n.path()], n.function):
		return "no such test"
	case n.text != "" && !slices.Contains(s.literals[n.path()], n.text):
		return "no such text in the folder's tests"
	}
	return ""
}

// Every row says where its behaviour comes from, and names tests that are there.
func TestFidelityTableNamesTestsThatExist(t *testing.T) {
	rows := readFidelity(t)
	if len(rows) < 60 {
		t.Fatalf("docs/fidelity.md: only %d rows were read", len(rows))
	}
	tests, err := readTests(".", "../clients")
	if err != nil {
		t.Fatal(err)
	}
	source := regexp.MustCompile(`^(documented: .+|observed( \(decides\))?: .+|inferred( \(decides\))?(: .+)?)$`)
	for _, row := range rows {
		if !source.MatchString(row.source) {
			t.Errorf("docs/fidelity.md:%d: source %q is none of documented, observed, inferred", row.line, row.source)
		}
		if len(row.tests) == 0 {
			t.Errorf("docs/fidelity.md:%d: %s: no test", row.line, row.behaviour)
		}
		for _, name := range row.tests {
			if why := tests.missing(name); why != "" {
				t.Errorf("docs/fidelity.md:%d: %s: %s", row.line, name, why)
			}
		}
	}
}

var settingPattern = regexp.MustCompile("\\(setting `([a-z0-9_]+)`")

// settings are the names in the row's behaviour.
func (r fidelityRow) settings() []string {
	var names []string
	for _, match := range settingPattern.FindAllStringSubmatch(r.behaviour, -1) {
		names = append(names, match[1])
	}
	return names
}

// decides says that the row's behaviour is not documented and can decide a verdict.
func (r fidelityRow) decides() bool { return strings.Contains(r.source, "(decides)") }

// settingProblem is what is wrong with the settings that a row names.
func settingProblem(r fidelityRow, known []string) string {
	for _, name := range r.settings() {
		if !slices.Contains(known, name) {
			return "no such setting as " + name
		}
	}
	if r.decides() && len(r.settings()) == 0 {
		return "decides a verdict and names no setting"
	}
	return ""
}

// knownSettings are the names that the control listener takes.
func knownSettings() []string {
	var names []string
	for field := range reflect.TypeFor[store.Settings]().Fields() {
		names = append(names, field.Tag.Get("json"))
	}
	return names
}

// What nobody documented and can decide a verdict has a switch that is there, and every
// switch is told of.
func TestFidelityTableNamesTheSettings(t *testing.T) {
	rows := readFidelity(t)
	known, told, deciding := knownSettings(), map[string]bool{}, 0
	for _, row := range rows {
		if problem := settingProblem(row, known); problem != "" {
			t.Errorf("docs/fidelity.md:%d: %s: %s", row.line, row.behaviour, problem)
		}
		for _, name := range row.settings() {
			told[name] = true
		}
		if row.decides() {
			deciding++
		}
	}
	for _, name := range known {
		if !told[name] {
			t.Errorf("docs/fidelity.md: no row names the setting %s", name)
		}
	}
	if deciding < 10 {
		t.Errorf("docs/fidelity.md: only %d rows can decide a verdict", deciding)
	}
}

func TestFidelitySettingsAreReadStrictly(t *testing.T) {
	known := []string{"windows"}
	for _, row := range []struct{ name, behaviour, source, problem string }{
		{"a setting that is there", "they combine (setting `windows`)", "inferred (decides)", ""},
		{"a setting that is not there", "they combine (setting `window`)", "inferred (decides)", "no such setting as window"},
		{"none where one decides", "they combine", "observed (decides): somewhere", "decides a verdict and names no setting"},
		{"none where nothing decides", "they combine", "inferred", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := settingProblem(fidelityRow{behaviour: row.behaviour, source: row.source}, known); got != row.problem {
				t.Errorf("problem %q, want %q", got, row.problem)
			}
		})
	}
}

// Each setting says in the code what its default comes from.
func TestEverySettingNamesItsSource(t *testing.T) {
	path := filepath.Join("internal", "store", "settings.go")
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	source := regexp.MustCompile(`(?i)documented|observed|inferred|published|unknown|a defect`)
	seen := 0
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.TypeSpec)
		if !ok || spec.Name.Name != "Settings" {
			return true
		}
		for _, field := range spec.Type.(*ast.StructType).Fields.List {
			seen++
			if !source.MatchString(field.Doc.Text()) {
				t.Errorf("%s: %s does not say where it comes from", path, field.Names[0].Name)
			}
		}
		return false
	})
	if want := len(knownSettings()); seen != want {
		t.Errorf("%d settings were read, want %d", seen, want)
	}
}

func TestFidelityTableIsReadStrictly(t *testing.T) {
	tests := testSources{
		functions: map[string][]string{"internal/pim": {"TestActivate"}, "../clients/go/msal": {"TestSilent"}},
		literals:  map[string][]string{"internal/pim": {"a row"}},
		titles:    map[string][]string{"../clients/node/a.test.mjs": {"a title"}},
	}
	for _, row := range []struct {
		name, cell, problem string
	}{
		{"a test that is there", "`internal/pim.TestActivate`", ""},
		{"a row that is there", "`internal/pim.TestActivate/a row`", ""},
		{"a test that is not there", "`internal/pim.TestGone`", "no such test"},
		{"a test of another folder", "`internal/login.TestActivate`", "no such test"},
		{"a test of a client", "`clients/go/msal.TestSilent`", ""},
		{"a test of another client", "`clients/go/oidc.TestSilent`", "no such test"},
		{"a title that is there", "`clients/node/a.test.mjs: a title`", ""},
		{"a title that is not there", "`clients/node/a.test.mjs: another`", "no such title in the file"},
		{"a file that is not there", "`clients/node/b.test.mjs: a title`", "no such title in the file"},
		{"a row that is not there", "`internal/pim.TestActivate/another`", "no such text in the folder's tests"},
	} {
		t.Run(row.name, func(t *testing.T) {
			rows, err := parseFidelity("| Behaviour | Source | Test |\n|---|---|---|\n| b | inferred | " + row.cell + " |")
			if err != nil || len(rows) != 1 || len(rows[0].tests) != 1 {
				t.Fatalf("rows %v, %v", rows, err)
			}
			if got := tests.missing(rows[0].tests[0]); got != row.problem {
				t.Errorf("problem %q, want %q", got, row.problem)
			}
		})
	}
	for _, text := range []string{"| b | inferred | `internal/pim` |", "| b | inferred |"} {
		if rows, err := parseFidelity(text); err == nil {
			t.Errorf("%s was read as %v", text, rows)
		}
	}
}
