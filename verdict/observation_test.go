package verdict_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/tokens"
	"github.com/reprompt/reprompt/verdict"
)

var update = flag.Bool("update", false, "rewrite golden files")

// The instants of the made-up proofs, by the tenant's clock.
var (
	nine       = time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC)
	signedIn   = at(0, 6)
	requested  = at(11, 30)
	challenged = at(11, 32)
	steppedUp  = at(11, 36) // the password of the step-up
	tokenAt    = at(11, 41)
	activated  = at(11, 43)
)

func at(minutes, seconds int) time.Time {
	return nine.Add(time.Duration(minutes)*time.Minute + time.Duration(seconds)*time.Second)
}

const (
	adminID  = "a3f1c0de-0000-4000-8000-000000000001"
	tenantID = "7e4a9700-0000-4000-8000-000000000002"
	signHost = "login.microsoftonline.com"
)

// idClaims is a verified ID token of the admin's session.
func idClaims(authTime time.Time) *tokens.IDClaims {
	return &tokens.IDClaims{
		Issuer: "https://" + signHost + "/" + tenantID + "/v2.0", Audience: "own-client",
		ObjectID: adminID, TenantID: tenantID, SessionID: "session-1", UPN: "ada@contoso.example", UTI: "uti-" + authTime.Format("1504"),
		IssuedAt: authTime, AuthTime: authTime, AMR: []string{"pwd", "mfa"}, SHA256: "00aa",
	}
}

// accessClaims is an access token of the admin for Microsoft Graph.
func accessClaims(contexts ...string) *tokens.AccessClaims {
	return &tokens.AccessClaims{
		Audience: "https://graph.microsoft.com", ObjectID: adminID, TenantID: tenantID, SessionID: "session-1",
		UTI: "uti-access", ACRS: contexts, AMR: []string{"pwd", "mfa"}, XMSCC: []string{"cp1"}, SHA256: "00bb",
	}
}

func credential(page, factor string, shown time.Time) verdict.PageVisit {
	return verdict.PageVisit{
		At: shown, Page: page, PGID: "ConvergedSignIn", Host: signHost, Factor: factor, StoodStill: true, Sent: true, SentAt: shown.Add(time.Second),
	}
}

func refused(n int, token verdict.ReplayToken, when time.Time) verdict.Replay {
	return verdict.Replay{
		N: n, Token: token, Mode: "real", At: when, Age: when.Sub(signedIn), Answer: verdict.AnswerRefused, Status: 400,
		Code: "RoleAssignmentRequestAcrsValidationFailed", Context: "c1", Claims: accessClaims(), RequestID: "req-1",
	}
}

// everyTimePolicy is the policy as it should be.
func everyTimePolicy() verdict.Policy {
	return verdict.Policy{
		ID: "policy-1", Name: "Re-authenticate for roles", State: "enabled", Contexts: []string{"c1"}, IncludeUsers: []string{adminID},
		ClientAppTypes: []string{"all"}, GrantOperator: "OR", Grants: []string{"mfa"},
		Frequency: &verdict.Frequency{Enabled: true, Interval: "everyTime", AuthenticationType: "primaryAndSecondaryAuthentication"},
	}
}

// enforced is a proof through the portal in which everything was as it should be.
func enforced() verdict.Observation {
	return verdict.Observation{
		Way: verdict.WayPortal, Require: verdict.RequireAny, TenantID: tenantID,
		Role:    verdict.Role{Name: "Application Administrator", DefinitionID: "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", DirectoryScopeID: "/"},
		Admin:   verdict.Admin{ObjectID: adminID, UPN: "ada@contoso.example"},
		Started: nine, Finished: at(17, 10),
		Setting: verdict.Setting{
			PolicyID: "DirectoryRole_1", ContextEnabled: true, ContextID: "c1", EnabledRules: []string{"Justification"}, MaximumDuration: "PT8H",
		},
		Active: []verdict.ActiveAssignment{}, Eligible: true,
		SignIn: verdict.Authentication{
			Started: at(0, 1), Finished: at(0, 12), ID: idClaims(signedIn), Token: accessClaims(),
			Pages: []verdict.PageVisit{
				{At: at(0, 3), Page: "user name", Host: signHost, StoodStill: true},
				credential("password", "password", at(0, 5)), credential("one-time code", "totp", at(0, 8)),
				{At: at(0, 10), Page: "stay signed in", Host: signHost, StoodStill: true},
			},
		},
		Priming: verdict.Priming{Asked: true, Done: true, Authentication: verdict.Authentication{
			Started: at(0, 13), Finished: at(0, 15), ID: idClaims(signedIn), Token: accessClaims("c1"),
		}},
		Probes: []verdict.Probe{
			{Phase: "before", N: 1, At: at(11, 20), Alive: true, ID: idClaims(signedIn)},
			{Phase: "before", N: 2, At: at(11, 22), Alive: true, ID: idClaims(signedIn)},
			{Phase: "after", N: 1, At: at(11, 50), Alive: true, ID: idClaims(steppedUp)},
		},
		Replays:       []verdict.Replay{refused(1, verdict.ReplayFirst, at(11, 24)), refused(1, verdict.ReplayPlain, at(11, 26))},
		Activations:   []verdict.Activation{stepUpActivation()},
		Configuration: configuration(),
	}
}

