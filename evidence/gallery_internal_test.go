package evidence

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"math/rand/v2"
	"os"
	"path"
	"runtime"
	"testing"

	"github.com/reprompt/reprompt/verdict"
)

// filmed are the contents of so many proofs with four pictures each, of which two are of sign-in pages. No two are
// alike. A proof is made when it is read.
func filmed(t *testing.T, proofs int) contents {
	t.Helper()
	s := store{root: t.TempDir(), guard: newGuard()}
	c := contents{files: s, unread: map[int]error{}}
	noise := rand.NewChaCha8([32]byte{})
	for i := range proofs {
		record := scenarioRecord{Name: fmt.Sprint("role ", i), Dir: fmt.Sprint("scenarios/", i), State: stateFinished, Verdict: verdict.Enforced}
		for k := range 4 {
			page := image.NewGray(image.Rect(0, 0, 500, 450))
			for y := 150; y < 300; y++ {
				_, _ = noise.Read(page.Pix[page.PixOffset(150, y):page.PixOffset(350, y)]) // never fails
			}
			var b bytes.Buffer
			if err := errors.Join(png.Encode(&b, page), s.write(path.Join(record.Dir, fmt.Sprint(k, ".png")), b.Bytes(), false)); err != nil {
				t.Fatal(err)
			}
		}
		c.run.Scenarios = append(c.run.Scenarios, record)
	}
	c.read = func(i int) (scenarioContents, error) {
		read := scenarioContents{scenarioRecord: c.run.Scenarios[i], observation: &verdict.Observation{}, verdict: &verdict.Verdict{Outcome: verdict.Enforced}}
		for k := range 4 {
			shot := path.Join(read.Dir, fmt.Sprint(k, ".png"))
			read.pictures = append(read.pictures, picture{Path: shot, Caption: "a page"})
			if k < 2 {
				read.observation.SignIn.Pages = append(read.observation.SignIn.Pages, verdict.PageVisit{Screenshot: shot})
			}
		}
		return read, nil
	}
	return c
}

// balance notes what is alive whenever a piece is written, and how much is written.
type balance struct{ alive, written uint64 }

func (b *balance) Write(piece []byte) (int, error) {
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	b.alive = max(b.alive, memory.HeapAlloc)
	b.written += uint64(len(piece))
	return len(piece), nil
}

// A report holds one proof at a time, with its pictures, and not all of a run.
func TestAReportIsNotHeldAsAWhole(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	weigh := func(proofs int) balance {
		c, s := filmed(t, proofs), balance{}
		w := &pieces{guard: c.files.guard, out: &s}
		if err := errors.Join(writeReport(c, w), w.end()); err != nil {
			t.Fatal(err)
		}
		return s
	}
	few, many := weigh(4), weigh(16)
	more, larger := int64(many.alive)-int64(few.alive), int64(many.written-few.written)
	if larger < 3<<20 {
		t.Fatalf("the report of 16 proofs is only %d bytes larger than that of 4", larger)
	}
	if more > larger/4 {
		t.Errorf("%d bytes more are alive while the report of 16 proofs is written than of 4, for %d bytes of text", more, larger)
	}
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// A secret is found in a report wherever it stands, and then there is no report.
func TestAReportWithASecretIsNotWritten(t *testing.T) {
	for i := range 3 {
		c := filmed(t, 3)
		c.run.Scenarios[i].Failure = "it ended with eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZG1pbiJ9.c2ln"
		wanted := new(SecretError)
		if err := c.writeDerived(); !errors.As(err, &wanted) {
			t.Errorf("proof %d: %v, want a secret that is refused", i, err)
		}
		if _, err := os.Stat(path.Join(c.files.root, reportName)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("proof %d: there is a report, %v", i, err)
		}
	}
}

// Where the folder for temporary files takes nothing, the report is made all the same.
func TestAReportNeedsNoFolderForTemporaryFiles(t *testing.T) {
	c := filmed(t, 2)
	want := derived(t, c)
	t.Setenv("TMPDIR", path.Join(t.TempDir(), "not-there"))
	if got := derived(t, c); got[reportName] != want[reportName] || len(got[reportName]) < 100<<10 {
		t.Errorf("the report has %d bytes, want the same %d", len(got[reportName]), len(want[reportName]))
	}
}

// A scenario that cannot be read is named once, however many files are made of it, and the others are in each.
func TestAScenarioThatCannotBeReadIsNamedOnce(t *testing.T) {
	c := filmed(t, 3)
	read := c.read
	c.read = func(i int) (scenarioContents, error) {
		if i == 1 {
			return scenarioContents{scenarioRecord: c.run.Scenarios[1]}, errors.New("the disk is gone")
		}
		return read(i)
	}
	const want = `read back what was kept of "role 1": the disk is gone`
	if err := c.writeDerived(); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	for _, w := range writers {
		content, err := c.files.read(w.name)
		if err != nil || !bytes.Contains(content, []byte("role 2")) {
			t.Errorf("%s does not tell of the others, %v", w.name, err)
		}
	}
}
