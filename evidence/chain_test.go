package evidence_test

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/verdict"
)

// chain are the classes of the links as the report draws them.
func chain(t *testing.T, o verdict.Observation) []string {
	t.Helper()
	report := reportOfOne(t, o)
	_, drawn, found := strings.Cut(report, `<ol class="chain">`)
	if !found {
		return nil
	}
	drawn, _, _ = strings.Cut(drawn, "</ol>")
	var classes []string
	for _, link := range regexp.MustCompile(`<li class="([a-z]+)">`).FindAllStringSubmatch(drawn, -1) {
		classes = append(classes, link[1])
	}
	return classes
}

func TestTheBrokenLinkIsMarked(t *testing.T) {
	policy := func(o *verdict.Observation) *verdict.Policy { return &o.Configuration.Policies[0] }
	for name, row := range map[string]struct {
		change func(*verdict.Observation)
		want   string // g good, b bad, u unseen
	}{
		"nothing":                         {asItIs, "ggggg"},
		"no context in the role setting":  {func(o *verdict.Observation) { o.Setting.ContextEnabled = false }, "buuuu"},
		"the context is not published":    {func(o *verdict.Observation) { o.Configuration.Contexts[0].Published = false }, "gbggg"},
		"the context is not there":        {func(o *verdict.Observation) { o.Configuration.Contexts = nil }, "gbggg"},
		"no policy":                       {func(o *verdict.Observation) { o.Configuration.Policies = nil }, "ggbuu"},
		"the policy is off":               {func(o *verdict.Observation) { policy(o).State = "disabled" }, "ggbgg"},
		"the admin is excluded":           {func(o *verdict.Observation) { policy(o).ExcludeUsers = []string{o.Admin.ObjectID} }, "gggbg"},
		"a condition narrows":             {onlyOnWindows, "gggbg"},
		"no sign-in frequency":            {func(o *verdict.Observation) { policy(o).Frequency = nil }, "ggggb"},
		"two links of one policy":         {func(o *verdict.Observation) { policy(o).State, policy(o).Frequency = "disabled", nil }, "ggbgb"},
		"the configuration was not read":  {configurationUnread, "guuuu"},
		"the role setting was not read":   {func(o *verdict.Observation) { o.Setting = verdict.Setting{} }, ""},
		"the nearer of two broken ones":   {anotherBrokenPolicy, "ggbgg"},
		"a broken one beside a right one": {anotherRightPolicy, "ggggg"},
	} {
		o := recorded(t)
		row.change(&o)
		var want []string
		for _, letter := range row.want {
			want = append(want, map[rune]string{'g': "good", 'b': "bad", 'u': "unseen"}[letter])
		}
		if diff := cmp.Diff(want, chain(t, o)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// anotherBrokenPolicy adds a policy with more faults than the one that is off.
func anotherBrokenPolicy(o *verdict.Observation) {
	other := o.Configuration.Policies[0]
	o.Configuration.Policies[0].State = "disabled"
	other.ID, other.IncludeUsers, other.Frequency = "other", []string{"somebody else"}, nil
	o.Configuration.Policies = append([]verdict.Policy{other}, o.Configuration.Policies...)
}

func anotherRightPolicy(o *verdict.Observation) {
	other := o.Configuration.Policies[0]
	other.ID, other.State = "other", "disabled"
	o.Configuration.Policies = append([]verdict.Policy{other}, o.Configuration.Policies...)
}

// drawnAt are the places of what a lane draws, by what it says: "x" or "x width".
func drawnAt(t *testing.T, report, lane string) map[string]string {
	t.Helper()
	_, drawn, found := strings.Cut(report, "<b>"+lane)
	if !found {
		t.Fatalf("there is no lane %q", lane)
	}
	drawn, _, _ = strings.Cut(drawn, "</svg>")
	at := map[string]string{}
	for _, bar := range regexp.MustCompile(`<rect class="bar [a-z]+" x="([0-9.]+)" y="12" width="([0-9.]+)" height="22"><title>(.*?)</title>`).FindAllStringSubmatch(drawn, -1) {
		at[bar[3]] = bar[1] + " " + bar[2]
	}
	for _, mark := range regexp.MustCompile(`<line class="mark [a-z]+" x1="([0-9.]+)" .*?><title>(.*?)</title>`).FindAllStringSubmatch(drawn, -1) {
		at[mark[2]] = mark[1]
	}
	return at
}

func TestWaitsAndChallengeAreDrawnToScale(t *testing.T) {
	o := recorded(t)
	at := func(minutes float64) time.Time { return o.Started.Add(time.Duration(minutes * float64(time.Minute))) }
	o.Finished = at(20)
	a := &o.Activations[0]
	o.SignIn.Started, o.SignIn.Finished, a.AuthTimeBefore = at(0), at(1), at(1)
	o.Priming.Authentication = verdict.Authentication{}
	a.Requested, a.Challenge.At, a.At = at(12), at(12), at(14)
	a.StepUp.Pages = []verdict.PageVisit{{At: at(12.5), SentAt: at(13), Page: "password", Factor: "password", StoodStill: true, Sent: true}}
	a.TokenAt = at(13.5)
	report := strings.ReplaceAll(reportOfOne(t, o), "&#39;", "'")
	whole := map[string]string{
		"signed in, primed": "0.0 50.0", "within Conditional Access's five minutes": "50.0 250.0", "within PIM's ten minutes": "300.0 250.0",
		"outside both windows": "550.0 50.0", "challenge 1 at " + at(12).Format("15:04:05"): "600.0", "activation active": "700.0", "the role is active": "700.0 300.0",
	}
	if diff := cmp.Diff(whole, drawnAt(t, report, "The whole proof")); diff != "" {
		t.Errorf("the whole proof (-want +got):\n%s", diff)
	}
	stepUp := map[string]string{"challenge": "0.0", "asked for password": "250.0 250.0", "new token": "750.0", "activation active": "1000.0"}
	if diff := cmp.Diff(stepUp, drawnAt(t, report, "Step-up 1")); diff != "" {
		t.Errorf("the step-up (-want +got):\n%s", diff)
	}
}

// Whoever adds a control says what it proves.
func TestEveryControlSaysWhatItProves(t *testing.T) {
	v := verdict.Decide(recorded(t))
	for _, c := range v.Controls {
		if evidence.ControlProves(c.Name) == "" {
			t.Errorf("the report does not say what %s proves", c.Name)
		}
	}
	report := reportOfOne(t, recorded(t))
	if n := strings.Count(report, `<p class="proves">Proves`); n != 3 {
		t.Errorf("%d witnesses say what they prove", n)
	}
}

func TestTheReportLaysTheRunBesideTheControls(t *testing.T) {
	report := string(exported(t, asConfigured(), "report.html", asItIs))
	for _, want := range []string{"What this says of controls", "IA-11", "Satisfied", "KSI-IAM-JIT", "https://www.iso.org/standard/27001", "asks for more than it can show"} {
		if !strings.Contains(report, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	embedded := asConfigured()
	embedded.TestClock = true
	report = string(exported(t, embedded, "report.html", asItIs))
	if !strings.Contains(report, "Nothing is decided.") || strings.Contains(report, "Satisfied") {
		t.Error("a run on the embedded tenant says something of a control")
	}
}

// newSigner is a key that somebody keeps.
func newSigner(t *testing.T) *evidence.Signer {
	t.Helper()
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := evidence.ParseSigner(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}))
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

func TestTheReportSaysHowToVerifyIt(t *testing.T) {
	report := string(exported(t, asConfigured(), "report.html", asItIs))
	for _, want := range []string{
		"Integrity only, signer unknown.", "reprompt evidence verify 20260314T092653Z-7f3a<", "cosign verify-blob-attestation --key signer.pem", "statement.dsse.json", "--new-bundle-format=false",
	} {
		if !strings.Contains(report, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	signed := asConfigured()
	signer := newSigner(t)
	signed.Signer = signer
	report = string(exported(t, signed, "report.html", asItIs))
	if !strings.Contains(report, signer.Public().ID()) || !strings.Contains(report, "--key signing.pem.pub") || strings.Contains(report, "signer unknown") {
		t.Error("the report does not tell the signer's key")
	}
}
