package evidence

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/reprompt/reprompt/verdict"
)

const junitName = "junit.xml"

// The elements of JUnit XML as Jenkins' schema has them (junit-4 and later): no properties inside a
// test case, so those are lines of its system-out.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Time     string       `xml:"time,attr"` // seconds
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name       string          `xml:"name,attr"`
		Tests      int             `xml:"tests,attr"`
		Failures   int             `xml:"failures,attr"`
		Errors     int             `xml:"errors,attr"`
		Skipped    int             `xml:"skipped,attr"`
		Time       string          `xml:"time,attr"`
		Timestamp  string          `xml:"timestamp,attr"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Name      string        `xml:"name,attr"`
		ClassName string        `xml:"classname,attr"`
		Time      string        `xml:"time,attr"`
		Skipped   *string       `xml:"skipped"`
		Error     *junitProblem `xml:"error"`
		Failure   *junitProblem `xml:"failure"`
		SystemOut string        `xml:"system-out,omitempty"`
	}
	junitProblem struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// makeJUnit writes one test suite per feature, in the order in which they began, and one test case per
// scenario or proof. A failure is a verdict that was not as demanded; an error is that nothing was
// decided, with "inconclusive" as its type where that is the verdict; skipped is what did not come to
// its end, and a try that was followed by another.
func makeJUnit(c contents) ([]byte, error) {
	all := junitSuites{Name: "reprompt"}
	again := c.run.triedAgain()
	var total time.Duration
	for _, feature := range c.features() {
		suite := junitSuite{Name: cmp.Or(feature, "reprompt prove"), Properties: c.junitProperties()}
		var took time.Duration
		for i, s := range c.run.Scenarios {
			if s.Feature != feature {
				continue
			}
			if suite.Timestamp == "" {
				suite.Timestamp = s.Started.Format("2006-01-02T15:04:05")
			}
			suite.add(c.scenario(i).junitCase(again[i]))
			took += s.Took
		}
		suite.Time = inSeconds(took)
		all.Tests, all.Failures, all.Errors = all.Tests+suite.Tests, all.Failures+suite.Failures, all.Errors+suite.Errors
		total += took
		all.Suites = append(all.Suites, suite)
	}
	all.Time = inSeconds(total)
	content, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write JUnit: %w", err)
	}
	return append([]byte(xml.Header), append(content, '\n')...), nil
}

// features are those of the scenarios, each once.
func (c contents) features() []string {
	var features []string
	for _, s := range c.run.Scenarios {
		if !slices.Contains(features, s.Feature) {
			features = append(features, s.Feature)
		}
	}
	return features
}

func (c contents) junitProperties() []junitProperty {
	all := []junitProperty{
		{"run", c.run.ID},
		{"target", string(c.run.Target)},
		{"tenant", c.run.TenantID},
		{"reprompt", strings.TrimSpace(c.run.Build.Version + " " + c.run.Build.Commit)},
		{"browser", strings.TrimSpace(c.run.Browser.Name + " " + c.run.Browser.Version)},
		{"rules", fmt.Sprint(verdict.Rules)},
	}
	return slices.DeleteFunc(all, func(p junitProperty) bool { return p.Value == "" })
}

func (s *junitSuite) add(c junitCase) {
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

// junitCase is one try. One that was tried again counts for nothing: what counts is the last.
func (s scenarioContents) junitCase(again bool) junitCase {
	c := junitCase{Name: s.attemptName(), ClassName: cmp.Or(s.Feature, "prove"), Time: inSeconds(s.Took), SystemOut: s.junitNotes()}
	switch {
	case s.outcome() == outcomePassed:
	case again:
		text := "tried again; it ended: " + s.junitProblem("").Message
		c.Skipped = &text
	case s.State == stateRunning:
		text := "it did not come to its end"
		c.Skipped = &text
	case s.Verdict == verdict.NotEnforced || s.Verdict == verdict.Enforced:
		c.Failure = s.junitProblem(string(s.Verdict))
	default:
		c.Error = s.junitProblem(cmp.Or(string(s.Verdict), "no-verdict"))
	}
	return c
}

// attemptName tells attempts at one scenario apart.
func (s scenarioContents) attemptName() string {
	if s.Attempt > 1 {
		return fmt.Sprintf("%s (attempt %d)", s.Name, s.Attempt)
	}
	return s.Name
}

// junitProblem says why a case is not as demanded: the scenario's own words, else the verdict's.
func (s scenarioContents) junitProblem(kind string) *junitProblem {
	p := &junitProblem{Type: kind, Message: s.Failure}
	if s.verdict == nil {
		return p
	}
	p.Message = cmp.Or(p.Message, s.verdict.Summary)
	var lines []string
	for _, r := range s.verdict.Reasons {
		lines = append(lines, fmt.Sprintf("%s: %s", r.Code, r.Text))
	}
	for _, cause := range s.verdict.Causes {
		lines = append(lines, fmt.Sprintf("%s: %s (%s)", cause.Code, cause.Text, cause.Object), "mend: "+cause.Mend)
	}
	p.Text = strings.Join(lines, "\n")
	return p
}

// junitNotes are properties and attachments in the form that test managers read off a system-out.
func (s scenarioContents) junitNotes() string {
	var lines []string
	note := func(name, value string) {
		if value != "" {
			lines = append(lines, fmt.Sprintf("[[PROPERTY|%s=%s]]", name, value))
		}
	}
	note("verdict", string(s.Verdict))
	if s.verdict != nil && len(s.verdict.Reasons) > 0 {
		note("reason", string(s.verdict.Reasons[0].Code))
		note("screen", s.verdict.Witnesses.Screen)
		note("token", s.verdict.Witnesses.Token)
		note("log", s.verdict.Witnesses.Log)
	}
	note("evidence", s.Dir)
	for _, p := range s.pictures {
		lines = append(lines, fmt.Sprintf("[[ATTACHMENT|%s]]", p.Path))
	}
	return strings.Join(lines, "\n")
}

func inSeconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
