package graphapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
)

// What is accepted is kept: every property of the body that made an object is read back as
// it was sent.
func TestWhatIsSentIsKept(t *testing.T) {
	for path, body := range map[string]string{
		"/v1.0/users": `{"accountEnabled":false,"displayName":"n","givenName":"g","surname":"s","jobTitle":"j","mail":"m@contoso.example","mailNickname":"n","userPrincipalName":"n@contoso.example",
 "userType":"Guest","usageLocation":"AT","preferredLanguage":"de-AT","mobilePhone":"1","officeLocation":"o","businessPhones":["2"],"passwordProfile":{"password":"x"}}`,
		"/v1.0/groups":                        `{"displayName":"g","description":"d","mailEnabled":false,"mailNickname":"g","securityEnabled":true,"isAssignableToRole":false,"groupTypes":[],"visibility":"HiddenMembership"}`,
		"/v1.0/directory/administrativeUnits": `{"displayName":"u","description":"d","visibility":"HiddenMembership"}`,
		contexts:                              `{"id":"c9","displayName":"x","description":"d","isAvailable":true}`,
		"/v1.0/applications":                  `{"displayName":"a","description":"d","notes":"n","tags":["t"],"identifierUris":["api://x"],"signInAudience":"AzureADMyOrg","isFallbackPublicClient":true,"requiredResourceAccess":[{"resourceAppId":"x","resourceAccess":[]}],"spa":{"redirectUris":["https://a.example/"]}}`,
		"/v1.0/policies/authenticationStrengthPolicies":   `{"displayName":"s","description":"d","allowedCombinations":["fido2"]}`,
		"/v1.0/roleManagement/directory/roleDefinitions":  `{"displayName":"r","description":"d","isEnabled":true,"version":"3","resourceScopes":["/"],"rolePermissions":[{"allowedResourceActions":["microsoft.directory/users/basic/update"],"condition":null}]}`,
		"/v1.0/identity/conditionalAccess/namedLocations": `{"@odata.type":"#microsoft.graph.countryNamedLocation","displayName":"c","countriesAndRegions":["AT"],"includeUnknownCountriesAndRegions":true,"countryLookupMethod":"authenticatorAppGps"}`,
		policies: `{"displayName":"p","description":"why","state":"disabled","conditions":{"clientAppTypes":["browser"],"applications":{"includeApplications":["All"]},"users":{"includeUsers":["All"]},"authenticationFlows":{"transferMethods":"deviceCodeFlow"}},
 "grantControls":{"operator":"OR","builtInControls":["mfa"]},"sessionControls":{"persistentBrowser":{"isEnabled":true,"mode":"never"}}}`,
	} {
		t.Run(strings.TrimPrefix(path, "/v1.0/"), func(t *testing.T) {
			l := newLab(t)
			sent := document.MustParse([]byte(body))
			id := l.must(http.StatusCreated, http.MethodPost, path, body).body.String("id")
			var asked []string
			for _, name := range sent.Keys() {
				if name != "passwordProfile" && !strings.HasPrefix(name, "@") {
					asked = append(asked, name)
				}
			}
			kept := l.must(http.StatusOK, http.MethodGet, path+"/"+id+"?$select="+strings.Join(asked, ","), "").body
			for _, name := range asked {
				want, _ := sent.Get(name)
				got, _ := kept.Get(name)
				if diff := cmp.Diff(want, within(got, want), cmp.AllowUnexported(document.Object{})); diff != "" {
					t.Errorf("%s (-sent +kept):\n%s", name, diff)
				}
			}
		})
	}
}

// A request to PIM keeps its words, and one that would recur is refused.
func TestWhatARequestSaysIsKept(t *testing.T) {
	l := newLab(t)
	body := `{"action":"adminAssign","justification":"why","customData":"mine","roleDefinitionId":"` + applications + `","directoryScopeId":"/","principalId":"` + l.admin + `",
 "scheduleInfo":{"recurrence":null,"expiration":{"type":"noExpiration"}},"ticketInfo":{"ticketNumber":"1","ticketSystem":"s"}}`
	id := l.must(http.StatusCreated, http.MethodPost, eligibility, body).body.String("id")
	kept := l.must(http.StatusOK, http.MethodGet, eligibility+"/"+id, "").body
	if kept.String("justification") != "why" || kept.String("customData") != "mine" || kept.Object("ticketInfo").String("ticketSystem") != "s" {
		t.Errorf("kept %s", pretty(kept))
	}
	recurring := strings.Replace(body, `"recurrence":null`, `"recurrence":{"pattern":{"type":"daily","interval":1}}`, 1)
	if a := l.do("app", http.MethodPost, eligibility, recurring); a.status != http.StatusBadRequest || !strings.Contains(a.message(), "recurrence") {
		t.Errorf("recurring: %d %s", a.status, a.message())
	}
}

// within reduces what was read to the properties that were sent.
func within(got, sent any) any {
	have, ok := got.(*document.Object)
	want, isObject := sent.(*document.Object)
	if !ok || !isObject {
		return got
	}
	out := &document.Object{}
	for _, name := range want.Keys() {
		w, _ := want.Get(name)
		h, _ := have.Get(name)
		out.Set(name, within(h, w))
	}
	return out
}