func stepUpActivation() verdict.Activation {
	return verdict.Activation{
		N: 1, Requested: requested, AuthAge: requested.Sub(at(0, 9)),
		Challenge: &verdict.Challenge{At: challenged, Source: "portal", Contexts: []string{"c1"}},
		StepUp: verdict.Authentication{
			Started: challenged, Finished: tokenAt,
			Authorize: verdict.AuthorizeRequest{At: challenged, ClientID: "portal", Contexts: []string{"c1"}},
			Pages:     []verdict.PageVisit{credential("password", "password", at(11, 35)), credential("one-time code", "totp", at(11, 38))},
		},
		TokenAt: tokenAt, TokenHost: signHost, Token: accessClaims("c1"),
		AuthTimeBefore: signedIn, AuthTimeAfter: steppedUp, SameSession: true,
		Outcome: "active", Status: 201, At: activated, RequestID: "req-2", Deactivated: true,
	}
}

func configuration() *verdict.Configuration {
	return &verdict.Configuration{
		Contexts:   []verdict.Context{{ID: "c1", Name: "Privileged roles", Published: true}},
		Policies:   []verdict.Policy{everyTimePolicy()},
		Principals: []verdict.Principal{{ID: adminID, Name: "Ada", Via: "direct", Scope: "/"}},
		OtherPaths: []verdict.OtherPath{}, Digest: "00cc",
	}
}

// throughGraph is the same by the harness's own client, whose step-up returns an ID token of its own.
func throughGraph() verdict.Observation {
	o := enforced()
	o.Way = verdict.WayGraph
	o.Activations[0].Challenge.Source = "graph"
	o.Activations[0].StepUp.ID = idClaims(steppedUp)
	return o
}

// twice is a proof with a second activation, eleven and a half minutes after the first step-up.
func twice() verdict.Observation {
	o := enforced()
	const later = 12 * time.Minute
	o.Finished = o.Finished.Add(later)
	second := stepUpActivation()
	second.N, second.AuthTimeBefore, second.AuthTimeAfter = 2, steppedUp, steppedUp.Add(later)
	second.Requested, second.At, second.TokenAt = requested.Add(later), activated.Add(later), tokenAt.Add(later)
	second.AuthAge = second.Requested.Sub(at(11, 39))
	second.Challenge.At, second.StepUp.Started = challenged.Add(later), challenged.Add(later)
	second.StepUp.Authorize.At = challenged.Add(later)
	for i := range second.StepUp.Pages {
		page := &second.StepUp.Pages[i]
		page.At, page.SentAt = page.At.Add(later), page.SentAt.Add(later)
	}
	o.Activations = append(o.Activations, second)
	o.Replays = append(o.Replays, refused(2, verdict.ReplayFirst, at(23, 24)), refused(2, verdict.ReplayPlain, at(23, 26)))
	o.Probes = append(o.Probes, verdict.Probe{Phase: "after", N: 2, At: at(23, 50), Alive: true, ID: idClaims(steppedUp.Add(later))})
	return o
}

// unasked is a proof in which the role became active without a prompt, because the policy only reports.
func unasked() verdict.Observation {
	o := enforced()
	a := &o.Activations[0]
	a.StepUp.Pages, a.AuthTimeAfter = nil, signedIn
	o.Probes[2].ID = idClaims(signedIn)
	o.Configuration.Policies[0].State = "enabledForReportingButNotEnforced"
	return o
}

// The format of observation.json is part of the evidence: a field that is renamed breaks what
// was recorded before.
func TestObservationFormatStays(t *testing.T) {
	golden := filepath.Join("testdata", "observation.json")
	got, err := json.MarshalIndent(enforced(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("observation.json changed (-want +got):\n%s", diff)
	}
}

func TestDecidedAgainFromItsRecordItComesToTheSame(t *testing.T) {
	for name, o := range map[string]verdict.Observation{
		"portal": enforced(), "graph": throughGraph(), "twice": twice(), "unasked": unasked(),
	} {
		recorded, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		var read verdict.Observation
		if err := json.Unmarshal(recorded, &read); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(verdict.Decide(o), verdict.Decide(read)); diff != "" {
			t.Errorf("%s: decided from the record (-first +again):\n%s", name, diff)
		}
	}
}
