package evidence_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/tokens"
	"github.com/reprompt/reprompt/verdict"
)

func TestTheDefaultControlsAreThoseThatAreAsked(t *testing.T) {
	want := []string{
		"IA-11", "AC-6(1)", "AC-6(9)", "IA-2(1)", "IA-2(2)", "IA-2(8)", "KSI-IAM-ELP", "KSI-IAM-JIT", "A.8.2", "A.8.5", "5.2.2.4",
	}
	var labels []string
	for _, c := range evidence.DefaultControls() {
		labels = append(labels, c.Label)
		if !strings.HasPrefix(c.Source, "https://") {
			t.Errorf("%s has no public source", c.Label)
		}
		if !slices.Contains(c.Needs, evidence.NeedReauthentication) {
			t.Errorf("%s speaks of a proof and does not need what a proof is about", c.Label)
		}
	}
	if !slices.Equal(labels, want) {
		t.Errorf("controls are %v, want %v", labels, want)
	}
}

// row is a file of controls with one right row, of which text is replaced.
func row(replace ...string) []byte {
	return []byte(strings.NewReplacer(replace...).Replace(`schema: reprompt/controls/v1
controls:
  - id: own-1
    framework: Our policy
    label: "1"
    title: Sign in again
    source: https://example.org/policy
    needs: [re-authentication, multifactor-step-up]
    says: It was asked for.
    limits: Nothing else.
`))
}

func TestAFileOfControlsIsReadStrictly(t *testing.T) {
	for want, content := range map[string][]byte{
		"is no public https address":     row("https://example.org/policy", "http://example.org/policy"),
		`the source "" is no public`:     row("    source: https://example.org/policy\n", ""),
		"needs is missing":               row("    needs: [re-authentication, multifactor-step-up]\n", ""),
		`there is no need "mfa"`:         row("multifactor-step-up", "mfa"),
		"limits is missing":              row("Nothing else.", `" "`),
		`the id "1 own" must begin`:      row("own-1", "1 own"),
		`unknown field "sources"`:        row("source:", "sources:"),
		"the id own-1 is taken":          append(row(), row("schema: reprompt/controls/v1\ncontrols:\n", "")...),
		`write "schema: reprompt/contro`: row("controls/v1", "controls/v9"),
		`no row under "controls:"`:       []byte("schema: reprompt/controls/v1\n"),
	} {
		controls, err := evidence.ParseControls(content)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v and %d controls", want, err, len(controls))
		}
	}
}

func TestOwnControlsJoinThoseThatAreThere(t *testing.T) {
	own, err := evidence.ParseControls(row())
	if err != nil {
		t.Fatal(err)
	}
	other, err := evidence.ParseControls(row("own-1", "ia-11", "Sign in again", "As we understand it"))
	if err != nil {
		t.Fatal(err)
	}
	defaults := evidence.DefaultControls()
	all := defaults.With(own).With(other)
	if len(all) != len(defaults)+1 || all[0].Title != "As we understand it" || all[len(all)-1].ID != "own-1" {
		t.Errorf("%d controls, the first is %q, the last %s", len(all), all[0].Title, all[len(all)-1].ID)
	}
	if defaults[0].Title != "Re-authentication" {
		t.Error("the defaults were changed")
	}
}

// assessed is a row of the table: a change of the recorded proof and what it comes to for one control.
type assessed struct {
	change  func(*verdict.Observation)
	control string
	want    evidence.State
	because string // in the assessment's text
}

func (row assessed) run(t *testing.T) {
	o := recorded(t)
	row.change(&o)
	v := verdict.Decide(o)
	controls := evidence.DefaultControls()
	i := slices.IndexFunc(controls, func(c evidence.MappedControl) bool { return c.Label == row.control })
	got := controls[i].Assess(&o, &v)
	if got.State != row.want || !strings.Contains(got.Text, row.because) {
		t.Errorf("%s beside %s is %s (%s), want %s because of %q", row.control, v.Outcome, got.State, got.Text, row.want, row.because)
	}
}

