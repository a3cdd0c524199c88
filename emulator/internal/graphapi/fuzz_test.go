package graphapi_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// fuzzedCalls are the calls whose bodies have the most to them.
var fuzzedCalls = []struct{ method, path string }{
	{"POST", "/v1.0/identity/conditionalAccess/policies"},
	{"PATCH", "/v1.0/identity/conditionalAccess/authenticationContextClassReferences/c1"},
	{"POST", "/v1.0/roleManagement/directory/roleAssignmentScheduleRequests"},
	{"POST", "/v1.0/roleManagement/directory/roleEligibilityScheduleRequests"},
	{"POST", "/v1.0/users"},
	{"POST", "/v1.0/groups"},
	{"POST", "/v1.0/applications"},
	{"POST", "/v1.0/policies/authenticationStrengthPolicies"},
	{"POST", "/beta/identity/conditionalAccess/evaluate"},
	{"POST", "/v1.0/$batch"},
}

// FuzzBody sends anything as the body of a call of Graph, compressed or not. It is answered in Graph's own
// shape, never with a failure of the server, and what is refused changes nothing.
func FuzzBody(f *testing.F) {
	for i, body := range []string{
		`{"displayName":"p","state":"enabled","conditions":{"users":{"includeUsers":["All"]},"applications":{"includeApplications":["All"]}},"grantControls":{"operator":"OR","builtInControls":["mfa"]},"sessionControls":{"signInFrequency":{"isEnabled":true,"frequencyInterval":"everyTime","authenticationType":"primaryAndSecondaryAuthentication"}}}`,
		`{"displayName":"c","isAvailable":true}`,
		`{"action":"selfActivate","principalId":"x","roleDefinitionId":"y","directoryScopeId":"/","justification":"j","scheduleInfo":{"startDateTime":"2026-11-23T09:00:00Z","expiration":{"type":"afterDuration","duration":"PT5M"}}}`,
		`{"action":"adminAssign","principalId":"x","roleDefinitionId":"y","directoryScopeId":"/","scheduleInfo":{"expiration":{"type":"noExpiration"}}}`,
		`{"accountEnabled":true,"displayName":"u","mailNickname":"u","userPrincipalName":"u@contoso.example","passwordProfile":{"password":"xWwvJ]6NMw+bWH-d"}}`,
		`{"displayName":"g","mailEnabled":false,"mailNickname":"g","securityEnabled":true,"members@odata.bind":[]}`,
		`{"displayName":"a","web":{"redirectUris":["http://localhost"]}}`,
		`{"displayName":"s","allowedCombinations":["fido2"]}`,
		`{"signInIdentity":{"@odata.type":"#microsoft.graph.userSignIn","userId":"x"},"signInContext":{"@odata.type":"#microsoft.graph.authContext","authenticationContextValue":"c1"}}`,
		`{"requests":[{"id":"1","method":"GET","url":"/me"},{"id":"2","method":"POST","url":"/users","body":{}}]}`,
	} {
		f.Add(i, []byte(body), false)
		f.Add(i, []byte(body), true)
		f.Add(i, []byte(body[:len(body)/2]), false)
	}
	f.Add(0, []byte("\x1f\x8b"), false)
	f.Add(4, []byte(`{"a":`+string(bytes.Repeat([]byte("["), 5000))), false)
	f.Fuzz(func(t *testing.T, which int, body []byte, zipped bool) {
		call := fuzzedCalls[uint(which)%uint(len(fuzzedCalls))]
		l := newLab(t)
		before := l.size()
		r := httptest.NewRequest(call.method, "https://graph.microsoft.com"+call.path, bytes.NewReader(compressed(t, body, zipped)))
		r.Header.Set("Authorization", "Bearer app")
		r.Header.Set("Content-Type", "application/json")
		if zipped {
			r.Header.Set("Content-Encoding", "gzip")
		}
		w := httptest.NewRecorder()
		l.handler.ServeHTTP(w, r)
		if w.Code >= http.StatusInternalServerError && w.Code != http.StatusNotImplemented {
			t.Errorf("%s %s answered %d: %s", call.method, call.path, w.Code, w.Body)
		}
		if w.Code < http.StatusBadRequest {
			return
		}
		told, err := document.Parse(w.Body.Bytes())
		if err != nil || told.Object("error").String("code") == "" {
			t.Errorf("%s %s answered %d with %q, %v: no error of Graph's", call.method, call.path, w.Code, w.Body, err)
		}
		if after := l.size(); after != before {
			t.Errorf("%s %s answered %d and changed the tenant: %v, was %v", call.method, call.path, w.Code, after, before)
		}
	})
}

// size counts what a refused call must leave alone.
func (l *lab) size() (size [6]int) {
	l.with(func(t *store.Tenant) {
		size = [6]int{len(t.Users.List()), len(t.Groups.List()), len(t.Apps.List()), len(t.Policies.List()), len(t.Contexts.List()), len(t.Strengths.List())}
	})
	return size
}

func compressed(t *testing.T, body []byte, zipped bool) []byte {
	t.Helper()
	if !zipped {
		return body
	}
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(body)
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// A body that is small when it is sent and large when it is unpacked is read no further than any other.
func TestABodyThatUnpacksToMoreIsRefused(t *testing.T) {
	l := newLab(t)
	body := compressed(t, append([]byte(`{"displayName":"`), bytes.Repeat([]byte("a"), 64<<20)...), true)
	r := httptest.NewRequest("POST", "https://graph.microsoft.com/v1.0/users", bytes.NewReader(body))
	r.Header.Set("Authorization", "Bearer app")
	r.Header.Set("Content-Encoding", "gzip")
	if a := l.send(r); a.status != http.StatusRequestEntityTooLarge {
		t.Errorf("%d bytes that unpack to 64 MiB were answered %d, want 413", len(body), a.status)
	}
}
