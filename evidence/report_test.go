package evidence_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"image"
	"image/png"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
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
		for _, a := range o.Activations {
			for i := range a.StepUp.Pages {
				page := &a.StepUp.Pages[i]
				page.Screenshot = s.Screenshot(page.Page, "The page that asks for the "+page.Page, picture)
			}
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

// A run whose scenarios demand not-enforced, and get it, is a good one: the report says so above its red verdicts.
func TestTheReportOfARunSaysWhetherItCameOutAsDemanded(t *testing.T) {
	run := create(t)
	for _, name := range []string{"demands it", "demands something else"} {
		s := begin(t, run, name)
		o := recorded(t)
		reportOnly(&o)
		decided := verdict.Decide(o)
		if err := s.Finish(o, decided); err != nil {
			t.Fatal(err)
		}
		if name == "demands something else" {
			s.Failed("the verdict is not-enforced, expected enforced: X (" + decided.Reasons[0].Text + ")")
		}
	}
	if err := run.Close(evidence.Result{Finished: started}); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(run.Report())
	if err != nil {
		t.Fatal(err)
	}
	report := string(content)
	for _, want := range []string{"2 scenarios</h2>", "1 as demanded</span>", "1 not as demanded</span>", "2 Not enforced</span>", "<small><code>POLICY_REPORT_ONLY</code></small>", "The verdict is not-enforced, expected enforced: X ("} {
		if !strings.Contains(report, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	if got := strings.Count(report, `<small class="demanded">as demanded</small>`); got != 1 {
		t.Errorf("%d scenarios are called as demanded, want the first", got)
	}
}

func TestTheReportLaysWhatWasForetoldBesideWhatHappened(t *testing.T) {
	for name, row := range map[string]struct {
		change func(*verdict.Observation)
		want   []string
	}{
		"came true":     {foretold, []string{"What-If foretold", "A sign-in is asked for", "A sign-in was asked for", "Re-authenticate for roles (enabled)", "Row of the step-up", "interactiveUser"}},
		"in vain":       {foretoldInVain, []string{"Here it did not foretell what happened.", "No sign-in was asked for"}},
		"a plain token": {plainForetold, []string{"A sign-in is asked for", "No sign-in was asked for", "Here it did not foretell"}},
		"a block":       {blockForetold, []string{"The sign-in would be blocked", "The sign-in was blocked"}},
		"a device":      {deviceForetold, []string{"A compliant or joined device is demanded", "A compliant or joined device was demanded"}},
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
	for _, want := range []string{`href="#proof-1"`, `href="#proof-3"`, `id="proof-3"`, "3 scenarios", "1 Enforced", "1 Not enforced", "1 Inconclusive"} {
		if !strings.Contains(report, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	if strings.Contains(reportOf(t, dot(t, 4, 4), asItIs), "1 scenarios") {
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

// sizes are those of all pictures that a report embeds.
func sizes(t *testing.T, report string) []image.Point {
	t.Helper()
	var all []image.Point
	for _, embedded := range regexp.MustCompile(`data:image/png;base64,([^"]+)"`).FindAllStringSubmatch(report, -1) {
		content, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(embedded[1], "&#43;", "+"))
		if err != nil {
			t.Fatal(err)
		}
		config, err := png.DecodeConfig(bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, image.Pt(config.Width, config.Height))
	}
	return all
}

// The middle of a sign-in page is its card; any other large picture is shown whole, but smaller.
func TestALargePictureIsMadeSmallerAndASignInPageCut(t *testing.T) {
	large := noise(t, 1280, 800)
	if len(large) < 250<<10 {
		t.Fatalf("the picture has only %d bytes", len(large))
	}
	all := sizes(t, reportOf(t, large, asItIs))
	if len(all) == 0 || slices.ContainsFunc(all, func(p image.Point) bool { return p != image.Pt(480, 420) }) {
		t.Errorf("sign-in pages are embedded as %v", all)
	}
	run := create(t)
	s := begin(t, run, "A page of somebody else")
	s.Screenshot("portal", "The portal", large)
	if err := errors.Join(s.Finish(recorded(t), verdict.Decide(recorded(t))), run.Close(evidence.Result{Finished: started})); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(run.Report())
	if err != nil {
		t.Fatal(err)
	}
	if all := sizes(t, string(content)); !slices.Equal(all, []image.Point{{760, 475}}) {
		t.Errorf("the portal is embedded as %v, once in the timeline", all)
	}
}

// card is what the report's card of one witness holds.
func card(t *testing.T, report, witness string) string {
	t.Helper()
	_, after, found := strings.Cut(report, "<h4>"+witness+"<")
	if !found {
		t.Fatalf("there is no card of the witness %s", witness)
	}
	text, _, _ := strings.Cut(after, "</section>")
	return strings.ReplaceAll(text, "&#39;", "'")
}

// reportOfOne is the report of one proof as it is, with a picture of the portal's outcome.
func reportOfOne(t *testing.T, o verdict.Observation) string {
	t.Helper()
	run := create(t)
	s := begin(t, run, "One proof")
	for i := range o.Activations {
		s.Event("activation", "requested", o.Activations[i].Requested)
		page := &o.Activations[i].StepUp.Pages[0]
		page.Screenshot = s.Screenshot(page.Page, "The page that asks", dot(t, 4, 4))
		s.Event("activation", "answered", o.Activations[i].At)
		s.Screenshot("outcome", "The portal says that the role is active", dot(t, 4, 4))
	}
	if err := errors.Join(s.Finish(o, verdict.Decide(o)), run.Close(evidence.Result{Finished: started})); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(run.Report())
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestAPlainTokenThatActivatedIsToldWhereAStepUpWouldBe(t *testing.T) {
	o := recorded(t)
	plainAccepted(&o)
	report := reportOfOne(t, o)
	for _, witness := range []string{"Screen", "Token"} {
		if text := card(t, report, witness); !strings.Contains(text, "activated by a plain token: no step-up was reached.") || strings.Contains(text, "No activation was reached") {
			t.Errorf("the card of the %s reads %s", witness, text)
		}
	}
	if !strings.Contains(report, "11 of 17 held, 5 not reached") || strings.Count(report, "Not held:") != 1 || strings.Count(report, `<li class="unseen">`) != 5 {
		t.Error("what was not reached is counted among what failed")
	}
}

func TestTheLogsCardSaysWhyItIsEmpty(t *testing.T) {
	for want, log := range map[string]*verdict.Log{
		"The tenant's sign-in log was not asked.":                nil,
		"The tenant's sign-in log has no row of the step-up yet": {Asked: started, Entries: []verdict.LogEntry{{N: 1}}},
	} {
		o := recorded(t)
		o.Log = log
		if text := card(t, reportOfOne(t, o), "Log"); !strings.Contains(text, want) {
			t.Errorf("the card reads %s, want %q", text, want)
		}
	}
}

func TestTheTokensCardHasNoPicture(t *testing.T) {
	report := reportOfOne(t, recorded(t))
	if text := card(t, report, "Token"); strings.Contains(text, "<img") {
		t.Error("a page illustrates the token")
	}
	if !strings.Contains(card(t, report, "Screen"), "<img") || strings.Count(report, `alt="The portal says that the role is active"`) != 1 {
		t.Error("the page that asked, or the portal's outcome in the timeline, is missing")
	}
}

// What was changed before a proof is told with when the tenant obeyed it, also where it came to no proof.
func TestTheReportSaysWhenTheTenantObeyed(t *testing.T) {
	run := create(t)
	s := begin(t, run, "One scenario")
	s.Event(evidence.EffectSeen, "effect of context c7 seen 12m0s after Graph showed it: a token with c7 is given silently", started)
	s.Event(evidence.Effect, "role-setting r1: Graph shows it; no silent request shows whether the tenant obeys it", started.Add(time.Minute))
	s.Event(evidence.EffectNotSeen, "effect of policy p1 not seen: TENANT_NOT_READY: waited 5m0s", started.Add(7*time.Minute))
	s.Failed("TENANT_NOT_READY")
	if err := run.Close(evidence.Result{Finished: started}); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(run.Report())
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(content), "when the tenant obeyed</h3>")
	section, _, end := strings.Cut(section, "</section>")
	if !ok || !end {
		t.Fatal("the report has no such section")
	}
	for class, text := range map[string]string{"good": "ffect of context c7 seen 12m0s", "plain": "ole-setting r1: Graph shows it", "bad": "ffect of policy p1 not seen: TENANT_NOT_READY"} {
		_, line, ok := strings.Cut(section, `<li class="`+class+`">`)
		if line, _, _ = strings.Cut(line, "</li>"); !ok || !strings.Contains(line, text) {
			t.Errorf("no %s line with %q: %s", class, text, section)
		}
	}
	if report := reportOf(t, dot(t, 4, 4), func(*verdict.Observation) {}); strings.Contains(report, "when the tenant obeyed</h3>") {
		t.Error("a proof that nothing was changed for has the section")
	}
}