func singleFactor(o *verdict.Observation) {
	pages := &o.Activations[0].StepUp.Pages
	*pages = slices.DeleteFunc(*pages, func(p verdict.PageVisit) bool { return p.Factor == "totp" })
}

func singleFactorWhereMFAIsDemanded(o *verdict.Observation) {
	o.Require = verdict.RequireMFA
	singleFactor(o)
}

func amrDeniesTwoFactors(o *verdict.Observation) { o.Activations[0].Token.AMR = []string{"pwd"} }

func withPasskey(o *verdict.Observation) {
	singleFactor(o)
	for i := range o.Activations[0].StepUp.Pages {
		if page := &o.Activations[0].StepUp.Pages[i]; page.Factor != "" {
			page.Factor = "passkey"
		}
	}
}

func anotherAdminIsNotCovered(o *verdict.Observation) {
	o.Configuration.Principals = append(o.Configuration.Principals, verdict.Principal{ID: "somebody", Via: "direct", Scope: "/"})
}

func onlyOnWindows(o *verdict.Observation) {
	o.Configuration.Policies[0].IncludePlatforms = []string{"windows"}
}

func anotherWay(o *verdict.Observation) {
	o.Configuration.OtherPaths = []verdict.OtherPath{{Object: "/x", Text: "the admin owns the group"}}
}

func configurationUnread(o *verdict.Observation) { o.Configuration = nil }

func onlyValidated(o *verdict.Observation) {
	for i := range o.Replays {
		o.Replays[i].Mode = "validation"
	}
}

func steppedUpTokenTaken(o *verdict.Observation) {
	o.Replays = append(o.Replays, verdict.Replay{
		N: 2, Token: verdict.ReplaySteppedUp, Mode: "real", At: o.Finished, Age: 20 * time.Minute, Answer: verdict.AnswerAccepted, Status: 201,
	})
}

func inTheLog(o *verdict.Observation) { foretold(o) }

func neverGivenBack(o *verdict.Observation) { o.Activations[0].Deactivated = false }

func signedInWithPasswordOnly(o *verdict.Observation) {
	o.SignIn.Pages = slices.DeleteFunc(o.SignIn.Pages, func(p verdict.PageVisit) bool { return p.Factor == "totp" })
}

