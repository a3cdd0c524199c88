package suite

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// endless answers for as long as anybody reads.
func endless(w http.ResponseWriter, _ *http.Request) {
	piece := make([]byte, 1<<20)
	for {
		if _, err := w.Write(piece); err != nil {
			return
		}
	}
}

func dialled(t *testing.T, handler http.HandlerFunc) (*httptest.Server, *http.Client) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	d, err := newDialer("", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.close)
	return server, d.client()
}

// Whoever reads an answer without a bound of its own, a library of Microsoft's too, comes to its end.
func TestNoAnswerIsReadWithoutEnd(t *testing.T) {
	server, client := dialled(t, endless)
	response, err := client.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	n, err := io.Copy(io.Discard, response.Body)
	if tooLarge := new(http.MaxBytesError); !errors.As(err, &tooLarge) || n > largestAnswer {
		t.Errorf("%d bytes were read, %v; want at most %d and an error", n, err, largestAnswer)
	}
}

// A redirect would take along what was sent.
func TestNoRedirectIsFollowed(t *testing.T) {
	followed := false
	server, client := dialled(t, func(w http.ResponseWriter, r *http.Request) {
		followed = followed || r.URL.Path != "/"
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	})
	response, err := client.Post(server.URL, "text/plain", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if followed || response.StatusCode != http.StatusTemporaryRedirect {
		t.Errorf("answered %d, followed: %v", response.StatusCode, followed)
	}
}

func TestATimestampIsNotReadWithoutEnd(t *testing.T) {
	authority := httptest.NewServer(http.HandlerFunc(endless))
	defer authority.Close()
	if answer, err := Timestamps(t.Context(), authority.URL).Ask([]byte("query")); len(answer) > largestTimestamp {
		t.Errorf("%d bytes were read, %v; want at most %d", len(answer), err, largestTimestamp)
	}
}
