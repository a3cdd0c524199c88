package evidence_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/verdict"
)

var started = time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)

func info() evidence.RunInfo {
	return evidence.RunInfo{
		ID: "7f3a", Command: "reprompt prove --role \"Application Administrator\"", TenantID: "tenant-1", TestClock: true, Started: started,
		Build:   evidence.Build{Version: "v0.1.0", Commit: "0123abc", Go: "go1.26"},
		Browser: evidence.Browser{Name: "chromium-headless-shell", Version: "156.0", SHA256: "00"},
		Now:     func() time.Time { return started.Add(time.Second) },
	}
}

func create(t *testing.T) *evidence.Run {
	t.Helper()
	run, err := evidence.Create(t.TempDir(), info())
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func begin(t *testing.T, run *evidence.Run, name string) *evidence.Scenario {
	t.Helper()
	s, err := run.Scenario(name, "features/role_activation.feature")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// recorded is a proof that is enforced, as package verdict's tests record it.
func recorded(t testing.TB) verdict.Observation {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "verdict", "testdata", "observation.json"))
	if err != nil {
		t.Fatal(err)
	}
	var o verdict.Observation
	if err := json.Unmarshal(content, &o); err != nil {
		t.Fatal(err)
	}
	return o
}

// dot is a picture of one colour.
func dot(t testing.TB, width, height int) []byte {
	t.Helper()
	picture := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			picture.Set(x, y, color.RGBA{uint8(x * y), uint8(x), uint8(y * 7), 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func readJSON[T any](t *testing.T, path string) T {
	t.Helper()
	var value T
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, &value); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return value
}

// finished is a run with one proof, closed.
func finished(t *testing.T) *evidence.Run {
	t.Helper()
	run := create(t)
	s := begin(t, run, "Every activation asks again")
	o := recorded(t)
	s.Event("step", "sign in", o.Started)
	o.Activations[0].StepUp.Pages[0].Screenshot = s.Screenshot("password", "The password page", dot(t, 8, 8))
	if err := s.Finish(o, verdict.Decide(o)); err != nil {
		t.Fatal(err)
	}
	if err := run.Close(evidence.Result{Finished: started.Add(4 * time.Second)}); err != nil {
		t.Fatal(err)
	}
	return run
}

func TestARunLeavesEveryFileAndTheManifestNamesThem(t *testing.T) {
	run := finished(t)
	manifest := readJSON[evidence.Manifest](t, filepath.Join(run.Dir(), "manifest.json"))
	dir := "scenarios/01-every-activation-asks-again/"
	var paths []string
	for _, file := range manifest.Files {
		paths = append(paths, file.Path)
		content, err := os.ReadFile(filepath.Join(run.Dir(), filepath.FromSlash(file.Path)))
		if err != nil {
			t.Fatal(err)
		}
		if int64(len(content)) != file.Size || evidence.Digest(content) != file.SHA256 {
			t.Errorf("%s: the manifest does not fit the file", file.Path)
		}
	}
	want := []string{"junit.xml", "oscal-assessment-results.json", "report.html", "run.json", dir + "01-password.png", dir + "events.ndjson", dir + "observation.json", dir + "verdict.json", "signer.pem"}
	if diff := cmp.Diff(want, paths); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if name := filepath.Base(run.Dir()); name != "20260314T092653Z-7f3a" {
		t.Errorf("folder is named %s", name)
	}
}

func TestWhatIsRecordedDecidesToTheSameVerdict(t *testing.T) {
	run := finished(t)
	dir := filepath.Join(run.Dir(), "scenarios", "01-every-activation-asks-again")
	o := readJSON[verdict.Observation](t, filepath.Join(dir, "observation.json"))
	v := readJSON[verdict.Verdict](t, filepath.Join(dir, "verdict.json"))
	if diff := cmp.Diff(v, verdict.Decide(o)); diff != "" {
		t.Errorf("verdict.json against observation.json (-recorded +decided):\n%s", diff)
	}
}

func TestOnlyTheOwnerMayRead(t *testing.T) {
	run := finished(t)
	err := filepath.WalkDir(run.Dir(), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o600)
		if entry.IsDir() {
			want = 0o700
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %o, want %o", path, info.Mode().Perm(), want)
		}
		if strings.Contains(path, ".writing-") {
			t.Errorf("%s was left behind", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// runState is what a reader of a run that was cut off looks at.
type runState struct {
	State     string
	Scenarios []struct{ Name, State, Verdict, Failure string }
}

func TestARunThatWasCutOffSaysSo(t *testing.T) {
	run := create(t)
	state := func() runState { return readJSON[runState](t, filepath.Join(run.Dir(), "run.json")) }
	if got := state(); got.State != "running" || len(got.Scenarios) != 0 {
		t.Errorf("at the beginning run.json says %+v", got)
	}
	s := begin(t, run, "first")
	o := recorded(t)
	if err := s.Finish(o, verdict.Decide(o)); err != nil {
		t.Fatal(err)
	}
	begin(t, run, "second")
	got := state()
	if got.State != "running" || len(got.Scenarios) != 2 || got.Scenarios[0].Verdict != "enforced" || got.Scenarios[1].State != "running" {
		t.Errorf("after one and a half scenarios run.json says %+v", got)
	}
	if _, err := os.Stat(run.Report()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a run that was cut off has a report: %v", err)
	}
}

func TestAFailedScenarioIsReported(t *testing.T) {
	run := create(t)
	begin(t, run, "broken").Failed("the browser went away")
	if err := run.Close(evidence.Result{}); err != nil {
		t.Fatal(err)
	}
	got := readJSON[runState](t, filepath.Join(run.Dir(), "run.json"))
	if got.State != "finished" || got.Scenarios[0].State != "failed" || got.Scenarios[0].Failure != "the browser went away" {
		t.Errorf("run.json says %+v", got)
	}
	report, err := os.ReadFile(run.Report())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(report, []byte("The browser went away")) {
		t.Error("the report does not say why the scenario failed")
	}
}

// jwt is shaped like a token and is none.
var jwt = strings.Join([]string{"eyJhbGciOiJSUzI1NiJ9", "eyJzdWIiOiJub2JvZHkifQ", "c2lnbmF0dXJl"}, ".")

const passphrase = "Corr&ct horse+battery/9"

// leaks are texts that must never reach the disk.
func leaks() map[string]string {
	return map[string]string{
		"a token":                         "Authorization: Bearer " + jwt,
		"a token in a URL":                "#access_token=" + jwt + "&x=1",
		"a code in a redirect":            "http://localhost/?code=0.AXoAq1w2e3r4t5y6u7i8&state=1",
		"a state in a redirect":           "http://localhost/?x=1&state=Zm9vYmFyYmF6cXV4",
		"a flow token in a form":          "flowToken=AQABAAEAAAD&ctx=1",
		"a flow token in JSON":            `{"FlowToken":"AQABAAEAAAD--abcdef"}`,
		"a refresh token":                 "got 0.AXoA" + strings.Repeat("Qz3-", 15),
		"a session cookie":                "Cookie: ESTSAUTHPERSISTENT=0.AbCdEf",
		"a one-time code in a form":       "otc=123456",
		"a registered secret":             "it is " + passphrase,
		"a registered secret in base64":   base64.StdEncoding.EncodeToString([]byte(passphrase)),
		"a registered secret in a header": "Basic " + base64.StdEncoding.EncodeToString([]byte("ada:"+passphrase)),
		"a registered secret in a form":   "x=" + url.QueryEscape(passphrase),
		"a registered secret in a path":   "/" + url.PathEscape(passphrase),
		"a registered secret in HTML":     "Corr&amp;ct horse+battery/9",
	}
}

// found reports which leak stands anywhere below dir.
func found(t *testing.T, dir, leak string) string {
	t.Helper()
	var where string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		inJSON, _ := json.Marshal(leak)
		if bytes.Contains(content, []byte(leak)) || bytes.Contains(content, inJSON[1:len(inJSON)-1]) {
			where = path
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return where
}

func TestNothingThatSignsInReachesTheDisk(t *testing.T) {
	for name, leak := range leaks() {
		t.Run(name, func(t *testing.T) {
			for where, put := range map[string]func(*evidence.Run, *evidence.Scenario) error{
				"an observation": func(_ *evidence.Run, s *evidence.Scenario) error {
					o := recorded(t)
					o.Failure = &verdict.Failure{Code: verdict.PageNotRecognised, Text: leak}
					return s.Finish(o, verdict.Decide(o))
				},
				"an event": func(r *evidence.Run, s *evidence.Scenario) error {
					s.Event("step", leak, started)
					return r.Close(evidence.Result{})
				},
				"a picture": func(r *evidence.Run, s *evidence.Scenario) error {
					s.Screenshot("page", "a page", []byte("\x89PNG "+leak))
					return r.Close(evidence.Result{})
				},
				"a caption": func(r *evidence.Run, s *evidence.Scenario) error {
					s.Screenshot("page", leak, dot(t, 2, 2))
					return r.Close(evidence.Result{})
				},
				"the reason of a failure": func(r *evidence.Run, s *evidence.Scenario) error {
					s.Failed(leak)
					return nil
				},
				"the end of a run": func(r *evidence.Run, _ *evidence.Scenario) error {
					return r.Close(evidence.Result{Failure: leak})
				},
			} {
				run := create(t)
				run.Guard(secret.New(passphrase))
				err := put(run, begin(t, run, "leaking"))
				if path := found(t, run.Dir(), leak); path != "" {
					t.Errorf("%s: it stands in %s", where, filepath.Base(path))
				}
				var refused *evidence.SecretError
				if where != "the reason of a failure" && !errors.As(err, &refused) {
					t.Errorf("%s: nobody was told: %v", where, err)
				}
				if err != nil && strings.Contains(err.Error(), leak) {
					t.Errorf("%s: the error repeats it: %v", where, err)
				}
			}
		})
	}
}

func TestWhatOnlyLooksLikeASecretIsWritten(t *testing.T) {
	run := create(t)
	s := begin(t, run, "harmless")
	for _, text := range []string{
		`{"access_token":{"acrs":{"essential":true,"value":"c1"}}}`, "HTTP 400 code=Denied state=enabled",
		"eyJ alone", "https://login.microsoftonline.com/t/oauth2/v2.0/authorize?response_type=code", "AADSTS50058",
	} {
		s.Event("step", text, started)
	}
	if err := run.Close(evidence.Result{}); err != nil {
		t.Error(err)
	}
}

func TestAnEventThatWasChangedIsFound(t *testing.T) {
	run := finished(t)
	content, err := os.ReadFile(filepath.Join(run.Dir(), "scenarios", "01-every-activation-asks-again", "events.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	events, err := evidence.ReadEvents(bytes.NewReader(content))
	if err != nil || len(events) != 2 {
		t.Fatalf("read %d events: %v", len(events), err)
	}
	lines := bytes.SplitAfter(content, []byte("\n"))
	for name, changed := range map[string][]byte{
		"a word":            bytes.Replace(content, []byte("sign in"), []byte("sign up"), 1),
		"a line taken out":  lines[1],
		"lines in exchange": append(bytes.Clone(lines[1]), lines[0]...),
		"a line cut off":    content[:len(content)-5],
		"a line twice":      append(bytes.Clone(content), lines[1]...),
	} {
		if _, err := evidence.ReadEvents(bytes.NewReader(changed)); err == nil {
			t.Errorf("%s was not noticed", name)
		}
	}
}

func TestNothingIsWrittenTwice(t *testing.T) {
	run := create(t)
	s := begin(t, run, "once")
	o := recorded(t)
	if err := s.Finish(o, verdict.Decide(o)); err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(o, verdict.Decide(o)); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second Finish: %v", err)
	}
	if _, err := evidence.Create(filepath.Dir(run.Dir()), info()); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second run of the same name: %v", err)
	}
}

// run.json follows a run closely, and is not written once for each of many scenarios: the time would
// grow with their square.
func TestProgressIsNotedInTimeThatGrowsWithTheRun(t *testing.T) {
	const scenarios = 320
	run := create(t)
	file, last, written := filepath.Join(run.Dir(), "run.json"), "", 0
	for n := 1; n <= scenarios; n++ {
		s, err := run.Scenario("one of many", "")
		if err == nil {
			err = s.Passed()
		}
		content, unread := os.ReadFile(file)
		if err != nil || unread != nil {
			t.Fatal(err, unread)
		}
		if string(content) != last {
			last, written = string(content), written+1
		}
		if noted := strings.Count(last, `"name": "one of many"`); noted < n-n/32-1 {
			t.Fatalf("run.json knows %d of %d scenarios", noted, n)
		}
	}
	if written > 32*6 {
		t.Errorf("run.json was written for %d of %d scenarios", written, scenarios)
	}
}