func TestWhatAProofComesToForAControl(t *testing.T) {
	for name, row := range map[string]assessed{
		"enforced for everyone":                              {asItIs, "IA-11", evidence.Satisfied, "authenticate again"},
		"asked for nothing":                                  {reportOnly, "IA-11", evidence.NotSatisfied, "no credential was asked for"},
		"inconclusive is never satisfied":                    {inTheWindow, "IA-11", evidence.Undecided, "inconclusive"},
		"broken is never satisfied":                          {brokenSignIn, "IA-11", evidence.Undecided, "inconclusive"},
		"another admin is not covered":                       {anotherAdminIsNotCovered, "IA-11", evidence.Undecided, "1 of 2 eligible principals"},
		"a condition narrows it":                             {onlyOnWindows, "IA-11", evidence.Undecided, "only on the platforms windows"},
		"another way to the same power":                      {anotherWay, "IA-11", evidence.Undecided, "the admin owns the group"},
		"the configuration was not read":                     {configurationUnread, "IA-11", evidence.Undecided, "could not be read"},
		"two factors":                                        {asItIs, "IA-2(1)", evidence.Satisfied, "more than one factor"},
		"a passkey counts as two":                            {withPasskey, "IA-2(1)", evidence.Satisfied, "more than one factor"},
		"one factor, any was enough":                         {singleFactor, "IA-2(1)", evidence.Undecided, "did not consist of more than one factor"},
		"one factor leaves IA-11 satisfied":                  {singleFactor, "IA-11", evidence.Satisfied, ""},
		"one factor, two were demanded":                      {singleFactorWhereMFAIsDemanded, "IA-2(1)", evidence.NotSatisfied, "password only"},
		"amr denies the second factor":                       {amrDeniesTwoFactors, "IA-2(1)", evidence.Undecided, "did not consist"},
		"two factors, another admin is not covered":          {anotherAdminIsNotCovered, "IA-2(1)", evidence.Undecided, "1 of 2"},
		"two factors, inside the window":                     {inTheWindow, "IA-2(1)", evidence.Undecided, "inconclusive"},
		"asked for nothing, so not for two factors":          {reportOnly, "IA-2(1)", evidence.NotSatisfied, "no credential"},
		"signed in with two factors":                         {asItIs, "IA-2(2)", evidence.Satisfied, ""},
		"signed in with a password only":                     {signedInWithPasswordOnly, "IA-2(2)", evidence.Undecided, "the sign-in did not consist"},
		"earlier tokens refused":                             {asItIs, "IA-2(8)", evidence.Satisfied, "did not activate"},
		"earlier tokens only validated":                      {onlyValidated, "IA-2(8)", evidence.Undecided, "validation-only"},
		"a plain token accepted":                             {plainAccepted, "IA-2(8)", evidence.NotSatisfied, "activated the role"},
		"the stepped-up token taken again":                   {steppedUpTokenTaken, "IA-2(8)", evidence.Undecided, ""},
		"not in the log":                                     {asItIs, "AC-6(9)", evidence.Undecided, "sign-in log"},
		"in the log":                                         {inTheLog, "AC-6(9)", evidence.Satisfied, "sign-in log"},
		"activated for a while":                              {asItIs, "KSI-IAM-JIT", evidence.Satisfied, ""},
		"never given back":                                   {neverGivenBack, "KSI-IAM-JIT", evidence.Undecided, "given back"},
		"a control that a proof only supports":               {asItIs, "5.2.2.4", evidence.Undecided, "asks for more"},
		"a control that a proof only supports, not enforced": {reportOnly, "5.2.2.4", evidence.NotSatisfied, ""},
	} {
		t.Run(name, row.run)
	}
}

func TestWithoutAVerdictNothingIsSatisfied(t *testing.T) {
	for _, c := range evidence.DefaultControls() {
		if got := c.Assess(nil, nil); got.State != evidence.Undecided {
			t.Errorf("%s is %s", c.Label, got.State)
		}
	}
}

func TestATokenThatWasNotSeenDeniesNoFactor(t *testing.T) {
	o := recorded(t)
	a := o.Activations[0]
	a.Token = nil
	if !verdict.RequireMFA.Met(a) {
		t.Error("a token that was not seen denies the factors")
	}
	a.Token = &tokens.AccessClaims{AMR: []string{"pwd"}}
	if verdict.RequireMFA.Met(a) {
		t.Error("amr without a second factor denies nothing")
	}
}

// documented is what docs/exports.md says of the control map.
func documented(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "docs", "exports.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestTheDocumentedRowIsRead(t *testing.T) {
	_, example, _ := strings.Cut(documented(t), "```yaml\n")
	example, _, _ = strings.Cut(example, "```")
	controls, err := evidence.ParseControls([]byte(example))
	if err != nil || len(controls) != 1 || controls[0].Objective != "policy-7_obj" {
		t.Errorf("the example is read as %+v: %v", controls, err)
	}
}

func TestEveryNeedAndEveryControlIsDocumented(t *testing.T) {
	text := documented(t)
	for _, c := range evidence.DefaultControls() {
		if !strings.Contains(text, c.Label) {
			t.Errorf("docs/exports.md does not name %s", c.Label)
		}
	}
	_, err := evidence.ParseControls(row("multifactor-step-up", "nothing"))
	_, list, _ := strings.Cut(err.Error(), "use one or more of ")
	for _, need := range strings.Split(list, ", ") {
		if !strings.Contains(text, "| `"+need+"` |") {
			t.Errorf("docs/exports.md does not explain the need %q", need)
		}
	}
}
