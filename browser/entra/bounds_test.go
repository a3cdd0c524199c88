package entra

import (
	"net/http"
	"strings"
	"testing"
)

// A page that says without end is read up to a bound, and what it shows is recognised all the same.
func TestAPageIsNotReadWithoutEnd(t *testing.T) {
	long := strings.Repeat("x", 3<<20)
	h, tab := newPageHost(t), openTab(t)
	page := markup("ConvergedError", config{"strServiceExceptionMessage": "AADSTS50058: " + long[:100_000], "pad": long[:200_000]},
		"<script>document.title = '"+long+"'</script>"+`<div id="usernameError" role="alert">`+long[:500_000]+"</div>")
	doc, err := tab.Navigate(testContext(t), h.set(Captured{Status: http.StatusOK}, page))
	if err != nil {
		t.Fatal(err)
	}
	s, report, err := observe(testContext(t), doc, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(report) > 64<<10 || s.PGID != "ConvergedError" || !strings.HasPrefix(s.Exception, "AADSTS50058") {
		t.Errorf("%d bytes were told: pgid %q, exception of %d, problem of %d", len(report), s.PGID, len(s.Exception), len(s.Problem))
	}

	endless := markup("ConvergedSignIn", config{"pad": long}, "")
	if doc, err = tab.Navigate(testContext(t), h.set(Captured{Status: http.StatusOK}, endless)); err != nil {
		t.Fatal(err)
	}
	if s, report, err = observe(testContext(t), doc, ""); err != nil || len(report) > 64<<10 {
		t.Errorf("%d bytes were told of a $Config without end: %+v, %v", len(report), s, err)
	}
}
