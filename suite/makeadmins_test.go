package suite

import (
	"context"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/fixtures"
	"github.com/reprompt/reprompt/tokens"
	"github.com/reprompt/reprompt/verdict"
)

// protectedForAll is an embedded tenant with protected roles that nobody is eligible for, whose context asks
// everybody. It holds until the test ends.
func protectedForAll(t *testing.T, tenant *config.Tenant, roles int) {
	t.Helper()
	configure(t, tenant, func(w *world, must func(error)) {
		f := w.fixtures
		contextID, err := f.PublishContext(t.Context(), fixtures.ContextOptions{})
		must(err)
		_, err = f.CreatePolicy(t.Context(), fixtures.PolicyOptions{Contexts: []string{contextID}, Everyone: true, Frequency: fixtures.EveryTime(), Grant: fixtures.Grant{MFA: true}})
		must(err)
		for i := range roles {
			role, err := f.CustomRole(t.Context(), fixtures.CustomRoleOptions{Name: "protected " + string(rune('a'+i))})
			must(err)
			must(f.RequireContext(t.Context(), role.ID, contextID))
		}
		settle(t, w)
	})
}

// tenantState is what Graph shows of accounts, of who is eligible for and holds what, and of who may use which
// client, as the answers' own text.
func tenantState(t *testing.T, tenant *config.Tenant) map[string]string {
	t.Helper()
	w, err := newWorld(t.Context(), placeOfFile(tenant), worldOptions{runID: "look"})
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	token, err := w.tokens.get(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	state := map[string]string{"admitted": strings.Join(admitted(t, tenant), " ")}
	for _, path := range []string{
		"/users?$top=100", "/roleManagement/directory/roleEligibilityScheduleInstances", "/roleManagement/directory/roleAssignmentScheduleInstances",
		"/roleManagement/directory/roleDefinitions", "/oauth2PermissionGrants", "/identity/conditionalAccess/policies", "/groups",
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.place.graphBase+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+token.Reveal())
		answer, err := w.dial.client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("GET %s: HTTP %d %s, %v", path, answer.StatusCode, text, err)
		}
		state[path] = string(text)
	}
	return state
}

// Three roles and three made admins cost one window. Afterwards the tenant is as it was.
func TestRolesAreProvedOverAdminsMadeForIt(t *testing.T) {
	tenant := lab(t, false)
	protectedForAll(t, tenant, 3)
	before := tenantState(t, tenant)
	var progress said
	proofs, err := Prove(t.Context(), Options{Tenant: tenant, EvidenceDir: t.TempDir(), Progress: &progress, Concurrency: 2, Trace: true}, ProveRequest{AllProtected: true, MakeAdmins: 3}, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, progress.String())
	}
	by := map[string]bool{}
	for _, proof := range proofs {
		if proof.Verdict == nil || proof.Verdict.Outcome != verdict.Enforced || proof.Restored == nil || !*proof.Restored {
			t.Errorf("%s: %+v", proof.Role.Name, proof.Verdict)
			continue
		}
		by[proof.Observation.Admin.ObjectID] = true
		if proof.Observation.Admin != proof.Admin || proof.Admin.ObjectID == tenant.Admin.ObjectID {
			t.Errorf("%s: told of %v, proved by %v, and the tenant's own is %s", proof.Role.Name, proof.Admin, proof.Observation.Admin, tenant.Admin.ObjectID)
		}
	}
	if len(proofs) != 3 || len(by) != 3 {
		t.Errorf("%d roles were proved by %d accounts, want 3 by 3", len(proofs), len(by))
	}
	text := progress.String()
	for _, want := range []string{"plan: 3 roles over 3 test admins, 1 window of eleven minutes", "  test admin 3, made for it: ", "expected end: "} {
		if !strings.Contains(text, want) || strings.Index(text, want) > strings.Index(text, "making 3 test admins") {
			t.Errorf("before anything was made nothing was said like %q:\n%s", want, text)
		}
	}
	// One window and PIM's five minutes are 16 minutes; three windows would be 38.
	plan, took := minutes(t, text, `in `), minutes(t, text, `took `)
	if took < 16 || took > 18 || took > 1.05*plan {
		t.Errorf("it took %.1f minutes, the plan said %.1f", took, plan)
	}
	if diff := cmp.Diff(before, tenantState(t, tenant)); diff != "" {
		t.Errorf("the tenant is not as it was (-before +after):\n%s", diff)
	}
	tracesAreOfOneAdmin(t, proofs[0].Evidence)
	if v, err := evidence.Verify(proofs[0].Evidence, evidence.VerifyOptions{}); err != nil || len(v.Problems) > 0 {
		t.Errorf("the bundle does not verify: %v %v", v.Problems, err)
	}
	if pending, err := pendingOf(tenant); err != nil || len(pending) != 0 {
		t.Errorf("pending = %v, %v", pending, err)
	}
}

