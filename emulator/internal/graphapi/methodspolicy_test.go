package graphapi_test

import (
	"net/http"
	"strings"
	"testing"
)

const configurations = "/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/"

// configure changes a configuration of the authentication methods policy.
func (l *lab) configure(id, kind, properties string) {
	l.t.Helper()
	l.must(http.StatusNoContent, http.MethodPatch, configurations+id, `{"@odata.type":"#microsoft.graph.`+kind+`AuthenticationMethodConfiguration",`+properties+`}`)
}

func TestAuthenticationMethodsPolicy(t *testing.T) {
	l := newLab(t)
	const path = "/v1.0/policies/authenticationMethodsPolicy"
	l.configure("temporaryaccesspass", "temporaryAccessPass", `"maximumLifetimeInMinutes":480`)
	l.must(http.StatusNoContent, http.MethodPatch, path, `{"registrationEnforcement":{"authenticationMethodsRegistrationCampaign":{"state":"enabled"}}}`)
	got := l.must(http.StatusOK, http.MethodGet, path, "").body
	campaign := got.Object("registrationEnforcement").Object("authenticationMethodsRegistrationCampaign")
	if campaign.String("state") != "enabled" || !campaign.Has("includeTargets") {
		t.Errorf("the campaign is %s", pretty(campaign))
	}
	list, _ := got.Get("authenticationMethodConfigurations")
	if n := len(list.([]any)); n != 8 {
		t.Errorf("%d configurations", n)
	}
	pass := l.must(http.StatusOK, http.MethodGet, configurations+"TemporaryAccessPass", "").body
	if most, _ := pass.Int("maximumLifetimeInMinutes"); most != 480 || pass.String("state") != "enabled" {
		t.Errorf("the configuration is %s", pretty(pass))
	}
	l.must(http.StatusBadRequest, http.MethodPatch, path, `{"authenticationMethodConfigurations":[]}`)
	audits := l.must(http.StatusOK, http.MethodGet, "/v1.0/auditLogs/directoryAudits?$filter=activityDisplayName eq 'Authentication Methods Policy Update'", "").values()
	if len(audits) != 2 {
		t.Errorf("%d audit rows", len(audits))
	}
}

// The policy decides about Temporary Access Passes: whether, for how long, for how often.
func TestThePolicyOnPasses(t *testing.T) {
	l := newLab(t)
	path := "/v1.0/users/" + l.admin + "/authentication/temporaryAccessPassMethods"
	l.configure("TemporaryAccessPass", "temporaryAccessPass", `"minimumLifetimeInMinutes":60,"maximumLifetimeInMinutes":480,"defaultLifetimeInMinutes":120,"isUsableOnce":true`)
	if a := l.do("app", http.MethodPost, path, `{"lifetimeInMinutes":30}`); a.status != http.StatusBadRequest || !strings.Contains(a.message(), "60 and 480") {
		t.Errorf("a pass shorter than the policy allows: %d %s", a.status, a.message())
	}
	made := l.must(http.StatusCreated, http.MethodPost, path, `{"isUsableOnce":false}`).body
	if n, _ := made.Int("lifetimeInMinutes"); n != 120 || !made.Bool("isUsableOnce") {
		t.Errorf("made %s", pretty(made))
	}
	l.configure("TemporaryAccessPass", "temporaryAccessPass", `"state":"disabled"`)
	l.must(http.StatusBadRequest, http.MethodPost, path, `{}`)
}

// The policy decides about passkeys: whether, with attestation, of which models.
func TestThePolicyOnPasskeys(t *testing.T) {
	device := authenticator{origin: "https://login.microsoft.com", rpID: "login.microsoft.com", verifies: true}
	const none = `"00000000-0000-0000-0000-000000000000"` // the model of the test's device
	for name, row := range map[string]struct {
		policy string
		want   int
	}{
		"as it is":                 {`"state":"enabled"`, http.StatusCreated},
		"attestation is enforced":  {`"isAttestationEnforced":true`, http.StatusBadRequest},
		"the model is allowed":     {`"keyRestrictions":{"isEnforced":true,"enforcementType":"allow","aaGuids":[` + none + `]}`, http.StatusCreated},
		"another model is allowed": {`"keyRestrictions":{"isEnforced":true,"enforcementType":"allow","aaGuids":["90a3ccdf-635c-4729-a248-9b709135078f"]}`, http.StatusBadRequest},
		"the model is blocked":     {`"keyRestrictions":{"isEnforced":true,"enforcementType":"block","aaGuids":[` + none + `]}`, http.StatusBadRequest},
		"restrictions are off":     {`"keyRestrictions":{"isEnforced":false,"enforcementType":"block","aaGuids":[` + none + `]}`, http.StatusCreated},
		"passkeys are off":         {`"state":"disabled"`, http.StatusBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			path := "/v1.0/users/" + l.admin + "/authentication/fido2Methods"
			options := l.must(http.StatusOK, http.MethodGet, path+"/creationOptions", "").body
			l.configure("Fido2", "fido2", row.policy)
			if a := l.do("app", http.MethodPost, path, device.register(t, options)); a.status != row.want {
				t.Errorf("registered with %d, want %d: %s", a.status, row.want, pretty(a.body))
			}
		})
	}
}
