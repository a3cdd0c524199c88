package evidence_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/tokens"
	"github.com/reprompt/reprompt/verdict"
)

// traceOf is a trace of three steps, in which some text may stand wherever a text can.
func traceOf(t testing.TB, text string) ([]evidence.TracedStep, []evidence.TraceCall, []evidence.TraceMessage) {
	t.Helper()
	look := func(n int) *evidence.Look {
		return &evidence.Look{Address: "https://login.example/" + text, Picture: dot(t, 30+n, 20), Markup: fmt.Appendf(nil, "<h1>\n  Page %d %s\n", n, text)}
	}
	step := func(text string, waited time.Duration, before, after *evidence.Look) evidence.TracedStep {
		return evidence.TracedStep{
			TraceStep: evidence.TraceStep{Step: "sign in", Text: text, At: started, Ended: started.Add(time.Second), Waited: waited, For: []string{text}},
			Before:    before, After: after,
		}
	}
	steps := []evidence.TracedStep{
		step("sign in "+text, 11*time.Minute, nil, look(1)), step("sign-in: password "+text, 0, look(1), look(2)), step("nothing to see", 0, nil, nil),
	}
	claims := tokens.AccessClaims{ACRS: []string{"c1"}, UTI: "uti" + text}
	calls := []evidence.TraceCall{
		{Step: 2, At: started, From: "page", Method: "POST", Host: "login.example", Path: "/login", Values: map[string]string{}, Names: []string{"passwd"}, Contexts: []string{"c1"}, Status: 200},
		{Step: 2, At: started, From: "client", Method: "GET", Host: "graph.example", Path: "/" + text, Values: map[string]string{"$filter": text}, Names: []string{text}, Contexts: []string{}, Status: 400, Code: "Nope", Carried: &claims},
	}
	return steps, calls, []evidence.TraceMessage{{Step: 2, At: started, Level: "error", From: "page", Text: "the page says " + text}}
}

// traced is a closed bundle of one proof with a trace.
func traced(t testing.TB, text string) string {
	t.Helper()
	about := info()
	about.TenantID = recorded(t).TenantID
	run, err := evidence.Create(t.TempDir(), about)
	if err != nil {
		t.Fatal(err)
	}
	run.Guard(secret.New(passphrase))
	s, err := run.Scenario("Application Administrator", "")
	if err != nil {
		t.Fatal(err)
	}
	o := note(t, s, recorded(t))
	steps, calls, console := traceOf(t, text)
	s.Trace(steps, calls, console)
	if err := s.Finish(o, verdict.Decide(o)); err != nil {
		t.Fatal(err)
	}
	if err := run.Close(evidence.Result{Finished: started.Add(4 * time.Second)}); err != nil {
		t.Fatal(err)
	}
	return run.Dir()
}

const proofDir = "scenarios/01-application-administrator"

func TestATraceIsPartOfTheBundle(t *testing.T) {
	dir := traced(t, "")
	if v := verified(t, dir, evidence.VerifyOptions{}); v.Outcome != evidence.Verified {
		t.Fatalf("it comes to %s: %v", v.Outcome, v.Problems)
	}
	kept := readJSON[evidence.Trace](t, filepath.Join(dir, proofDir, "trace.json"))
	if len(kept.Steps) != 3 || len(kept.Calls) != 2 || len(kept.Console) != 1 || kept.Omitted != 0 {
		t.Fatalf("the trace holds %d steps, %d calls, %d messages, %d omitted", len(kept.Steps), len(kept.Calls), len(kept.Console), kept.Omitted)
	}
	if first, second := kept.Steps[0], kept.Steps[1]; *first.After != *second.Before || first.Before != nil || second.After.Picture == second.Before.Picture {
		t.Errorf("the looks are %+v and %+v", first.After, second)
	}
	if report, err := os.ReadFile(filepath.Join(dir, "report.html")); err != nil || !strings.Contains(string(report), "Recorded step by step: <code>reprompt show</code>") {
		t.Errorf("the report does not lead to the trace, %v", err)
	}
	if len(kept.Files) != 4 { // two pages, each looked at, one twice, as a picture and as elements
		t.Errorf("the trace has the files %v", kept.Files)
	}
	for _, f := range filesOf(t, dir) {
		info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(f)))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s is %v, %v", f, info.Mode(), err)
		}
	}
}

