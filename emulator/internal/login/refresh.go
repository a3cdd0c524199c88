package login

import (
	"encoding/json"
	"slices"
	"time"

	ca "github.com/reprompt/reprompt/emulator/internal/conditionalaccess"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// refreshedGrant makes the grant that a refresh asks for, evaluated anew.
//
// Inferred: a refresh holds only the contexts that it asks for itself, and those that no
// policy protects; as xms_cc is lost unless it is asked for again (observed).
func refreshedGrant(t *store.Tenant, r tokenRequest, g store.Grant, user *store.User) (store.Grant, *aadsts) {
	if err := refreshScopes(r, &g, user); err != nil {
		return g, err
	}
	g.ClientID, g.TokenID, g.CP1 = r.app.ClientID, newTokenID(t), r.claims.cp1()
	g.Contexts, g.StepUpAt = published(t, r.claims.contexts()), time.Time{}
	if err := evaluateRefresh(t, r, g, user); err != nil {
		return g, err
	}
	var failed error
	if g.ACRS, failed = contextsToEmit(t, g.Contexts); failed != nil {
		return g, asAADSTS(failed)
	}
	if len(g.Contexts) > 0 {
		g.StepUpAt = lastFactor(g.Factors)
	}
	return g, nil
}

// refreshScopes puts what is asked for into the grant, or leaves the grant's own when
// nothing is. Consent is checked again: it may have been withdrawn.
func refreshScopes(r tokenRequest, g *store.Grant, user *store.User) *aadsts {
	if text := r.form.Get("scope"); text != "" {
		resource, scopes, err := parseScopes(text)
		if err != nil {
			return err
		}
		g.Resource, g.Scopes = resource, scopes
	}
	consented, err := grantedScopes(r.app, user, g.Resource, g.Scopes)
	if err != nil {
		return err
	}
	g.Scopes = mergeScopes(g.Scopes, consented)
	if !slices.Contains(g.Scopes, "offline_access") {
		g.Scopes = append(g.Scopes, "offline_access") // a refresh always answers a new refresh token
	}
	return nil
}

// evaluateRefresh asks Conditional Access and writes the sign-in log.
func evaluateRefresh(t *store.Tenant, r tokenRequest, g store.Grant, user *store.User) *aadsts {
	session, _ := t.Sessions.Get(g.Session)
	decision, failed := decide(t, evaluation{
		User: user, ClientID: g.ClientID, Resource: g.Resource, Contexts: g.Contexts,
		ClientType: g.Client, UserAgent: g.UserAgent, Factors: g.Factors, StepUpAt: stepUpInstant(t, user, session),
	})
	if failed != nil {
		return asAADSTS(failed)
	}
	if t.Settings.RefreshStepsUp && len(g.Contexts) > 0 {
		decision.Reauthentication = ca.Reauthentication{}
	}
	refused := refreshRefusal(decision, g)
	row := newRow(t, r.app, g.Resource, decision, refused)
	row.SignInEventTypes, row.IncomingTokenType = []string{eventNonInteractive}, "refreshToken"
	row.SessionID, row.ClientAppUsed, row.UserAgent = g.SessionID, clientAppUsed(g.Client), r.agent
	row.AuthenticationDetails = authDetails(nil, g.Factors)
	nameUser(row, user)
	if refused == nil {
		row.UniqueTokenIdentifier = g.TokenID
	}
	t.AddSignIn(row)
	return refused
}

// refreshRefusal is the answer where a page would be needed. Documented: 70043 for a refresh
// token that sign-in frequency no longer allows, 50076 for a missing second factor, 53003
// for a block. Inferred: the suberrors, and that a refresh which asks for a context is
// told 50076 with the claims.
func refreshRefusal(d ca.Decision, g store.Grant) *aadsts {
	switch {
	case d.Granted():
		return nil
	case d.Blocked():
		err := fail(blockedByPolicy, "invalid_grant", "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.")
		err.Suberror = "message_only"
		return err
	case d.NeedsDevice():
		err := deviceError(d)
		err.OAuth, err.Suberror = "invalid_grant", "message_only"
		return err
	case len(g.Contexts) == 0 && (d.NeedsPrimary() || d.Reauthentication.Secondary):
		err := fail(refreshTooOldByPolicy, "invalid_grant", "The refresh token has expired or is invalid due to sign-in frequency checks by conditional access.")
		err.Suberror = "bad_token"
		return err
	}
	err := fail(strongAuthNeeded, "interaction_required",
		"Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access '%s'.", resourceAppID(g.Resource))
	err.Suberror, err.Claims = "basic_action", challengeFor(d, g)
	return err
}

// challengeFor is the claims challenge that leads to a page which can satisfy the policies
// (observed: capolids names them; acrs as it was asked).
func challengeFor(d ca.Decision, g store.Grant) string {
	var policies []string
	for _, unmet := range d.Unmet {
		policies = append(policies, unmet.Policy.ID)
	}
	for _, why := range d.Reauthentication.Why {
		policies = append(policies, why.Policy.ID)
	}
	access := map[string]any{"capolids": map[string]any{"essential": true, "values": slices.Compact(policies)}}
	if len(g.Contexts) > 0 {
		access["acrs"] = map[string]any{"essential": true, "value": g.Contexts[0]}
	}
	text, err := json.Marshal(map[string]any{"access_token": access})
	if err != nil {
		panic(err) // maps of strings always encode
	}
	return string(text)
}
