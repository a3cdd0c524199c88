package tokens

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// ClaimsRequest is what the own client asks of the access token beyond its scopes.
type ClaimsRequest struct {
	Contexts []string // authentication contexts; empty asks for none
	CP1      bool     // declare that this client answers claims challenges
	// MFA asks that a second factor be in the session (observed: a public command-line client sends
	// the claim). It forces a prompt where none is, so it is for priming, never for a step-up.
	MFA bool
}

// JSON is the claims parameter of an authorize or token request; "" when nothing is asked for. One
// context is asked for by "value" (documented), several by "values" (observed).
func (r ClaimsRequest) JSON() string {
	type asked struct {
		Essential bool     `json:"essential,omitempty"`
		Value     string   `json:"value,omitempty"`
		Values    []string `json:"values,omitempty"`
	}
	token := map[string]asked{}
	switch len(r.Contexts) {
	case 0:
	case 1:
		token["acrs"] = asked{Essential: true, Value: r.Contexts[0]}
	default:
		token["acrs"] = asked{Essential: true, Values: r.Contexts}
	}
	if r.MFA {
		token["amr"] = asked{Essential: true, Values: []string{"mfa"}}
	}
	if r.CP1 {
		token["xms_cc"] = asked{Values: []string{"cp1"}}
	}
	if len(token) == 0 {
		return ""
	}
	text, err := json.Marshal(map[string]any{"access_token": token})
	if err != nil {
		panic("marshal strings: " + err.Error()) // strings and booleans always marshal
	}
	return string(text)
}

// tolerated are claims of an ID token that MSAL asks for with every request, none of them
// essential (observed in MSAL's own requests); they force nothing.
var tolerated = []string{"signin_state", "login_hint", "tenant_region_sub_scope"}

// ForcedBy lists, sorted, by what an authorize request itself forces a prompt, whatever the tenant's
// policies say: "prompt" (unless it is none), "max_age", "amr_values", and the path of every claim
// other than acrs and xms_cc ("claims.access_token.amr"); "claims" when the parameter is no JSON
// object and cannot be judged. It is nil for a request that leaves the prompt to the policies.
func ForcedBy(authorizeQuery url.Values) []string {
	var forced []string
	if slices.ContainsFunc(authorizeQuery["prompt"], func(v string) bool { return v != "" && v != "none" }) {
		forced = append(forced, "prompt")
	}
	for _, name := range []string{"max_age", "amr_values"} {
		if slices.ContainsFunc(authorizeQuery[name], func(v string) bool { return v != "" }) {
			forced = append(forced, name)
		}
	}
	for _, claims := range authorizeQuery["claims"] {
		if claims != "" {
			forced = append(forced, forcedClaims(claims)...)
		}
	}
	slices.Sort(forced)
	return slices.Compact(forced)
}

// forcedClaims lists the claims of a claims parameter that are more than a context and cp1.
func forcedClaims(claimsJSON string) []string {
	var byToken map[string]map[string]json.RawMessage
	if err := json.Unmarshal([]byte(claimsJSON), &byToken); err != nil || byToken == nil {
		return []string{"claims"}
	}
	var forced []string
	for token, claims := range byToken {
		for name, asked := range claims {
			harmless := name == "acrs" || name == "xms_cc" ||
				token == "id_token" && slices.Contains(tolerated, name) && !essential(asked)
			if !harmless {
				forced = append(forced, strings.Join([]string{"claims", token, name}, "."))
			}
		}
	}
	return forced
}

// essential reports whether a claim is asked for as one that must be there; what cannot be read
// counts as essential.
func essential(asked json.RawMessage) bool {
	var request *struct {
		Essential bool `json:"essential"`
	}
	return json.Unmarshal(asked, &request) != nil || request != nil && request.Essential
}
