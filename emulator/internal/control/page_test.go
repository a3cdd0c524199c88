package control

import (
	"encoding/json"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// curlLine is a call in docs/control.md: the method if it is told, the body, the path.
var curlLine = regexp.MustCompile(`(?m)^curl -sH "\$AUTH"(?: -X (\w+))?(?: -d '(.*)')? "\$CONTROL([^"]*)"$`)

func page(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../../docs/control.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Every call that is registered is in the page, and every line of the page is taken.
func TestThePageMakesEveryCall(t *testing.T) {
	l := newListener(t)
	missing := l.handler.(*Handler).calls()
	words := strings.NewReplacer("'$UPN'", l.upn(), "$TENANT", l.tenants[1])
	fault := ""
	text := page(t)
	lines := curlLine.FindAllStringSubmatch(text, -1)
	if want := strings.Count(text, "\ncurl "); len(lines) != want {
		t.Errorf("%d of %d lines with curl can be read", len(lines), want)
	}
	for _, line := range lines {
		method, body, path := line[1], words.Replace(line[2]), strings.ReplaceAll(words.Replace(line[3]), "$FAULT", fault)
		switch {
		case method == "" && body != "":
			method = http.MethodPost
		case method == "":
			method = http.MethodGet
		}
		status, answer := l.call(method, path, body)
		if status != http.StatusOK && status != http.StatusNoContent {
			t.Errorf("%s: %d %s", line[0], status, answer)
		}
		var made struct{ ID string }
		if path == "/faults" && json.Unmarshal([]byte(answer), &made) == nil && made.ID != "" {
			fault = made.ID
		}
		request, err := http.NewRequest(method, path, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, pattern := l.handler.(*Handler).mux.Handler(request)
		delete(missing, pattern)
	}
	for pattern := range missing {
		t.Errorf("docs/control.md has no line for %s", pattern)
	}
}

// upn is the name of the first tenant's user.
func (l *listener) upn() (upn string) {
	l.tenant(l.tenants[0], func(t *store.Tenant) {
		for _, user := range t.Users.List() {
			upn = user.UPN
		}
	})
	return upn
}

func TestThePageExplainsEverySettingAndLag(t *testing.T) {
	text := page(t)
	settings := reflect.TypeFor[store.Settings]()
	for i := range settings.NumField() {
		if name := settings.Field(i).Tag.Get("json"); !strings.Contains(text, "\n| `"+name+"` |") {
			t.Errorf("docs/control.md does not explain the setting %s", name)
		}
	}
	for _, kind := range store.LagKinds() {
		if !strings.Contains(text, `"`+string(kind)+`":`) {
			t.Errorf("docs/control.md does not show the lag %s", kind)
		}
	}
}