// What a trace holds is refused part by part: the rest of it, and the proof, stay.
func TestATraceHoldsNothingThatSignsIn(t *testing.T) {
	for name, leak := range leaks() {
		dir := traced(t, leak)
		if path := found(t, dir, leak); path != "" {
			t.Errorf("%s stands in %s", name, path)
		}
		kept := readJSON[evidence.Trace](t, filepath.Join(dir, proofDir, "trace.json"))
		if len(kept.Steps) != 3 || len(kept.Calls) != 1 || kept.Omitted == 0 || !strings.Contains(kept.Console[0].Text, "withheld") {
			t.Errorf("%s: kept are %d steps, %d calls, %q, %d omitted", name, len(kept.Steps), len(kept.Calls), kept.Console[0].Text, kept.Omitted)
		}
		if v := verified(t, dir, evidence.VerifyOptions{}); v.Outcome != evidence.Verified {
			t.Errorf("%s: it comes to %s: %v", name, v.Outcome, v.Problems)
		}
	}
}

func TestATraceIsBounded(t *testing.T) {
	run := create(t)
	s := begin(t, run, "endless")
	steps, calls, console := traceOf(t, "")
	for range 400 {
		steps, calls, console = append(steps, steps[2]), append(calls, calls[0]), append(console, console[0])
	}
	for range 3000 {
		calls, console = append(calls, calls[0]), append(console, console[0])
	}
	big := make([]byte, 20<<20)
	for i := range 4 {
		big[0] = byte(i)
		steps[i].Before = &evidence.Look{Address: "https://big.example/", Markup: append([]byte(nil), big...)}
	}
	s.Trace(steps, calls, console)
	if err := run.Close(evidence.Result{}); err != nil {
		t.Fatal(err)
	}
	kept := readJSON[evidence.Trace](t, filepath.Join(s.Dir(), "trace.json"))
	if len(kept.Steps) != 400 || len(kept.Calls) != 3000 || len(kept.Console) != 500 || kept.Omitted < 3+402+2901+2 {
		t.Errorf("kept are %d steps, %d calls, %d messages; %d omitted", len(kept.Steps), len(kept.Calls), len(kept.Console), kept.Omitted)
	}
	size := int64(0)
	for _, f := range kept.Files {
		about, err := os.Stat(filepath.Join(run.Dir(), filepath.FromSlash(f.Path)))
		if err != nil {
			t.Fatal(err)
		}
		size += about.Size()
	}
	if size > 48<<20 {
		t.Errorf("the files of the trace have %d bytes", size)
	}
}

// A trace that was changed by somebody who makes every digest and the signature anew is still found out
// where it does not fit together.
func TestATraceThatDoesNotFitTogetherIsFound(t *testing.T) {
	for name, row := range map[string]struct {
		spoil func(t *testing.T, dir string)
		want  string
	}{
		"a file more":  {spoil: func(t *testing.T, dir string) { put(t, dir, proofDir+"/trace/099.txt", "more") }, want: "no trace notes it"},
		"another file": {spoil: func(t *testing.T, dir string) { put(t, dir, proofDir+"/trace/002.txt", "other") }, want: "it is not the file that the trace notes"},
		"a file less": {spoil: func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, proofDir, "trace", "002.txt")); err != nil {
				t.Fatal(err)
			}
		}, want: "the trace notes it, and it is not there"},
		"a picture of elsewhere": {spoil: func(t *testing.T, dir string) {
			change(t, dir, proofDir+"/trace.json", `"picture": "`+proofDir+"/trace/001.png", `"picture": "report.html`)
		}, want: "shows a file that is not of this proof"},
		"no trace": {spoil: func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, proofDir, "trace.json")); err != nil {
				t.Fatal(err)
			}
		}, want: "no trace notes it"},
		"another form": {spoil: func(t *testing.T, dir string) {
			change(t, dir, proofDir+"/trace.json", `"omitted": 0`, `"omitted": "0"`)
		}, want: "trace.json"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := traced(t, "")
			row.spoil(t, dir)
			remanifest(t, dir)
			v := verified(t, dir, evidence.VerifyOptions{})
			if v.Outcome != evidence.NotVerified || !strings.Contains(fmt.Sprint(v.Problems), row.want) {
				t.Errorf("it comes to %s: %v", v.Outcome, v.Problems)
			}
		})
	}
}

