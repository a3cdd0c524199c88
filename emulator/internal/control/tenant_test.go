package control

import (
	"net/http"
	"testing"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

func TestWhatATenantHasBoughtCanBeChanged(t *testing.T) {
	l := newListener(t)
	for _, row := range []struct {
		body              string
		licence, defaults bool
	}{
		{`{"licence_p2":false}`, false, false},
		{`{"security_defaults":true}`, false, true},
		{`{"licence_p2":true,"security_defaults":false}`, true, false},
	} {
		if status, text := l.call("POST", "/tenant", row.body); status != http.StatusNoContent {
			t.Fatalf("%s: %d %s", row.body, status, text)
		}
		l.tenant(l.tenants[0], func(tenant *store.Tenant) {
			if tenant.LicenceP2 != row.licence || tenant.SecurityDefaults != row.defaults {
				t.Errorf("%s: licence %t, defaults %t", row.body, tenant.LicenceP2, tenant.SecurityDefaults)
			}
		})
	}
	if status, _ := l.call("POST", "/tenant", `{"licence_p1":true}`); status != http.StatusBadRequest {
		t.Errorf("an unknown key: %d, want 400", status)
	}
}
