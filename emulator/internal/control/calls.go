package control

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// duration is written as Go writes durations.
type duration time.Duration

// UnmarshalJSON reads "6m".
func (d *duration) UnmarshalJSON(text []byte) error {
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return fmt.Errorf("a duration is a text such as \"6m\", not %s", text)
	}
	parsed, err := time.ParseDuration(s)
	if err != nil {
		return err
	}
	*d = duration(parsed)
	return nil
}

type clockAnswer struct {
	Now    string `json:"now"`
	Offset string `json:"offset"`
}

func readClock(t *store.Tenant) clockAnswer {
	return clockAnswer{Now: t.Now().Format(time.RFC3339Nano), Offset: t.Offset().String()}
}

func (h *Handler) clock(r *http.Request) (any, error) {
	var out clockAnswer
	err := h.with(r, func(t *store.Tenant) error {
		out = readClock(t)
		return nil
	})
	return out, err
}

func (h *Handler) advance(r *http.Request) (any, error) {
	var body struct {
		Duration *duration `json:"duration"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	if body.Duration == nil {
		return nil, invalid("advance clock: duration is missing, such as {\"duration\":\"6m\"}")
	}
	var out clockAnswer
	err := h.with(r, func(t *store.Tenant) error {
		if err := t.Advance(time.Duration(*body.Duration)); err != nil {
			return badRequest{err}
		}
		out = readClock(t)
		return nil
	})
	return out, err
}

// faultBody is a fault as the caller writes it.
type faultBody struct {
	Kind       string          `json:"kind"`
	Host       string          `json:"host"`
	Method     string          `json:"method"`
	Path       string          `json:"path"`
	Status     int             `json:"status"`
	RetryAfter json.RawMessage `json:"retry_after"`
	Acted      bool            `json:"acted"`
	After      int             `json:"after"`
	Times      int             `json:"times"`
	Delay      duration        `json:"delay"`
}

func (h *Handler) addFault(r *http.Request) (any, error) {
	var body faultBody
	if err := read(r, &body); err != nil {
		return nil, err
	}
	fault, err := body.fault()
	if err != nil {
		return nil, err
	}
	err = h.with(r, func(t *store.Tenant) error {
		fault.ID = t.NewID()
		t.Faults = append(t.Faults, &fault)
		return nil
	})
	return map[string]string{"id": fault.ID}, err
}

func (b faultBody) fault() (store.Fault, error) {
	f := store.Fault{
		Kind: store.FaultKind(b.Kind), Host: b.Host, Method: b.Method, Path: b.Path,
		Status: b.Status, RetryAfter: retryAfter(b.RetryAfter), Acted: b.Acted, After: b.After, Times: max(b.Times, 1), Delay: time.Duration(b.Delay),
	}
	switch {
	case !slices.Contains(store.FaultKinds(), f.Kind):
		return f, invalid("add fault: kind %q is none of %v", b.Kind, store.FaultKinds())
	case f.Kind == store.FaultStatus && f.Status == 0:
		f.Status = http.StatusServiceUnavailable
	case f.Kind == store.FaultStatus && (f.Status < 400 || f.Status > 599):
		return f, invalid("add fault: status %d is no error; give 400 to 599", f.Status)
	case f.Kind == store.FaultDelay && f.Delay <= 0:
		return f, invalid("add fault: a delay needs a positive delay, such as \"200ms\"")
	case f.Acted && f.Kind != store.FaultStatus && f.Kind != store.FaultReset:
		return f, invalid("add fault: acted belongs to the kinds status and reset")
	case b.Times < 0 || b.After < 0:
		return f, invalid("add fault: times %d or after %d is negative", b.Times, b.After)
	}
	return f, nil
}

// faultRow is a fault that is not used up.
type faultRow struct {
	ID    string `json:"id"`
	Kind  string `json:"kind"`
	After int    `json:"after"`
	Times int    `json:"times"`
}

// faults lists what is left: one that is not there any more has struck as often as it was asked to.
func (h *Handler) faults(r *http.Request) (any, error) {
	rows := []faultRow{}
	return &rows, h.with(r, func(t *store.Tenant) error {
		for _, f := range t.Faults {
			rows = append(rows, faultRow{f.ID, string(f.Kind), f.After, f.Times})
		}
		return nil
	})
}

// retryAfter takes seconds as a number, or the text of the header.
func retryAfter(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	var seconds int
	if json.Unmarshal(raw, &seconds) == nil {
		return strconv.Itoa(seconds)
	}
	return ""
}

func (h *Handler) deleteFault(r *http.Request) (any, error) {
	id := r.PathValue("id")
	return nil, h.with(r, func(t *store.Tenant) error {
		before := len(t.Faults)
		t.Faults = slices.DeleteFunc(t.Faults, func(f *store.Fault) bool { return f.ID == id })
		if len(t.Faults) == before {
			return fmt.Errorf("delete fault %q: %w (it was used up, or never there)", id, errNotFound)
		}
		return nil
	})
}

func (h *Handler) lag(r *http.Request) (any, error) {
	var body map[store.LagKind]duration
	if err := read(r, &body); err != nil {
		return nil, err
	}
	for kind, d := range body {
		if !slices.Contains(store.LagKinds(), kind) {
			return nil, invalid("set lag: unknown key %q; known are %v", kind, store.LagKinds())
		}
		if d < 0 {
			return nil, invalid("set lag: %s is negative", kind)
		}
	}
	return nil, h.with(r, func(t *store.Tenant) error {
		for kind, d := range body {
			t.Lag[kind] = time.Duration(d)
		}
		return nil
	})
}

// push answers the latest waiting notification of a user, as the user's phone would: with
// the number that the page shows, or by refusing. With register it gives the user an
// authenticator app, or takes it away, instead.
func (h *Handler) push(r *http.Request) (any, error) {
	var body struct {
		UPN      string          `json:"upn"`
		Approve  bool            `json:"approve"`
		Number   json.RawMessage `json:"number"`
		Register *bool           `json:"register"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	number := strings.Trim(string(body.Number), `"`)
	return nil, h.with(r, func(t *store.Tenant) error {
		user, ok := t.UserByUPN(body.UPN)
		if !ok {
			return fmt.Errorf("answer push of %q: user %w", body.UPN, errNotFound)
		}
		if body.Register != nil {
			registerPush(t, user, *body.Register)
			return nil
		}
		return answerPush(t, user, body.Approve, number)
	})
}

func registerPush(t *store.Tenant, user *store.User, register bool) {
	user.Push = nil
	if register {
		user.Push = &store.PushDevice{ID: t.NewID(), DisplayName: "Authenticator", CreatedAt: t.Now()}
	}
}

func answerPush(t *store.Tenant, user *store.User, approve bool, number string) error {
	for _, push := range slices.Backward(t.Pushes.List()) {
		if push.UserID != user.ID || push.State != store.PushPending {
			continue
		}
		push.State = store.PushDenied
		// A wrong number is a refusal: the phone of a user who is being tricked.
		if approve && number == push.Number {
			push.State = store.PushApproved
		}
		return nil
	}
	return fmt.Errorf("answer push of %q: waiting notification %w", user.UPN, errNotFound)
}

type requestRow struct {
	At          string `json:"at"`
	Tenant      string `json:"tenant"`
	Method      string `json:"method"`
	URL         string `json:"url"`
	Status      int    `json:"status"`
	Unmodelled  bool   `json:"unmodelled"`
	RefusedHost bool   `json:"refused_host"`
}

// requests lists what the tenant was asked, with what belongs to no tenant; without
// ?tenant= everything.
func (h *Handler) requests(r *http.Request) (any, error) {
	tenant := r.URL.Query().Get("tenant")
	if _, ok := h.store.Resolve(tenant); tenant != "" && !ok {
		return nil, fmt.Errorf("find tenant %q: %w", tenant, store.ErrNoTenant)
	}
	rows := []requestRow{}
	for _, x := range h.store.Exchanges(tenant) {
		rows = append(rows, requestRow{
			At: x.At.Format(time.RFC3339Nano), Tenant: x.Tenant, Method: x.Method, URL: x.URL,
			Status: x.Status, Unmodelled: x.Unmodelled, RefusedHost: x.RefusedHost,
		})
	}
	return rows, nil
}

func (h *Handler) createTenant(r *http.Request) (any, error) {
	var body struct {
		Sample bool `json:"sample"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	return h.tenants.Create(body.Sample)
}

func (h *Handler) deleteTenant(r *http.Request) (any, error) {
	id := r.PathValue("id")
	if !h.store.Delete(id) {
		return nil, fmt.Errorf("delete tenant %q: %w", id, store.ErrNoTenant)
	}
	return nil, nil
}

func (h *Handler) reset(*http.Request) (any, error) {
	h.store.Reset()
	return h.tenants.Create(false)
}