// tracesAreOfOneAdmin: of proofs side by side each trace tells of the tokens of its own admin alone, and of what
// this program's clients sent for it.
func tracesAreOfOneAdmin(t *testing.T, bundle string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(bundle, "scenarios", "*", "trace.json"))
	if err != nil || len(found) != 3 {
		t.Fatalf("%v, %v", found, err)
	}
	seen := map[string]bool{}
	for _, file := range found {
		var trace evidence.Trace
		readJSON(t, file, &trace)
		var of struct {
			Admin struct {
				ID string `json:"object_id"`
			} `json:"admin"`
		}
		readJSON(t, filepath.Join(filepath.Dir(file), "observation.json"), &of)
		own := 0
		for _, c := range trace.Calls {
			for _, claims := range []*tokens.AccessClaims{c.Carried, c.Received} {
				if claims == nil || len(claims.Roles) > 0 {
					continue // an application's
				}
				if claims.ObjectID != of.Admin.ID {
					t.Errorf("the trace of %s tells, from %s, of a token of %s: %s %s", of.Admin.ID, c.From, claims.ObjectID, c.Method, c.Path)
				}
				if c.From == "client" {
					own++
				}
			}
		}
		if own == 0 {
			t.Errorf("the trace of %s tells nothing that a client sent for it", of.Admin.ID)
		}
		seen[of.Admin.ID] = true
	}
	if len(seen) != 3 {
		t.Errorf("the traces are of %v, want three admins", seen)
	}
}

// One role needs no more than one admin, however many may be made. Broken off while admins are made, or while
// they prove, the command takes them away itself.
func TestMadeAdminsAreTakenAwayWhenItIsBrokenOff(t *testing.T) {
	tenant := lab(t, false)
	protectedForAll(t, tenant, 1)
	before := tenantState(t, tenant)
	for _, at := range []string{"making 1 test admin", "activate"} {
		ctx, cancel := context.WithCancel(t.Context())
		progress := said{each: func(line string) {
			if strings.Contains(line, at) {
				cancel()
			}
		}}
		_, err := Prove(ctx, Options{Tenant: tenant, EvidenceDir: t.TempDir(), Progress: &progress}, ProveRequest{AllProtected: true, MakeAdmins: 5}, nil)
		cancel()
		if cut := new(InterruptedError); !errors.As(err, &cut) {
			t.Fatalf("broken off at %q: %v\n%s", at, err, progress.String())
		}
		if diff := cmp.Diff(before, tenantState(t, tenant)); diff != "" {
			t.Errorf("broken off at %q: the tenant is not as it was (-before +after):\n%s", at, diff)
		}
	}
	if pending, err := pendingOf(tenant); err != nil || len(pending) != 0 {
		t.Errorf("pending = %v, %v", pending, err)
	}
}

// What may not be made is said, nothing is activated, and what was made is gone.
func TestAdminsThatCannotBeMade(t *testing.T) {
	c := newClinic(t)
	before := tenantState(t, c.tenant)
	c.patch("/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/TemporaryAccessPass",
		`{"@odata.type":"#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration","state":"disabled"}`)
	proofs, err := Prove(t.Context(), Options{Tenant: c.tenant, EvidenceDir: t.TempDir()}, ProveRequest{Roles: []string{embeddedRole}, MakeAdmins: 2}, nil)
	if unmade := new(NotMadeError); !errors.As(err, &unmade) || !strings.Contains(err.Error(), "nothing was activated") {
		t.Errorf("err = %v", err)
	}
	if len(proofs) != 1 || proofs[0].Verdict != nil || proofs[0].Err == nil {
		t.Errorf("proofs = %+v", proofs)
	}
	if diff := cmp.Diff(before, tenantState(t, c.tenant)); diff != "" {
		t.Errorf("the tenant is not as it was (-before +after):\n%s", diff)
	}
}

// What cannot be done is refused before anything is opened.
func TestMakingAdminsIsRefusedWhereItCannotBe(t *testing.T) {
	tenant := lab(t, true)
	without := *tenant
	without.FixturesApp = nil
	for name, row := range map[string]struct {
		options Options
		admins  int
		want    string
	}{
		"too many":              {Options{Tenant: tenant}, 101, "give 1 to 100"},
		"fewer than none":       {Options{Tenant: tenant}, -1, "give 1 to 100"},
		"a person":              {Options{Tenant: tenant, Human: true, Headed: true}, 2, "--make-admins and --human exclude each other"},
		"nobody may write":      {Options{Tenant: &without}, 2, "has no fixtures_app"},
		"the default, none yet": {Options{Tenant: tenant}, 0, ""},
	} {
		err := ProveRequest{MakeAdmins: row.admins}.checkMaking(row.options)
		if row.want == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		wantRequirement(t, name, err, []string{row.want})
	}
}
