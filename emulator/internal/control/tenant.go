package control

import (
	"net/http"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// describe changes what a tenant is, as far as no call of Graph can: what it has bought, and
// the security defaults, whose demands on a sign-in are not modelled.
func (h *Handler) describe(r *http.Request) (any, error) {
	var body struct {
		LicenceP2        *bool `json:"licence_p2"`
		SecurityDefaults *bool `json:"security_defaults"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	return nil, h.with(r, func(t *store.Tenant) error {
		if body.LicenceP2 != nil {
			t.LicenceP2 = *body.LicenceP2
		}
		if body.SecurityDefaults != nil {
			t.SecurityDefaults = *body.SecurityDefaults
		}
		return nil
	})
}
