package control

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// keptPublished is how long a key stays published that signs no more, unless told otherwise.
const keptPublished = 24 * time.Hour

// rollOver has the tenant sign with the next key.
func (h *Handler) rollOver(r *http.Request) (any, error) {
	body := struct {
		Keep      duration `json:"keep"`
		Emergency bool     `json:"emergency"`
	}{Keep: duration(keptPublished)}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	if body.Keep < 0 {
		return nil, invalid("roll over keys: keep is negative")
	}
	return nil, h.with(r, func(t *store.Tenant) error {
		t.Signing.Roll(t.Now().Add(time.Duration(body.Keep)), body.Emergency)
		return nil
	})
}

func (h *Handler) variant(r *http.Request) (any, error) {
	var body struct {
		Seed        *uint64 `json:"seed"`
		Language    *string `json:"language"`
		Adversarial *bool   `json:"adversarial"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	if body.Language != nil && !slices.Contains(store.Languages(), *body.Language) {
		return nil, invalid("set variant: language %q is none of %s", *body.Language, strings.Join(store.Languages(), ", "))
	}
	return nil, h.with(r, func(t *store.Tenant) error {
		if body.Seed != nil {
			t.Variant = *body.Seed
		}
		switch {
		case body.Adversarial != nil && *body.Adversarial:
			t.SetAdversarial(body.Language == nil)
		case body.Adversarial != nil:
			t.SetOrdinary()
		}
		if body.Language != nil {
			t.Language = *body.Language
		}
		return nil
	})
}

// settings changes the switches that are named and leaves the others.
func (h *Handler) settings(r *http.Request) (any, error) {
	var raw json.RawMessage
	if err := read(r, &raw); err != nil {
		return nil, err
	}
	return nil, h.with(r, func(t *store.Tenant) error {
		changed := t.Settings
		decoder := json.NewDecoder(strings.NewReader(string(raw)))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&changed); err != nil {
			return invalid("change settings: %w", err)
		}
		if err := changed.Validate(); err != nil {
			return badRequest{err}
		}
		t.Settings = changed
		return nil
	})
}
