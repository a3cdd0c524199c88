package browser

import (
	"bytes"
	"fmt"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"
)

// A page that asks for more and more fills no memory of ours; those who watch are told all the same.
func TestTheWiretapKeepsSoMuchAndNoMore(t *testing.T) {
	w := newWiretap()
	for i := range mostExchanges + 10 {
		w.keepLocked(&Exchange{URL: fmt.Sprint(i)})
	}
	if got := len(w.History(nil)); got != mostExchanges {
		t.Errorf("%d exchanges are kept, want %d", got, mostExchanges)
	}
	w = newWiretap()
	large, kept := make([]byte, maxBody), 0
	for range largestHistory/maxBody + 10 {
		kept += len(w.bodyLocked(large))
	}
	if kept != largestHistory {
		t.Errorf("%d bytes of bodies are kept, want %d", kept, largestHistory)
	}
	if w = newWiretap(); w.bodyLocked(make([]byte, maxBody+1)) != nil {
		t.Errorf("a body of more than %d bytes is kept", maxBody)
	}
}

// A picture shows the window, however long a page is.
func TestAScreenshotIsOfTheWindow(t *testing.T) {
	server := site(t, map[string]http.HandlerFunc{"/": html(`<div style="height:2000000px;width:30000px">long</div>`)})
	tab := openTab(t)
	mustNavigate(t, tab, server.URL+"/")
	picture, err := tab.Screenshot(testContext(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	size, err := png.DecodeConfig(bytes.NewReader(picture))
	if err != nil || size.Width > 1280 || size.Height > 800 || len(picture) > largestScreenshot {
		t.Errorf("a picture of %d × %d, %d bytes, %v", size.Width, size.Height, len(picture), err)
	}
}

// What a page sends is seen up to a bound; the rest of the proof goes on.
func TestABodyWithoutEndIsNotKept(t *testing.T) {
	server := site(t, map[string]http.HandlerFunc{
		"/": html(fmt.Sprintf(`<script>fetch("/post", {method: "POST", body: "x".repeat(%d)})</script>`, maxBody+1)),
		"/post": func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.WriteHeader(http.StatusNoContent)
		},
	})
	tab := openTab(t)
	watch := tab.session.Wiretap().Watch(Answered, func(e Exchange) bool { return strings.HasSuffix(e.URL, "/post") })
	defer watch.Stop()
	mustNavigate(t, tab, server.URL+"/")
	e, err := watch.Next(testContext(t))
	if err != nil || e.Status != http.StatusNoContent || len(e.PostData) > maxBody {
		t.Errorf("%v with %d bytes of body, %v", e, len(e.PostData), err)
	}
}
