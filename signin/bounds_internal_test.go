package signin

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/reprompt/reprompt/tokens"
)

// Keys and tokens are read up to a bound; what is longer is no answer.
func TestAnswersAreNotReadWithoutEnd(t *testing.T) {
	read := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		piece := bytes.Repeat([]byte(" "), 1<<16)
		for {
			n, err := w.Write(piece)
			if read += n; err != nil {
				return
			}
		}
	}))
	defer server.Close()
	c := &Client{Authority: server.URL, TenantID: "t", ClientID: "c", HTTP: server.Client()}
	if _, err := c.fetchKeys(t.Context()); err == nil {
		t.Error("a key set without end was taken")
	}
	if _, err := c.redeem(t.Context(), url.Values{"grant_type": {"authorization_code"}}, tokens.ClaimsRequest{}); err == nil {
		t.Error("a token answer without end was taken")
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if _, body, err := c.do(request); err != nil || len(body) != answerLimit {
		t.Errorf("%d bytes were read, %v; want %d", len(body), err, answerLimit)
	}
}
