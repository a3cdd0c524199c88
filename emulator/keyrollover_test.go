package emulator_test

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"

	"github.com/reprompt/reprompt/emulator"
	"github.com/reprompt/reprompt/emulator/internal/walker"
)

// keyDocument fetches the published keys.
func (l *lab) keyDocument() json.RawMessage {
	l.t.Helper()
	response, err := l.http.Get(l.keysURL())
	if err != nil {
		l.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		l.t.Fatal(err)
	}
	return text
}

func (l *lab) keysURL() string {
	return "https://login.microsoftonline.com/" + l.access.TenantID + "/discovery/v2.0/keys"
}

// verifies says whether a relying party that keeps a key document takes an ID token.
func (l *lab) verifies(document json.RawMessage, token string) bool {
	l.t.Helper()
	keys, err := keyfunc.NewJWKSetJSON(document)
	if err != nil {
		l.t.Fatal(err)
	}
	_, err = jwt.Parse(token, keys.Keyfunc, jwt.WithValidMethods([]string{"RS256"}), jwt.WithTimeFunc(l.now))
	return err == nil
}

// A verifier that keeps the keys it fetched gets through a planned rollover, and has to fetch
// them again in an emergency; tokens from before verify as long as their key is published.
func TestSigningKeysRollOver(t *testing.T) {
	for name, row := range map[string]struct {
		body           string
		cachedVerifies bool
	}{
		"as announced":    {`{"keep":"1h"}`, true},
		"in an emergency": {`{"keep":"1h","emergency":true}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			l := start(t, emulator.Options{})
			refetching, err := keyfunc.NewDefaultOverrideCtx(t.Context(), []string{l.keysURL()}, keyfunc.Override{Client: l.http})
			if err != nil {
				t.Fatal(err)
			}
			b := walker.New(l.http.Transport)
			before, _ := l.signIn(b, "")
			cached := l.keyDocument()
			if !l.verifies(cached, before.ID) {
				t.Fatal("the first token does not verify")
			}
			if status := l.control(http.MethodPost, "/keys/rollover", row.body, nil); status != http.StatusNoContent {
				t.Fatalf("rollover answered %d", status)
			}
			after, _ := l.signIn(b, "")
			if got := l.verifies(cached, after.ID); got != row.cachedVerifies {
				t.Errorf("with the old document the new token verifies: %t, want %t", got, row.cachedVerifies)
			}
			if _, err := jwt.Parse(after.ID, refetching.Keyfunc, jwt.WithTimeFunc(l.now)); err != nil {
				t.Errorf("a verifier that fetches unknown keys: %v", err)
			}
			if !l.verifies(l.keyDocument(), before.ID) || !l.verifies(l.keyDocument(), after.ID) {
				t.Error("the new document does not verify both tokens")
			}
			if status, answer := l.graph(http.MethodGet, "/v1.0/me", after.Access, nil); status == http.StatusUnauthorized {
				t.Errorf("Graph does not read the new key's token: %v", answer)
			}
			l.control(http.MethodPost, "/clock/advance", `{"duration":"1h"}`, nil)
			var document struct{ Keys []struct{ Kid string } }
			if err := json.Unmarshal(l.keyDocument(), &document); err != nil || len(document.Keys) != 2 {
				t.Errorf("an hour later %d keys are published (%v), want the one that signs and the next", len(document.Keys), err)
			}
		})
	}
}

// Each tenant has its own rollover; others in the process notice nothing.
func TestARolloverIsOneTenantsAffair(t *testing.T) {
	l := start(t, emulator.Options{})
	var other emulator.Access
	if status := l.control(http.MethodPost, "/tenants", "", &other); status != http.StatusOK {
		t.Fatalf("POST /tenants answered %d", status)
	}
	mine := *l
	theirs := *l
	theirs.access = other
	before := string(theirs.keyDocument())
	if status := l.control(http.MethodPost, "/keys/rollover?tenant="+mine.access.TenantID, `{"emergency":true}`, nil); status != http.StatusNoContent {
		t.Fatalf("rollover answered %d", status)
	}
	if after := string(theirs.keyDocument()); after != before {
		t.Error("another tenant's keys changed")
	}
}
