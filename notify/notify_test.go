package notify_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/notify"
	"github.com/reprompt/reprompt/secret"
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// clock notes what it is waited for and is there at once.
type clock struct {
	now   time.Time
	waits []time.Duration
}

func (c *clock) Now() time.Time { return c.now }

func (c *clock) Wait(ctx context.Context, until time.Time, _ string) error {
	c.waits = append(c.waits, until.Sub(c.now))
	c.now = until
	return ctx.Err()
}

func event() notify.Event {
	return notify.Event{ID: "tenant/1", Kind: notify.VerdictChanged, At: noon, TenantID: "tenant", Tenant: "contoso", Role: "Application Administrator", Before: "enforced", After: "not-enforced", Text: "it changed"}
}

// receiver answers with statuses, the last one again and again, and keeps what it got.
func receiver(t *testing.T, header map[string]string, statuses ...int) (*httptest.Server, *[]*http.Request, *[]string) {
	t.Helper()
	var requests []*http.Request
	var bodies []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		requests, bodies = append(requests, r), append(bodies, string(body))
		for name, value := range header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(statuses[min(len(requests), len(statuses))-1])
	}))
	t.Cleanup(s.Close)
	return s, &requests, &bodies
}

func TestAWebhookIsSignedOverTimeAndBody(t *testing.T) {
	s, requests, bodies := receiver(t, nil, http.StatusNoContent)
	key := secret.New("shared")
	c := &clock{now: noon}
	sender := &notify.Sender{Webhook: &notify.Webhook{URL: s.URL, Secret: key}, Clock: c}
	if err := sender.Send(t.Context(), event()); err != nil {
		t.Fatal(err)
	}
	header, body := (*requests)[0].Header, []byte((*bodies)[0])
	signature := header.Get(notify.SignatureHeader)
	if header.Get(notify.EventHeader) != "verdict-changed" || header.Get(notify.DeliveryHeader) != "tenant/1" {
		t.Errorf("headers %v", header)
	}
	for _, tt := range []struct {
		name   string
		key    secret.Text
		header string
		body   []byte
		now    time.Time
		want   string
	}{
		{"as it was sent", key, signature, body, noon.Add(time.Minute), ""},
		{"another key", secret.New("guessed"), signature, body, noon, "does not fit"},
		{"another body", key, signature, append([]byte(" "), body...), noon, "does not fit"},
		{"another time", key, strings.Replace(signature, "t=1", "t=2", 1), body, noon, "does not fit"},
		{"sent again later", key, signature, body, noon.Add(time.Hour), "1h0m0s away"},
		{"no signature", key, "", body, noon, "not of the form"},
	} {
		err := notify.Verify(tt.key, tt.header, tt.body, tt.now, 5*time.Minute)
		if (tt.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestWhoAnswersLaterIsTriedAgain(t *testing.T) {
	for _, tt := range []struct {
		name     string
		header   map[string]string
		statuses []int
		waits    []time.Duration
		refused  bool
		failed   bool
	}{
		{"at once", nil, []int{200}, nil, false, false},
		{"twice busy", nil, []int{503, 500, 204}, []time.Duration{time.Second, 2 * time.Second}, false, false},
		{"it says how long", map[string]string{"Retry-After": "30"}, []int{429, 200}, []time.Duration{30 * time.Second}, false, false},
		{"it asks for a day", map[string]string{"Retry-After": "86400"}, []int{429, 200}, []time.Duration{5 * time.Minute}, false, false},
		{"busy for ever", nil, []int{503}, []time.Duration{1 * time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second}, false, true},
		{"it refuses", nil, []int{403}, nil, true, true},
		{"it redirects", map[string]string{"Location": "https://elsewhere.example/"}, []int{302}, nil, true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, _, _ := receiver(t, tt.header, tt.statuses...)
			c := &clock{now: noon}
			err := (&notify.Sender{Webhook: &notify.Webhook{URL: s.URL}, Clock: c}).Send(t.Context(), event())
			if errors.As(err, new(*notify.RefusedError)) != tt.refused || (err != nil) != tt.failed {
				t.Errorf("error %v", err)
			}
			if diff := cmp.Diff(tt.waits, c.waits); diff != "" {
				t.Errorf("pauses (-want +got):\n%s", diff)
			}
		})
	}
}

// What a host said may hold a secret in any spelling; a notification and its error never do.
func TestANotificationHoldsNoSecret(t *testing.T) {
	password, key := `pa"ss/w rd<ü`, "webhook-secret"
	s, _, bodies := receiver(t, nil, http.StatusNoContent)
	e := event()
	e.Text = "HTTP 400 password=" + password + " and pa%22ss%2Fw+rd%3C%C3%BC and cGEic3MvdyByZDzDvA=="
	e.Changes, e.Labels, e.Evidence = []string{"by " + password}, map[string]string{"k": key}, password
	sender := &notify.Sender{Webhook: &notify.Webhook{URL: s.URL, Secret: secret.New(key)}, Secrets: []secret.Text{secret.New(password)}}
	if err := sender.Send(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte((*bodies)[0]), &got); err != nil {
		t.Fatal(err)
	}
	if want := "HTTP 400 password=[withheld] and [withheld] and [withheld]"; got["text"] != want {
		t.Errorf("text %q, want %q", got["text"], want)
	}
	inJSON, _ := json.Marshal(password)
	for _, spelling := range []string{password, strings.Trim(string(inJSON), `"`), key} {
		if strings.Contains((*bodies)[0], spelling) {
			t.Errorf("the body holds %q", spelling)
		}
	}
	sender.Webhook.URL = "http://127.0.0.1:1/" + key
	sender.Clock = &clock{now: noon}
	if err := sender.Send(t.Context(), e); err == nil || strings.Contains(err.Error(), key) {
		t.Errorf("the error holds a secret or is none: %v", err)
	}
}

func TestACommandGetsTheBodyAndNoEnvironment(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("REPROMPT_PASSWORD", "in the environment")
	command := &notify.Command{Args: []string{"sh", "-c", `cat >body; env >environment`}, Dir: dir}
	if err := (&notify.Sender{Command: command}).Send(t.Context(), event()); err != nil {
		t.Fatal(err)
	}
	body, _ := os.ReadFile(filepath.Join(dir, "body"))
	if !json.Valid(body) || !bytes.Contains(body, []byte(`"kind":"verdict-changed"`)) {
		t.Errorf("body %s", body)
	}
	environment, _ := os.ReadFile(filepath.Join(dir, "environment"))
	if !bytes.Contains(environment, []byte("REPROMPT_EVENT=verdict-changed\n")) || bytes.Contains(environment, []byte("in the environment")) {
		t.Errorf("environment %s", environment)
	}
}

func TestACommandThatFailsIsTriedAgainAndOneThatIsMissingIsNot(t *testing.T) {
	c := &clock{now: noon}
	err := (&notify.Sender{Command: &notify.Command{Args: []string{"sh", "-c", "echo no pager >&2; exit 3"}}, Clock: c, Tries: 2}).Send(t.Context(), event())
	if err == nil || !strings.Contains(err.Error(), "exit status 3: no pager (tried 2 times)") || len(c.waits) != 1 {
		t.Errorf("%v after %d pauses", err, len(c.waits))
	}
	err = (&notify.Sender{Command: &notify.Command{Args: []string{"no-such-program-here"}}, Clock: c}).Send(t.Context(), event())
	if !errors.As(err, new(*notify.RefusedError)) || len(c.waits) != 1 {
		t.Errorf("%v after %d pauses", err, len(c.waits))
	}
}
