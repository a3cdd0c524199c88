package control

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// FuzzCall makes any call with any body. It is answered or refused in one line that says what is wrong,
// never with a failure of the listener; and the tenant's time does not go back.
func FuzzCall(f *testing.F) {
	patterns := slices.Sorted(maps.Keys(newListener(&testing.T{}).handler.(*Handler).calls()))
	for i := range patterns {
		f.Add(i, "", `{}`)
		f.Add(i, "tenant=", `{"duration":"6m","kind":"status","status":503,"policy":"1m","upn":"robin","seed":7,"language":"de","display_name":"a","platform":"web"}`)
	}
	f.Add(0, "tenant=x&now=1", `{"duration":"-1m"}`)
	f.Add(1, "", `{"duration":"2562047h47m16.854775807s"}`)
	f.Add(2, "", `{"kind":"status","status":99999999999,"times":-1,"delay":"-5s"}`)
	f.Fuzz(func(t *testing.T, which int, query, body string) {
		l := newListener(t)
		method, path, _ := strings.Cut(patterns[uint(which)%uint(len(patterns))], " ")
		address := strings.NewReplacer("{id}", "x").Replace(path)
		before := clockOf(t, l)
		if !printable(query) {
			return // no address that a client could send
		}
		status, told := l.call(method, address+"?"+query, body)
		if status >= http.StatusInternalServerError {
			t.Errorf("%s %s?%s %q: %d %q", method, address, query, body, status, told)
		}
		if status >= http.StatusBadRequest && (strings.TrimSpace(told) == "" || strings.Count(strings.TrimSpace(told), "\n") > 0) {
			t.Errorf("%s %s %q: %d, refused by %q: want one line", method, address, body, status, told)
		}
		if after := clockOf(t, l); after.Before(before) && address != "/reset" {
			t.Errorf("%s %s %q: it was %s, and is %s", method, address, body, before, after)
		}
	})
}

func printable(text string) bool {
	for _, r := range text {
		if r <= ' ' || r >= 0x7f || r == '#' {
			return false
		}
	}
	return true
}

// clockOf is the first tenant's time.
func clockOf(t *testing.T, l *listener) time.Time {
	t.Helper()
	status, text := l.call(http.MethodGet, "/clock", "")
	var clock struct {
		Now time.Time `json:"now"`
	}
	if err := json.Unmarshal([]byte(text), &clock); status != http.StatusOK || err != nil {
		return time.Time{} // no tenant is left
	}
	return clock.Now
}
