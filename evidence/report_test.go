package evidence_test

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/verdict"
)

// reportOf closes a run in which each named change of the recorded proof is a scenario.
func reportOf(t *testing.T, picture []byte, changes ...func(*verdict.Observation)) string {
	t.Helper()
	run := create(t)
	for _, change := range changes {
		s := begin(t, run, `The role <script>alert("x")</script> is asked for`)
		o := recorded(t)
		change(&o)
		for i := range o.Activations[0].StepUp.Pages {
			page := &o.Activations[0].StepUp.Pages[i]
			page.Screenshot = s.Screenshot(page.Page, "The page that asks for the "+page.Page, picture)
		}
		if err := s.Finish(o, verdict.Decide(o)); err != nil {
			t.Fatal(err)
		}
	}
	if err := run.Close(evidence.Result{Finished: started}); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(run.Report())
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestTheReportSaysWhatAPersonLooksFor(t *testing.T) {
	report := reportOf(t, dot(t, 4, 4), reportOnly)
	for _, want := range []string{
		"Not enforced", "Application Administrator", "Embedded tenant", "report-only", "Switch the policy from report-only to on.",
		"ACTIVATED_WITHOUT_PROMPT", "/identity/conditionalAccess/policies/policy-1", "not-prompted", "stale", "What this does not prove", "SHA-256",
	} {
		if !strings.Contains(report, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	if strings.Index(report, "Not enforced") > strings.Index(report, "Three witnesses") {
		t.Error("the verdict stands below the witnesses")
	}
}

func TestTheReportLaysWhatWasForetoldBesideWhatHappened(t *testing.T) {
	for name, row := range map[string]struct {
		change func(*verdict.Observation)
		want   []string
	}{
		"came true":     {foretold, []string{"What-If foretold", "A sign-in is asked for", "Re-authenticate for roles (enabled)", "Row of the step-up", "interactiveUser"}},
		"in vain":       {foretoldInVain, []string{"Here it did not foretell what happened.", "No sign-in is asked for"}},
		"not permitted": {notPermitted, []string{"What-If needs Policy.Read.All.", "reading the sign-in log needs AuditLog.Read.All."}},
	} {
		report := reportOf(t, dot(t, 4, 4), row.change)
		for _, want := range row.want {
			if !strings.Contains(strings.ReplaceAll(report, "&#39;", "'"), want) {
				t.Errorf("%s: the report lacks %q", name, want)
			}
		}
	}
	if strings.Contains(reportOf(t, dot(t, 4, 4), asItIs), "What was foretold") {
		t.Error("a prediction is told that nobody asked for")
	}
}

// A token that is taken again makes the role active: the wait after it is PIM's, not the windows'.
func TestTheReportSaysWhatWasWaitedForAfterATokenWasTaken(t *testing.T) {
	for answer, want := range map[verdict.ReplayAnswer]string{
		verdict.AnswerAccepted: "PIM lets a role go only after five minutes.", verdict.AnswerRefused: "Both re-use windows had to pass",
	} {
		report := reportOf(t, dot(t, 4, 4), func(o *verdict.Observation) {
			at := o.Finished.Add(6 * time.Minute)
			tried := verdict.Replay{N: 2, Token: verdict.ReplaySteppedUp, Mode: "real", At: at, Answer: answer, Status: 201}
			o.Replays = append(o.Replays, tried, verdict.Replay{N: 2, Token: verdict.ReplayRefresh, At: at.Add(5 * time.Minute), Status: 400})
			o.Finished = at.Add(6 * time.Minute)
		})
		_, after, found := strings.Cut(report, "Tried the stepped-up token, later")
		if !found {
			t.Fatal("the report does not tell of the try")
		}
		_, wait, _ := strings.Cut(after, "Waited 5 min")
		if text, _, _ := strings.Cut(wait, "</li>"); !strings.Contains(text, want) {
			t.Errorf("%s: the wait reads %q, want %q", answer, text, want)
		}
	}
}

func TestTheReportNeedsNothingFromElsewhere(t *testing.T) {
	report := reportOf(t, dot(t, 4, 4), asItIs)
	for _, outside := range []string{`src="http`, `href="http`, "<script", "<link", "@import", "url(", ` style="`, "ZgotmplZ", " on" + `load=`} {
		if strings.Contains(report, outside) {
			t.Errorf("the report holds %s", outside)
		}
	}
	policy := regexp.MustCompile(`http-equiv="Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(report)
	sheet := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(report)
	if policy == nil || sheet == nil {
		t.Fatal("the report has no policy or no sheet")
	}
	if !strings.Contains(policy[1], "default-src &#39;none&#39;") || !strings.Contains(policy[1], evidence.StyleHash(sheet[1])) {
		t.Errorf("the policy %s does not allow exactly the sheet", policy[1])
	}
}

func TestEveryPictureHasAnAlternative(t *testing.T) {
	report := reportOf(t, dot(t, 4, 4), asItIs)
	pictures := regexp.MustCompile(`<img [^>]*>`).FindAllString(report, -1)
	if len(pictures) < 2 {
		t.Fatalf("%d pictures", len(pictures))
	}
	for _, picture := range pictures {
		if !regexp.MustCompile(`alt="[^"]+"`).MatchString(picture) {
			t.Errorf("no alternative: %.80s", picture)
		}
	}
}

func TestSeveralProofsBeginWithAnOverview(t *testing.T) {
	report := reportOf(t, dot(t, 4, 4), asItIs, reportOnly, inTheWindow)
	for _, want := range []string{`href="#proof-1"`, `href="#proof-3"`, `id="proof-3"`, "3 proofs", "1 Enforced", "1 Not enforced", "1 Inconclusive"} {
		if !strings.Contains(report, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	if strings.Contains(reportOf(t, dot(t, 4, 4), asItIs), "1 proofs") {
		t.Error("a single proof has an overview")
	}
}

// noise is a picture that does not compress, the same each time.
func noise(t *testing.T, width, height int) []byte {
	t.Helper()
	picture := image.NewGray(image.Rect(0, 0, width, height))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range picture.Pix {
		picture.Pix[i] = byte(random.Uint32())
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestALargePictureIsMadeSmaller(t *testing.T) {
	large := noise(t, 1280, 800)
	if len(large) < 250<<10 {
		t.Fatalf("the picture has only %d bytes", len(large))
	}
	report := reportOf(t, large, asItIs)
	embedded := regexp.MustCompile(`data:image/png;base64,([^"]+)"`).FindStringSubmatch(report)
	if embedded == nil {
		t.Fatal("no picture")
	}
	content, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(embedded[1], "&#43;", "+"))
	if err != nil {
		t.Fatal(err)
	}
	config, err := png.DecodeConfig(bytes.NewReader(content))
	if err != nil || config.Width != 760 || config.Height != 475 {
		t.Errorf("embedded as %d×%d: %v", config.Width, config.Height, err)
	}
}
