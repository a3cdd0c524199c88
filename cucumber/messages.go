package cucumber

import (
	"time"

	messages "github.com/cucumber/messages/go/v21"
)

// envelope is one line. One field is set. The Gherkin document and the pickles are those that godog
// parsed; the rest is written in the form of ProtocolVersion, which has more than godog's own types.
type envelope struct {
	Meta             *meta                     `json:"meta,omitempty"`
	Source           *messages.Source          `json:"source,omitempty"`
	GherkinDocument  *messages.GherkinDocument `json:"gherkinDocument,omitempty"`
	Pickle           *messages.Pickle          `json:"pickle,omitempty"`
	StepDefinition   *messages.StepDefinition  `json:"stepDefinition,omitempty"`
	TestRunStarted   *testRunStarted           `json:"testRunStarted,omitempty"`
	TestCase         *testCase                 `json:"testCase,omitempty"`
	TestCaseStarted  *testCaseStarted          `json:"testCaseStarted,omitempty"`
	TestStepStarted  *testStepStarted          `json:"testStepStarted,omitempty"`
	Attachment       *attachment               `json:"attachment,omitempty"`
	TestStepFinished *testStepFinished         `json:"testStepFinished,omitempty"`
	TestCaseFinished *testCaseFinished         `json:"testCaseFinished,omitempty"`
	TestRunFinished  *testRunFinished          `json:"testRunFinished,omitempty"`
}

type (
	meta struct {
		ProtocolVersion string  `json:"protocolVersion"`
		Implementation  product `json:"implementation"`
		Runtime         product `json:"runtime"`
		OS              product `json:"os"`
		CPU             product `json:"cpu"`
	}
	product struct {
		Name    string `json:"name"`
		Version string `json:"version,omitempty"`
	}
	// span is a timestamp since 1970, or a duration.
	span struct {
		Seconds int64 `json:"seconds"`
		Nanos   int64 `json:"nanos"`
	}
	testRunStarted struct {
		ID        string `json:"id"`
		Timestamp span   `json:"timestamp"`
	}
	testCase struct {
		ID        string     `json:"id"`
		PickleID  string     `json:"pickleId"`
		TestSteps []testStep `json:"testSteps"`
		RunID     string     `json:"testRunStartedId"`
	}
	testStep struct {
		ID           string          `json:"id"`
		PickleStepID string          `json:"pickleStepId"`
		Definitions  []string        `json:"stepDefinitionIds"`
		Arguments    []argumentsList `json:"stepMatchArgumentsLists"`
	}
	argumentsList struct {
		Arguments []argument `json:"stepMatchArguments"`
	}
	argument struct {
		Group group `json:"group"`
	}
	group struct {
		Children []group `json:"children"`
		Start    *int    `json:"start,omitempty"`
		Value    *string `json:"value,omitempty"`
	}
	testCaseStarted struct {
		Attempt    int    `json:"attempt"`
		ID         string `json:"id"`
		TestCaseID string `json:"testCaseId"`
		Timestamp  span   `json:"timestamp"`
	}
	testStepStarted struct {
		StartedID string `json:"testCaseStartedId"`
		StepID    string `json:"testStepId"`
		Timestamp span   `json:"timestamp"`
	}
	testStepFinished struct {
		StartedID string     `json:"testCaseStartedId"`
		StepID    string     `json:"testStepId"`
		Result    stepResult `json:"testStepResult"`
		Timestamp span       `json:"timestamp"`
	}
	stepResult struct {
		Duration  span       `json:"duration"`
		Message   string     `json:"message,omitempty"`
		Status    string     `json:"status"`
		Exception *exception `json:"exception,omitempty"`
	}
	exception struct {
		Type    string `json:"type"`
		Message string `json:"message"`
	}
	attachment struct {
		Body            string `json:"body"`
		ContentEncoding string `json:"contentEncoding"`
		FileName        string `json:"fileName,omitempty"`
		MediaType       string `json:"mediaType"`
		StartedID       string `json:"testCaseStartedId"`
		StepID          string `json:"testStepId"`
		URL             string `json:"url,omitempty"`
		Timestamp       span   `json:"timestamp"`
	}
	testCaseFinished struct {
		StartedID     string `json:"testCaseStartedId"`
		Timestamp     span   `json:"timestamp"`
		WillBeRetried bool   `json:"willBeRetried"`
	}
	testRunFinished struct {
		Success   bool   `json:"success"`
		Timestamp span   `json:"timestamp"`
		RunID     string `json:"testRunStartedId"`
	}
)

func instant(at time.Time) span { return span{at.Unix(), int64(at.Nanosecond())} }

// lasting is a duration; a clock that was set back in between makes none.
func lasting(d time.Duration) span {
	d = max(0, d)
	return span{int64(d / time.Second), int64(d % time.Second)}
}
