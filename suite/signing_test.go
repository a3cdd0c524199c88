package suite

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/config"
)

// The authority is spoken to as RFC 3161, section 3.4 says; its answer is passed on as it came.
func TestTheTimestampAuthorityIsAskedByHTTP(t *testing.T) {
	authority := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/timestamp-query" {
			http.Error(w, "no timestamp query", http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/timestamp-reply")
		_, _ = w.Write(append([]byte("stamped "), asked...))
	}))
	defer authority.Close()
	a := Timestamps(t.Context(), authority.URL)
	if answer, err := a.Ask([]byte("query")); err != nil || string(answer) != "stamped query" || a.URL != authority.URL {
		t.Errorf("%s answered %q, %v", a.URL, answer, err)
	}
	broken := httptest.NewServer(http.NotFoundHandler())
	defer broken.Close()
	if _, err := Timestamps(t.Context(), broken.URL).Ask(nil); err == nil || !strings.Contains(err.Error(), "HTTP 404") {
		t.Errorf("an authority that is not there: %v", err)
	}
	if Timestamps(t.Context(), "") != nil {
		t.Error("there is an authority where none was named")
	}
}

func TestASigningCommandThatDoesNotPrintAKeyShowsNothingOfIt(t *testing.T) {
	for name, command := range map[string][]string{
		"fails":         {"sh", "-c", "echo planted-4711 >&2; exit 3"},
		"prints no key": {"echo", "planted-4711"},
		"prints no end": {"sh", "-c", "yes planted-4711"},
		"is not there":  {"/nowhere/planted"},
	} {
		signer, err := Signer(t.Context(), config.Signing{Command: command})
		if err == nil || signer != nil || strings.Contains(err.Error(), "planted-4711") {
			t.Errorf("a command that %s: %v", name, err)
		}
	}
	if signer, err := Signer(t.Context(), config.Signing{}); signer != nil || err != nil {
		t.Errorf("no key named: %v, %v", signer, err)
	}
}
