package login_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/emulator/internal/provision"
)

// FuzzTokenForm posts anything to the token endpoint. Whoever cannot prove to be a client gets no token;
// everything else is refused in the endpoint's own shape, and no answer tells a secret of the tenant.
func FuzzTokenForm(f *testing.F) {
	f.Add("grant_type=client_credentials&client_id=CLIENT&client_secret=SECRET&scope=https://graph.microsoft.com/.default")
	f.Add("grant_type=client_credentials&client_id=CLIENT&client_secret=wrong&scope=https://graph.microsoft.com/.default")
	f.Add("grant_type=authorization_code&client_id=HARNESS&code=1.x&redirect_uri=http://localhost&code_verifier=v&claims={}")
	f.Add("grant_type=refresh_token&client_id=HARNESS&refresh_token=1.x&claims=%7B%22access_token%22%3A%7B%22acrs%22%3A%7B%22value%22%3A%22c1%22%7D%7D%7D")
	f.Add("grant_type=device_code&client_id=HARNESS&device_code=x")
	f.Add("grant_type=client_credentials&client_id=CLIENT&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion=eyJhbGciOiJub25lIn0.e30.")
	f.Add("client_id=%zz&grant_type")
	f.Fuzz(func(t *testing.T, form string) {
		w := newWorld(t)
		form = strings.NewReplacer("CLIENT", w.facts.FixturesID, "SECRET", w.facts.FixturesSecret, "HARNESS", w.facts.HarnessID).Replace(form)
		r := httptest.NewRequest(http.MethodPost, "https://login.microsoftonline.com/"+w.facts.TenantID+"/oauth2/v2.0/token", strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		recorder := httptest.NewRecorder()
		w.service.ServeHTTP(recorder, r)
		if recorder.Code >= http.StatusInternalServerError {
			t.Errorf("%q was answered %d: %s", form, recorder.Code, recorder.Body)
		}
		var answer struct {
			Token       string `json:"access_token"`
			Error       string `json:"error"`
			Description string `json:"error_description"`
		}
		if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil {
			t.Fatalf("%q was answered %q: %v", form, recorder.Body, err)
		}
		told, _ := url.ParseQuery(form)
		proved := holds(secretsOf(w.facts), told.Get("client_secret"))
		switch {
		case answer.Token != "" && !proved:
			t.Errorf("%q got a token", form)
		case answer.Token == "" && (answer.Error == "" || !strings.HasPrefix(answer.Description, "AADSTS")):
			t.Errorf("%q was refused by %+v", form, answer)
		}
		for _, secret := range append(secretsOf(w.facts), w.facts.Password, w.facts.TOTPSecret) {
			if strings.Contains(recorder.Body.String(), secret) && !strings.Contains(form, secret) {
				t.Errorf("the answer to %q tells a secret of the tenant", form)
			}
		}
	})
}

func secretsOf(f provision.Facts) []string {
	return []string{f.FixturesSecret, f.ReaderSecret, f.SetupSecret}
}

func holds(all []string, text string) bool {
	for _, known := range all {
		if text == known {
			return true
		}
	}
	return false
}

// FuzzAuthorize asks the authorize endpoint for anything. Nobody is sent to an address that is not one of
// the client's, and no page runs what the address brought along.
func FuzzAuthorize(f *testing.F) {
	f.Add("client_id=HARNESS&response_type=code&redirect_uri=http://localhost:4711&scope=openid&state=s&nonce=n")
	f.Add("client_id=HARNESS&response_type=code&redirect_uri=https://attacker.example&scope=openid&prompt=none")
	f.Add("client_id=HARNESS&response_type=code&redirect_uri=http://localhost.attacker.example/&scope=openid&prompt=none")
	f.Add("client_id=HARNESS&response_type=code&redirect_uri=http://localhost:1@attacker.example/&scope=openid&prompt=none")
	f.Add("client_id=HARNESS&response_type=code&redirect_uri=http://localhost&scope=openid&prompt=none&state=%22%3E%3Cscript%3Eplanted()%3C/script%3E&response_mode=form_post")
	f.Add("client_id=%3Cscript%3Eplanted()%3C/script%3E&login_hint=%22%3E%3Cscript%3Eplanted()%3C/script%3E")
	f.Add("client_id=HARNESS&response_type=code&redirect_uri=http://localhost&scope=openid&login_hint=%3C/script%3E%3Cscript%3Eplanted()&claims=%3C/script%3E")
	f.Fuzz(func(t *testing.T, query string) {
		w := newWorld(t)
		query = strings.ReplaceAll(query, "HARNESS", w.facts.HarnessID)
		r := httptest.NewRequest(http.MethodGet, "https://login.microsoftonline.com/"+w.facts.TenantID+"/oauth2/v2.0/authorize", http.NoBody)
		r.URL.RawQuery = query
		recorder := httptest.NewRecorder()
		w.service.ServeHTTP(recorder, r)
		if recorder.Code >= http.StatusInternalServerError {
			t.Errorf("%q was answered %d", query, recorder.Code)
		}
		if where := recorder.Header().Get("Location"); where != "" {
			to, err := url.Parse(where)
			if err != nil || to.Host != "" && to.Hostname() != "localhost" && !strings.HasSuffix(to.Hostname(), ".microsoftonline.com") && to.Hostname() != "login.live.com" {
				t.Errorf("%q led to %q", query, where)
			}
		}
		if strings.Contains(strings.ToLower(recorder.Body.String()), "<script>planted") {
			t.Errorf("%q stands in the page as it is", query)
		}
	})
}
