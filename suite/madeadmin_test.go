package suite

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/doctor"
	"github.com/reprompt/reprompt/graph"
)

// madeIn is a tenant file that has its test admin made, and the account that was the tenant's own.
func madeIn(t *testing.T, credential string) (tenant *config.Tenant, own config.Admin) {
	t.Helper()
	return madeOf(t, lab(t, true), credential)
}

// madeOf is madeIn of a tenant that is there.
func madeOf(t *testing.T, tenant *config.Tenant, credential string) (*config.Tenant, config.Admin) {
	t.Helper()
	own := tenant.Admin
	data, err := os.ReadFile(tenant.File)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(data), "admin:\n")
	_, after, more := strings.Cut(rest, "\nsafety:")
	if !ok || !more {
		t.Fatalf("the tenant file has another form: %s", data)
	}
	text := before + "admin: {make: true, credential: " + credential + "}\nsafety:" + after
	file := filepath.Join(filepath.Dir(tenant.File), "made.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if tenant, err = config.Load(file); err != nil {
		t.Fatal(err)
	}
	return tenant, own
}

// admitted are the accounts that may use the public client: the admin's own and what runs made.
func admitted(t *testing.T, tenant *config.Tenant) (ids []string) {
	t.Helper()
	w, err := newWorld(t.Context(), placeOfFile(tenant), worldOptions{runID: "look"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.close)
	clients, err := w.reader.ServicePrincipals(t.Context(), tenant.HarnessApp.ClientID)
	if err != nil || len(clients) != 1 {
		t.Fatalf("the public client is %+v, %v", clients, err)
	}
	assigned, err := w.reader.AssignedTo(t.Context(), clients[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range assigned {
		ids = append(ids, to.PrincipalID)
	}
	return ids
}

// The test admin of a tenant file is made by the first scenario, serves all of them, and is gone
// with the run.
func TestTheTestAdminOfATenantFileIsMadeForTheRun(t *testing.T) {
	for _, credential := range []string{config.MadeWithPasskey, config.MadeWithAccessPass} {
		t.Run(credential, func(t *testing.T) {
			tenant, own := madeIn(t, credential)
			s := open(t, Options{Tenant: tenant, Names: []string{smoke, "names no context$"}})
			result, err := s.Run(t.Context())
			if err != nil || result.Passed != 2 {
				t.Fatalf("result = %+v, %v", result, err)
			}
			var seen struct {
				Admin struct {
					ID  string `json:"object_id"`
					UPN string `json:"upn"`
				} `json:"admin"`
			}
			var admins []string
			for _, file := range observationsIn(t, result.Evidence) {
				readJSON(t, file, &seen)
				admins = append(admins, seen.Admin.ID)
			}
			if len(admins) != 2 || admins[0] != admins[1] || admins[0] == own.ObjectID {
				t.Errorf("the scenarios were of %v, want one admin that is not %s", admins, own.ObjectID)
			}
			if left := admitted(t, tenant); len(left) != 1 || left[0] != own.ObjectID {
				t.Errorf("the public client is for %v, want %s alone again", left, own.ObjectID)
			}
			w, err := newWorld(t.Context(), placeOfFile(tenant), worldOptions{runID: "look"})
			if err != nil {
				t.Fatal(err)
			}
			defer w.close()
			if _, err := w.reader.User(t.Context(), admins[0]); !graph.IsNotFound(err) {
				t.Errorf("the account is still there: %v", err)
			}
			if pending, err := s.journal.Pending(); err != nil || len(pending) != 0 {
				t.Errorf("pending = %v, %v", pending, err)
			}
		})
	}
}

func observationsIn(t testing.TB, bundle string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(bundle, "scenarios", "*", "observation.json"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Whoever closes a suite without having run it to its end leaves no account either.
func TestClosingTakesTheMadeAdminAway(t *testing.T) {
	tenant, own := madeIn(t, config.MadeWithAccessPass)
	s, err := Open(t.Context(), Options{Tenant: tenant, Names: []string{smoke}, EvidenceDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	has, err := s.acquire(t.Context(), "one")
	if err != nil {
		t.Fatal(err)
	}
	has.end()
	if there := admitted(t, tenant); len(there) != 2 {
		t.Errorf("the public client is for %v, want the made admin, too", there)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Close(ended); err != nil {
		t.Error(err)
	}
	if left := admitted(t, tenant); len(left) != 1 || left[0] != own.ObjectID {
		t.Errorf("the public client is for %v, want %s alone again", left, own.ObjectID)
	}
}

// prove writes no configuration.
func TestAnAdminYetToBeMadeIsRefusedWhereNothingIsWritten(t *testing.T) {
	tenant, _ := madeIn(t, config.MadeWithPasskey)
	_, err := Prove(t.Context(), Options{Tenant: tenant, EvidenceDir: t.TempDir()}, ProveRequest{Roles: []string{embeddedRole}}, nil)
	wantRequirement(t, "prove", err, []string{"prove writes no configuration", "admin.make", "--make-admins"})
}

// Nothing can be known of an account that is not there, but whether it can be made.
func TestDoctorSaysOfAnAdminYetToBeMadeWhatIsMadeAndWhetherItCanBe(t *testing.T) {
	tenant, own := madeIn(t, config.MadeWithPasskey)
	examine := func() map[string]doctor.Check {
		t.Helper()
		report, err := Doctor(t.Context(), DoctorOptions{Tenant: tenant})
		if err != nil {
			t.Fatal(err)
		}
		checks := map[string]doctor.Check{}
		for _, c := range report.Checks {
			checks[c.Name] = c
			if c.Result == doctor.Unknown || strings.Contains(c.Found, " : ") || strings.HasPrefix(c.Found, " ") {
				t.Errorf("%+v", c)
			}
		}
		return checks
	}
	checks := examine()
	for _, name := range []string{"User.ReadWrite.All", "UserAuthMethod-TAP.ReadWrite.All", "UserAuthMethod-Passkey.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "DelegatedPermissionGrant.ReadWrite.All", "RoleEligibilitySchedule.ReadWrite.Directory"} {
		if c := checks["making/"+name]; c.Result != doctor.OK {
			t.Errorf("%s: %+v", name, c)
		}
		if !slices.Contains(fixturesRoles, name) {
			t.Errorf("doctor wants %s, which init --register does not ask for", name)
		}
	}
	for name, found := range map[string]string{"admin": "a run makes it and takes it away again: a user in " + tenant.Domain, "methods": "allows TemporaryAccessPass and Fido2", "role": "eligible for nothing", "licence": "", "policies": ""} {
		if c := checks[name]; c.Found == "" || !strings.Contains(c.Found, found) || c.Result == doctor.Failed {
			t.Errorf("%s: %+v, want %q", name, c, found)
		}
	}
	// Only the clinic's own admin is in the way: the file is of a tenant that had one.
	if c := checks["registration/users"]; c.Result != doctor.Failed || !strings.Contains(c.Mend, "Users and groups") {
		t.Errorf("the admin %s may use the client: %+v", own.UPN, c)
	}
	tenant.Domain = "elsewhere.example"
	if c := examine()["admin"]; c.Result != doctor.Failed || !strings.Contains(c.Mend, "domain") {
		t.Errorf("another domain: %+v", c)
	}
}

// What an application lacks, and a policy that does not allow the method, is said before anything is made.
func TestDoctorFindsWhatKeepsAnAdminFromBeingMade(t *testing.T) {
	c := newClinic(t)
	file, _ := madeOf(t, c.tenant, config.MadeWithPasskey)
	role, err := c.principal(graph.AppIDGraph).Role("AppRoleAssignment.ReadWrite.All")
	c.must(err)
	app := c.principal(file.FixturesApp.ClientID)
	held, err := c.setup.Permissions(t.Context(), app.ID)
	c.must(err)
	for _, a := range held {
		if a.AppRoleID == role {
			c.must(c.setup.TakePermission(t.Context(), app.ID, a.ID))
		}
	}
	for _, row := range []struct {
		settings string
		found    string
	}{
		{`{"@odata.type":"#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration","isUsableOnce":true}`, "used once only"},
		{`{"@odata.type":"#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration","state":"disabled"}`, "has TemporaryAccessPass off"},
	} {
		c.patch("/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/TemporaryAccessPass", row.settings)
		report, err := Doctor(t.Context(), DoctorOptions{Tenant: file})
		c.must(err)
		got := map[string]doctor.Check{}
		for _, check := range report.Checks {
			got[check.Name] = check
		}
		if methods := got["methods"]; methods.Result != doctor.Failed || !strings.Contains(methods.Found, row.found) {
			t.Errorf("%+v, want %q", methods, row.found)
		}
		if making := got["making/AppRoleAssignment.ReadWrite.All"]; making.Result != doctor.Failed || !strings.Contains(making.Mend, "give fixtures_app") {
			t.Errorf("%+v", making)
		}
	}
}

// patch changes an object that package graph changes nowhere.
func (c *clinic) patch(path, body string) {
	c.Helper()
	token, err := c.world.tokens.get(c.Context(), "")
	c.must(err)
	request, err := http.NewRequestWithContext(c.Context(), http.MethodPatch, c.world.place.graphBase+path, strings.NewReader(body))
	c.must(err)
	request.Header.Set("Authorization", "Bearer "+token.Reveal())
	request.Header.Set("Content-Type", "application/json")
	answer, err := c.world.dial.client().Do(request)
	c.must(err)
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		c.Fatalf("PATCH %s: HTTP %d", path, answer.StatusCode)
	}
}
