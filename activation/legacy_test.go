package activation

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/signin"
	"github.com/reprompt/reprompt/verdict"
)

func TestWhatThePortalSentToTheLegacyHostIsSentAgain(t *testing.T) {
	const body = `{"assignmentState":"Active","type":"UserAdd"}`
	wrapped := `{"error":{"code":"UnknownError","message":"{\"errorCode\":\"RoleAssignmentRequestAcrsValidationFailed\",\"message\":\"` + pimChallenge + `\"}"}}`
	for name, row := range map[string]struct {
		status   int
		answer   string
		validate bool
		want     verdict.ReplayAnswer
		query    string
	}{
		"taken":                   {http.StatusCreated, `{"status":{"subStatus":"Provisioned"}}`, false, verdict.AnswerAccepted, ""},
		"refused":                 {http.StatusBadRequest, wrapped, false, verdict.AnswerRefused, ""},
		"refused when only asked": {http.StatusBadRequest, wrapped, true, verdict.AnswerRefused, "evaluateOnly=true"},
		"refused otherwise":       {http.StatusBadRequest, `{"error":{"code":"RoleAssignmentExists"}}`, false, verdict.AnswerNotObserved, ""},
		"sent elsewhere":          {http.StatusTemporaryRedirect, "", false, verdict.AnswerNotObserved, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var got [4]string
			asked := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				sent, _ := io.ReadAll(r.Body)
				got, asked = [4]string{r.Method, r.URL.RawQuery, r.Header.Get("Authorization"), string(sent)}, asked+1
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(row.status)
				_, _ = io.WriteString(w, row.answer)
			}))
			defer server.Close()
			p := proof{Deps: Deps{Client: &signin.Client{HTTP: server.Client()}}, request: Request{ValidateReplays: row.validate}}
			answer, err := p.postAgain(t.Context(), browser.Exchange{
				URL: server.URL + "/privilegedAccess/aadroles/roleAssignmentRequests", PostData: []byte(body),
				RequestHeaders: http.Header{"Authorization": {"Bearer " + bearer}},
			})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([4]string{"POST", row.query, "Bearer " + bearer, body}, got); diff != "" || asked != 1 {
				t.Errorf("%d requests; the last (-want +got):\n%s", asked, diff)
			}
			if sorted, _ := sortAnswer(answer, "c1"); sorted != row.want {
				t.Errorf("answer %+v is %s, want %s", answer, sorted, row.want)
			}
		})
	}
}

func TestTheLegacyHostIsNotReadWithoutEnd(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		piece := make([]byte, 1<<16)
		for {
			if _, err := w.Write(piece); err != nil {
				return
			}
		}
	}))
	defer server.Close()
	p := proof{Deps: Deps{Client: &signin.Client{HTTP: server.Client()}}}
	answer, err := p.postAgain(t.Context(), browser.Exchange{
		URL: server.URL + "/privilegedAccess/aadroles/roleAssignmentRequests", RequestHeaders: http.Header{"Authorization": {"Bearer " + bearer}},
	})
	if sorted, _ := sortAnswer(answer, "c1"); err == nil && sorted == verdict.AnswerRefused {
		t.Errorf("an answer without end was taken for PIM's refusal: %+v", answer)
	}
}
