package activation

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/signin"
	"github.com/reprompt/reprompt/tokens"
	"github.com/reprompt/reprompt/verdict"
)

// silentRecorder notes nothing.
type silentRecorder struct{}

func (silentRecorder) Screenshot(string, string, []byte) string { return "" }
func (silentRecorder) Event(string, string, time.Time)          {}

// jumpingClock stands still until it is waited for.
type jumpingClock struct{ now time.Time }

func (c *jumpingClock) Now() time.Time { return c.now }

func (c *jumpingClock) Wait(_ context.Context, until time.Time, _ string) error {
	c.now = until
	return nil
}

// readerOf is a Graph that answers with the next of these, the last again and again.
func readerOf(t *testing.T, answers ...string) (reader *graph.Client, asked *int) {
	t.Helper()
	asked = new(int)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/roleAssignmentScheduleRequests/filterByCurrentUser(on=") && r.Header.Get("Authorization") == "Bearer own" { // asked beside the log, once, as the admin
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, page(`{"id":"ours","action":"selfActivate","justification":"run","createdDateTime":"2026-01-01T00:12:00Z"}`,
				`{"id":"theirs","action":"selfActivate","justification":"incident 4711","createdDateTime":"2026-01-01T00:08:00Z"}`,
				`{"id":"given","action":"adminAssign","justification":"x","createdDateTime":"2026-01-01T00:08:00Z"}`,
				`{"id":"earlier","action":"selfActivate","justification":"x","createdDateTime":"2025-12-31T23:08:00Z"}`))
			return
		}
		answer := answers[min(*asked, len(answers)-1)]
		*asked++
		w.Header().Set("Content-Type", "application/json")
		if answer == "" {
			w.WriteHeader(http.StatusForbidden)
			answer = `{"error":{"code":"Forbidden","message":"no"}}`
		}
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	reader, err := graph.New(graph.Options{
		BaseURL: server.URL + "/v1.0",
		Token:   func(context.Context, string) (secret.Text, error) { return secret.New("token"), nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return reader, asked
}

// logged is a proof that has activated at minute 12 and asks this Graph.
func logged(reader *graph.Client) *proof {
	return &proof{
		Deps:   Deps{Reader: reader, AdminID: "admin", Clock: &jumpingClock{now: minute(18)}, Recorder: silentRecorder{}},
		latest: signin.Result{Access: secret.New("own")},
		seen: verdict.Observation{
			Started: minute(0), Setting: verdict.Setting{ContextEnabled: true, ContextID: "c1"},
			SignIn: verdict.Authentication{ID: &tokens.IDClaims{SessionID: "session-1"}},
			Activations: []verdict.Activation{{
				N: 1, Challenge: &verdict.Challenge{At: minute(11)}, At: minute(12), Token: &tokens.AccessClaims{UTI: "a-b_c"},
			}},
		},
	}
}

// signInRow is the row of the step-up as Graph tells it, with these properties in the place of its own.
func signInRow(t *testing.T, other map[string]any) string {
	t.Helper()
	row := map[string]any{
		"id": "row-1", "createdDateTime": minute(11).Add(30 * time.Second), "isInteractive": true, "sessionId": "session-1",
		"uniqueTokenIdentifier": "other", "signInEventTypes": []string{"interactiveUser"}, "status": map[string]any{"errorCode": 0},
		"authenticationContextClassReferences": []any{map[string]any{"id": "c1", "detail": "required"}},
		"sessionLifetimePolicies":              []any{map[string]any{"expirationRequirement": "signInFrequencyEveryTime", "detail": "x"}},
	}
	for name, value := range other {
		row[name] = value
	}
	text, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func page(rows ...string) string {
	joined, comma := "", ""
	for _, row := range rows {
		joined, comma = joined+comma+row, ","
	}
	return fmt.Sprintf(`{"value":[%s]}`, joined)
}

func TestTheStepUpsRowIsFoundInTheLog(t *testing.T) {
	want := &verdict.LogRow{
		ID: "row-1", At: minute(11).Add(30 * time.Second), Interactive: true, SessionID: "session-1", UTI: "other",
		ContextID: "c1", Detail: "required", EveryTime: true, RequestEvent: "interactiveUser",
	}
	reader, _ := readerOf(t, page(signInRow(t, nil)))
	p := logged(reader)
	if err := p.readLog(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]verdict.LogEntry{{N: 1, StepUp: want}}, p.seen.Log.Entries); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}

func TestAnotherRowIsNotTheStepUps(t *testing.T) {
	for name, other := range map[string]map[string]any{
		"a page stopped it":    {"status": map[string]any{"errorCode": 50074}},
		"no page was shown":    {"isInteractive": false},
		"another session":      {"sessionId": "session-2"},
		"no session":           {"sessionId": nil},
		"another context":      {"authenticationContextClassReferences": []any{map[string]any{"id": "c2", "detail": "required"}}},
		"no context":           {"authenticationContextClassReferences": []any{}},
		"the priming before":   {"createdDateTime": minute(1)},
		"a sign-in afterwards": {"createdDateTime": minute(14)},
	} {
		t.Run(name, func(t *testing.T) {
			reader, _ := readerOf(t, page(signInRow(t, other)))
			p := logged(reader)
			if err := p.readLog(t.Context()); err != nil {
				t.Fatal(err)
			}
			if row := p.seen.Log.Entries[0].StepUp; row != nil {
				t.Errorf("taken for the step-up: %+v", row)
			}
		})
	}
}

// Whoever else signed in interactively, or activated a role, is told of; what was refused, silent or
// our own is not.
func TestSomebodyElsesUseIsFound(t *testing.T) {
	for name, row := range map[string]struct {
		other map[string]any
		found bool
	}{
		"our own session":                  {map[string]any{}, false},
		"another session":                  {map[string]any{"sessionId": "session-2"}, true},
		"a silent one":                     {map[string]any{"sessionId": "session-2", "isInteractive": false}, false},
		"one that was refused":             {map[string]any{"sessionId": "session-2", "status": map[string]any{"errorCode": 50126}}, false},
		"no session, in our own step-up":   {map[string]any{"sessionId": nil}, false},
		"no session, when we were waiting": {map[string]any{"sessionId": nil, "createdDateTime": minute(6)}, true},
	} {
		t.Run(name, func(t *testing.T) {
			reader, _ := readerOf(t, page(signInRow(t, row.other)))
			p := logged(reader)
			p.request.Justification = "run"
			p.seen.Activations[0].StepUp = verdict.Authentication{Started: minute(11), Finished: minute(12)}
			if err := p.readLog(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := p.seen.Elsewhere.SignIns; (len(got) == 1) != row.found {
				t.Errorf("sign-ins elsewhere: %+v", got)
			}
			if got := p.seen.Elsewhere.Activations; len(got) != 1 || got[0].ID != "theirs" {
				t.Errorf("activations elsewhere: %+v", got)
			}
		})
	}
}

// Rows come late: as long as the log lacks our own, another's may be missing too.
func TestALogThatLacksOurOwnRowIsNotComplete(t *testing.T) {
	for name, row := range map[string]struct {
		answer         string
		complete, told bool
	}{
		"the step-up's row is there":    {page(signInRow(t, nil)), true, false},
		"the activation's row is there": {page(signInRow(t, map[string]any{"uniqueTokenIdentifier": "a-b_c", "isInteractive": false})), true, false},
		"neither is there":              {page(), false, false},
		"it may not be read":            {"", false, true},
	} {
		reader, _ := readerOf(t, row.answer)
		p := logged(reader)
		if err := p.readLog(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := p.seen.Elsewhere; got.Complete != row.complete || (got.Text != "") != row.told {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestTheActivationsRowIsJoinedByItsUTI(t *testing.T) {
	for name, row := range map[string]struct {
		uti  string
		want bool
	}{
		"as the claim spells it": {"a-b_c", true},
		"in plain base64":        {"a+b/c==", true},
		"the claim's text coded": {"YS1iX2M=", true},
		"another token":          {"a-b_d", false},
		"none":                   {"", false},
	} {
		t.Run(name, func(t *testing.T) {
			reader, _ := readerOf(t, page(signInRow(t, map[string]any{"uniqueTokenIdentifier": row.uti, "isInteractive": false})))
			p := logged(reader)
			if err := p.readLog(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := p.seen.Log.Entries[0].Activation != nil; got != row.want {
				t.Errorf("joined: %t, want %t", got, row.want)
			}
		})
	}
}

// A row that is late is awaited by the tenant's clock, and no longer than was asked for.
func TestALateRowIsAwaited(t *testing.T) {
	row := page(signInRow(t, nil))
	for name, test := range map[string]struct {
		patience time.Duration
		answers  []string
		looks    int
		found    bool
	}{
		"one look":            {0, []string{page(), row}, 1, false},
		"there at once":       {time.Minute, []string{row}, 1, true},
		"there at the third":  {time.Minute, []string{page(), page(), row}, 3, true},
		"not in time":         {40 * time.Second, []string{page()}, 4, false},
		"not permitted":       {time.Minute, []string{""}, 1, false},
		"permitted no longer": {time.Minute, []string{page(), ""}, 2, false},
	} {
		t.Run(name, func(t *testing.T) {
			reader, asked := readerOf(t, test.answers...)
			p := logged(reader)
			p.request.AwaitLog = test.patience
			if err := p.readLog(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := p.seen.Log.Entries[0].StepUp != nil; got != test.found || *asked != test.looks {
				t.Errorf("found %t after %d looks, want %t after %d", got, *asked, test.found, test.looks)
			}
			if forbidden := test.answers[len(test.answers)-1] == ""; forbidden != (p.seen.Log.Text != "") {
				t.Errorf("text %q", p.seen.Log.Text)
			}
		})
	}
}

func TestWhatIfAdvisesAndNeverBreaksAProof(t *testing.T) {
	const policies = `{"value":[{"id":"p1","state":"enabled","policyApplies":true,"sessionControls":{"signInFrequency":{"isEnabled":true,"frequencyInterval":"everyTime"}}},
		{"id":"p2","state":"enabled","policyApplies":false}]}`
	for name, row := range map[string]struct {
		answer        string
		context       string
		asked, prompt bool
		applies       int
		silent        bool
	}{
		"foretells":       {policies, "c1", true, true, 1, false},
		"not permitted":   {"", "c1", true, false, 0, true},
		"no JSON":         {"<html>", "c1", true, false, 0, true},
		"nothing to ask":  {policies, "", false, false, 0, false},
		"nothing applies": {page(), "c1", true, false, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			reader, asked := readerOf(t, row.answer)
			p := logged(reader)
			p.seen.Setting.ContextID = row.context
			if err := p.foretell(t.Context()); err != nil {
				t.Fatal(err)
			}
			got := p.seen.Prediction
			if got.Asked != row.asked || *asked > 0 != row.asked || got.Prompt() != row.prompt || len(got.Applies) != row.applies || (got.Text != "") != row.silent {
				t.Errorf("prediction %+v after %d questions", got, *asked)
			}
		})
	}
}

// A log that is asked again later tells who else used the account; what PIM told stays.
func TestALateLogTellsWhoElseWasThere(t *testing.T) {
	other := signInRow(t, map[string]any{"id": "row-2", "sessionId": "session-2", "createdDateTime": minute(9)})
	pim := []verdict.OtherUse{{At: minute(1), ID: "request"}}
	for name, row := range map[string]struct {
		rows []string
		old  *verdict.Elsewhere
		want *verdict.Elsewhere
	}{
		"nobody":            {[]string{signInRow(t, nil)}, &verdict.Elsewhere{Activations: pim}, &verdict.Elsewhere{Asked: minute(60), SignIns: []verdict.OtherUse{}, Activations: pim, Complete: true}},
		"somebody":          {[]string{signInRow(t, nil), other}, &verdict.Elsewhere{Activations: pim}, &verdict.Elsewhere{Asked: minute(60), SignIns: []verdict.OtherUse{{At: minute(9), ID: "row-2"}}, Activations: pim, Complete: true}},
		"still too early":   {nil, &verdict.Elsewhere{Activations: pim}, &verdict.Elsewhere{Asked: minute(60), SignIns: []verdict.OtherUse{}, Activations: pim}},
		"it did not look":   {[]string{other}, nil, nil},
		"it cannot be read": {[]string{"no JSON"}, &verdict.Elsewhere{Complete: true, Activations: pim}, &verdict.Elsewhere{Complete: true, Activations: pim}},
	} {
		t.Run(name, func(t *testing.T) {
			reader, _ := readerOf(t, page(row.rows...))
			o := logged(reader).seen
			o.Elsewhere = row.old
			log, elsewhere, err := Log(t.Context(), reader, minute(60), o)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(row.want, elsewhere); diff != "" || log == nil || (log.Text != "") != (name == "it cannot be read") {
				t.Errorf("log %+v, elsewhere (-want +got):\n%s", log, diff)
			}
		})
	}
}