func TestTheViewerGivesOnlyWhatTheManifestNames(t *testing.T) {
	dir := traced(t, "")
	put(t, filepath.Dir(dir), "beside.txt", "beside")
	put(t, dir, "added.txt", "added")
	if err := os.Symlink(filepath.Join(filepath.Dir(dir), "beside.txt"), filepath.Join(dir, "link.txt")); err != nil {
		t.Fatal(err)
	}
	v, err := evidence.NewViewer(dir, evidence.VerifyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if v.Report() != "report.html" || v.Traced() != 1 || v.Verification().Outcome != evidence.NotVerified {
		t.Errorf("report %q, %d traces, %s", v.Report(), v.Traced(), v.Verification().Outcome)
	}
	for _, name := range []string{"report.html", "manifest.json", "statement.dsse.json", proofDir + "/trace/001.png", "run.json"} {
		if content, err := v.File(name); err != nil || len(content) == 0 {
			t.Errorf("%s: %d bytes, %v", name, len(content), err)
		}
	}
	for _, name := range []string{"", ".", "..", "../beside.txt", "link.txt", "added.txt", "scenarios", "/etc/passwd", proofDir + "/../../run.json"} {
		if content, err := v.File(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: %q, %v", name, content, err)
		}
	}
}

// What stands in a trace is text, wherever it came from.
func TestTheTraceViewIsOneInertPage(t *testing.T) {
	dir := traced(t, `<script>alert(1)</script>"'`)
	v, err := evidence.NewViewer(dir, evidence.VerifyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	page, err := v.Trace("")
	if err != nil {
		t.Fatal(err)
	}
	text := string(page)
	for _, wrong := range []string{"<script>alert", "ZgotmplZ", "http-equiv", ` style="`, `onclick`} {
		if strings.Contains(text, wrong) {
			t.Errorf("the page holds %s", wrong)
		}
	}
	for _, want := range []string{
		`href="#01-application-administrator/2"`, `id="01-application-administrator/2"`, "&lt;script&gt;alert(1)", "11 min", "trace/001.png", "passwd", "acrs", "graph.example", "Nope", "the report",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if other, err := v.Trace("another"); err != nil || strings.Contains(string(other), "acrs") {
		t.Errorf("a proof that is not there is shown, %v", err)
	}
}

func TestTheNewestBundleIsTheOneThatBeganLast(t *testing.T) {
	dir := t.TempDir()
	if _, err := evidence.Newest(dir); err == nil {
		t.Error("there is none, and one was found")
	}
	for _, name := range []string{"20260101T000000Z-aaaa/run.json", "20260102T000000Z-0000/run.json", "20260103T000000Z-none/other.json"} {
		put(t, dir, name, "{}")
	}
	put(t, dir, "20270101T000000Z-file", "")
	if got, err := evidence.Newest(dir); err != nil || filepath.Base(got) != "20260102T000000Z-0000" {
		t.Errorf("%s, %v", got, err)
	}
}

func put(t testing.TB, dir, name, content string) {
	t.Helper()
	full := filepath.Join(dir, filepath.FromSlash(name))
	err := os.MkdirAll(filepath.Dir(full), 0o700)
	if err == nil {
		err = os.WriteFile(full, []byte(content), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// change replaces a text that has to be there once or more.
func change(t testing.TB, dir, name, old, now string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil || !strings.Contains(string(content), old) {
		t.Fatalf("%s does not hold %s, %v", name, old, err)
	}
	put(t, dir, name, strings.ReplaceAll(string(content), old, now))
}

// remanifest makes the manifest the one of the files as they are now.
func remanifest(t testing.TB, dir string) {
	t.Helper()
	m := evidence.Manifest{Schema: "reprompt/manifest/v1"}
	for _, name := range filesOf(t, dir) {
		if name == "manifest.json" || strings.HasSuffix(name, ".dsse.json") {
			continue
		}
		content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		m.Files = append(m.Files, evidence.File{Path: name, Size: int64(len(content)), SHA256: evidence.Digest(content)})
	}
	slices.SortFunc(m.Files, func(a, b evidence.File) int { return strings.Compare(a.Path, b.Path) })
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "manifest.json", string(text))
}
