package suite

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/doctor"
	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/secret"
)

// clinic is a sample tenant that a row makes ill, with the doors to do so.
type clinic struct {
	*testing.T
	tenant  *config.Tenant
	options DoctorOptions
	world   *world        // as the application that prepares the tenant
	setup   *graph.Client // as the one that registers applications
	setupID string        // its client id
}

func newClinic(t *testing.T) *clinic {
	t.Helper()
	tenant := lab(t, true)
	c := &clinic{T: t, tenant: tenant, options: DoctorOptions{Tenant: tenant, Roles: []string{embeddedRole}}}
	c.world = c.connect(placeOfFile(tenant))
	var a access
	data, err := os.ReadFile(filepath.Join(filepath.Dir(tenant.File), "emulator.json"))
	if err == nil {
		err = json.Unmarshal(data, &a)
	}
	if err != nil {
		t.Fatal(err)
	}
	c.setupID = a.SetupApp.ClientID
	where := placeOfFile(tenant)
	where.app = withSecret(a.SetupApp.ClientID, a.SetupApp.ClientSecret)
	c.setup = c.connect(where).reader
	return c
}

func (c *clinic) connect(where place) *world {
	c.Helper()
	w, err := newWorld(c.Context(), where, worldOptions{runID: "clinic"})
	c.must(err)
	c.Cleanup(w.close)
	return w
}

func (c *clinic) must(err error) {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
}

func (c *clinic) control(path string, body any) {
	c.Helper()
	c.must(c.world.place.control.call(c.Context(), http.MethodPost, path, c.tenant.TenantID, body, nil))
}

func (c *clinic) policy(p graph.Policy) {
	c.Helper()
	p.State = graph.PolicyEnabled
	if p.IncludeUsers == nil {
		p.IncludeUsers = []string{c.tenant.Admin.ObjectID}
	}
	if p.IncludeApplications == nil {
		p.IncludeApplications = []string{"All"}
	}
	_, err := c.world.reader.CreatePolicy(c.Context(), p)
	c.must(err)
}

// principal is the service principal of a client.
func (c *clinic) principal(clientID string) graph.ServicePrincipal {
	c.Helper()
	found, err := c.setup.ServicePrincipals(c.Context(), clientID)
	c.must(err)
	return found[0]
}

// take takes a permission from the application that reads.
func (c *clinic) take(name string) {
	c.Helper()
	role, err := c.principal(graph.AppIDGraph).Role(name)
	c.must(err)
	reader := c.principal(c.tenant.ReaderApp.ClientID)
	held, err := c.setup.Permissions(c.Context(), reader.ID)
	c.must(err)
	i := slices.IndexFunc(held, func(a graph.AppAssignment) bool { return a.AppRoleID == role })
	c.must(c.setup.TakePermission(c.Context(), reader.ID, held[i].ID))
}

func (c *clinic) hold() {
	c.Helper()
	role, err := c.world.reader.Role(c.Context(), embeddedRole)
	c.must(err)
	_, err = c.world.reader.AddAssignment(c.Context(), graph.Grant{
		PrincipalID: c.tenant.Admin.ObjectID, RoleDefinitionID: role.ID, DirectoryScopeID: "/", Justification: "test", Start: c.world.clock.Now(), Lasting: time.Hour,
	})
	c.must(err)
}

// noSuchID is an id that no tenant has.
const noSuchID = "99999999-9999-4999-8999-999999999999"

func TestDoctorFindsWhatIsWrong(t *testing.T) {
	everyTime := &graph.Frequency{Enabled: true, Interval: graph.FrequencyEveryTime, AuthenticationType: graph.FrequencyFull}
	for name, row := range map[string]struct {
		ill    func(c *clinic)
		check  string // as in the package doc of doctor; policy/ stands for any policy
		result doctor.Result
		found  string
		mend   string
	}{
		"wrong client secret":        {func(c *clinic) { c.tenant.ReaderApp.ClientSecret = secret.New("wrong") }, "token", doctor.Failed, "AADSTS7000215", "not its id"},
		"wrong tenant":               {func(c *clinic) { c.tenant.TenantID, c.options.RealTime = noSuchID, true }, "token", doctor.Failed, "AADSTS90002", "mend tenant_id"},
		"no such application":        {func(c *clinic) { c.tenant.ReaderApp.ClientID = noSuchID }, "token", doctor.Failed, "AADSTS700016", "client id"},
		"tenant not in the list":     {func(c *clinic) { c.tenant.Safety.TenantIDs = nil }, "tenant", doctor.Failed, "not in the safety list", "safety.tenant_ids"},
		"token that can write":       {func(c *clinic) { c.tenant.ReaderApp = nil }, "writes", doctor.Failed, "fixtures_app can write: AdministrativeUnit.ReadWrite.All, ", "reader_app"},
		"missing permission":         {func(c *clinic) { c.take("Policy.Read.All") }, "permission/Policy.Read.All", doctor.Failed, "lacks it", "admin consent"},
		"what it cannot read then":   {func(c *clinic) { c.take("Policy.Read.All") }, "defaults", doctor.Unknown, "403", "Policy.Read.All"},
		"contexts it may not read":   {func(c *clinic) { c.take("AuthenticationContext.Read.All") }, "permission/AuthenticationContext.Read.All", doctor.Failed, "lacks it", "admin consent"},
		"contexts that are not read": {func(c *clinic) { c.take("AuthenticationContext.Read.All") }, "context", doctor.Unknown, "403", "the permission AuthenticationContext.Read.All of"},
		"methods that are not read":  {func(c *clinic) { c.take("UserAuthenticationMethod.Read.All") }, "methods", doctor.Unknown, "403", "UserAuthenticationMethod.Read.All"},
		"clock that is off": {func(c *clinic) {
			c.control("/clock/advance", map[string]string{"duration": "6m"})
			c.options.RealTime = true
		}, "clock", doctor.Failed, "differs from this machine's by 6m0s", "NTP"},
		"no browser":                {func(c *clinic) { c.options.BrowserPath = "/no/such/browser" }, "browser", doctor.Failed, "/no/such/browser is no program", "make deps"},
		"Graph that breaks down":    {func(c *clinic) { c.fault("/v1.0/organization") }, "graph", doctor.Unknown, "503", "request id"},
		"no licence":                {func(c *clinic) { c.control("/tenant", map[string]bool{"licence_p2": false}) }, "licence", doctor.Failed, "neither Entra ID P2", "also as a trial"},
		"security defaults":         {func(c *clinic) { c.control("/tenant", map[string]bool{"security_defaults": true}) }, "defaults", doctor.Failed, "security defaults are on", "turn security defaults off"},
		"no such account":           {func(c *clinic) { c.tenant.Admin.ObjectID = noSuchID }, "admin", doctor.Failed, "has no account", "admin.object_id"},
		"account of another name":   {func(c *clinic) { c.tenant.Admin.UPN = "ada@contoso.example" }, "admin", doctor.Failed, "and not ada@contoso.example", "admin.upn"},
		"passkey nobody registered": {func(c *clinic) { c.tenant.Admin.Passkey = &config.Passkey{CredentialID: []byte{1, 2}} }, "methods", doctor.Failed, "the passkey AQI", "register"},
		"access pass nobody made":   {func(c *clinic) { c.tenant.Admin.TemporaryAccessPass = secret.New("pass") }, "methods", doctor.Failed, "a Temporary Access Pass", "register"},
		"password alone":            {func(c *clinic) { c.tenant.Admin.TOTPSecret = secret.Text{} }, "methods", doctor.Failed, "one factor", "authenticator app or a passkey"},
		"emergency account":         {func(c *clinic) { c.tenant.Safety.BreakGlass = []string{c.tenant.Admin.ObjectID} }, "break-glass", doctor.Failed, "safety.break_glass", "account for tests"},
		"excluded everywhere": {func(c *clinic) {
			c.policy(graph.Policy{Name: "all", IncludeUsers: []string{"All"}, ExcludeUsers: []string{c.tenant.Admin.ObjectID}, GrantOperator: "OR", Grants: []string{"mfa"}})
		}, "break-glass", doctor.Failed, "excluded from every policy for all users (1)", "take it out"},
		"client of nobody":          {func(c *clinic) { c.tenant.HarnessApp.ClientID = noSuchID }, "registration", doctor.Failed, "has no application", "reprompt init"},
		"client of somebody else":   {func(c *clinic) { c.assign("other") }, "registration/users", doctor.Failed, "may be used by", "Users and groups"},
		"admin not assigned":        {func(c *clinic) { c.assign("nobody") }, "registration/users", doctor.Failed, "is not assigned", "assign the test admin"},
		"consent for all":           {func(c *clinic) { c.consent(graph.Consent{Type: graph.ConsentForAll, Scope: "User.Read"}) }, "registration/consent", doctor.Failed, "consent is for everybody", "withdraw"},
		"no consent to activate":    {func(c *clinic) { c.consent(graph.Consent{}) }, "registration/consent", doctor.Failed, "has not consented to RoleAssignmentSchedule.ReadWrite.Directory", "reprompt init"},
		"another redirect":          {func(c *clinic) { c.tenant.HarnessApp.RedirectURI = "http://localhost/back" }, "registration/client", doctor.Failed, "lacks the redirect URI", "mobile and desktop"},
		"role that is not there":    {func(c *clinic) { c.options.Roles = []string{"Janitor"} }, "role/Janitor", doctor.Failed, "no directory role is called", "as the Entra admin center shows it"},
		"role not eligible for":     {func(c *clinic) { c.options.Roles = []string{"Groups Administrator"} }, "role/Groups Administrator", doctor.Failed, "is not eligible for it", "make the admin eligible"},
		"role held permanently":     {(*clinic).hold, "role/" + embeddedRole, doctor.Failed, "holds it permanently", "eligible only"},
		"setting without a context": {func(c *clinic) { c.options.Roles = []string{"Groups Administrator"} }, "setting/Groups Administrator", doctor.Note, "names no authentication context", ""},
		"every time on everything": {func(c *clinic) {
			c.policy(graph.Policy{Name: "p", Frequency: everyTime, GrantOperator: "OR", Grants: []string{"mfa"}})
		}, "policy/", doctor.Failed, "every time on all resources", "exclude the test admin"},
		"a device": {func(c *clinic) {
			c.policy(graph.Policy{Name: "p", GrantOperator: "OR", Grants: []string{"compliantDevice"}})
		}, "policy/", doctor.Failed, "wants a compliant device", "exclude the test admin"},
		"a device from some places": {func(c *clinic) {
			c.policy(graph.Policy{Name: "p", GrantOperator: "OR", Grants: []string{"compliantDevice"}, IncludeLocations: []string{"AllTrusted"}})
		}, "policy/", doctor.Note, "may want a compliant device", "location"},
		"a block": {func(c *clinic) { c.policy(graph.Policy{Name: "p", GrantOperator: "OR", Grants: []string{"block"}}) }, "policy/", doctor.Failed, "blocks the test admin", "exclude"},
		"a block from some places": {func(c *clinic) {
			c.policy(graph.Policy{Name: "p", GrantOperator: "OR", Grants: []string{"block"}, IncludeLocations: []string{"All"}, ExcludeLocations: []string{"AllTrusted"}})
		}, "policy/", doctor.Note, "blocks by location", "lets through"},
		"a method that is not there": {func(c *clinic) {
			c.policy(graph.Policy{Name: "p", GrantOperator: "OR", Strength: "00000000-0000-0000-0000-000000000004"})
		}, "policy/", doctor.Failed, "stronger method", "exclude"},
		"no free context":            {(*clinic).takeContexts, "context", doctor.Failed, "all of c1 to c99 are taken", "delete"},
		"no free context, only read": {func(c *clinic) { c.takeContexts(); c.tenant.FixturesApp = nil }, "context", doctor.Note, "all of c1 to c99 are taken", ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClinic(t)
			row.ill(c)
			report, err := Doctor(t.Context(), c.options)
			c.must(err)
			i := slices.IndexFunc(report.Checks, func(check doctor.Check) bool {
				return check.Name == row.check || strings.HasSuffix(row.check, "/") && strings.HasPrefix(check.Name, row.check) && check.What == `policy "p"`
			})
			if i < 0 {
				t.Fatalf("no check %s in %+v", row.check, report.Checks)
			}
			got := report.Checks[i]
			if got.Result != row.result || !strings.Contains(got.Found, row.found) || !strings.Contains(got.Mend, row.mend) {
				t.Errorf("%+v, want %s: %q, mend %q", got, row.result, row.found, row.mend)
			}
		})
	}
}

// fault lets Graph answer 503 to a path for as long as the doctor tries.
func (c *clinic) fault(path string) {
	c.control("/faults", map[string]any{"kind": "status", "host": "graph.microsoft.com", "method": "GET", "path": path, "status": 503, "retry_after": 0, "times": 10})
}

// assign lets another user, or nobody, use the public client instead of the admin.
func (c *clinic) assign(whom string) {
	client := c.principal(c.tenant.HarnessApp.ClientID)
	assigned, err := c.setup.AssignedTo(c.Context(), client.ID)
	c.must(err)
	if whom == "nobody" {
		c.must(c.setup.UnassignUser(c.Context(), client.ID, assigned[0].ID))
		return
	}
	user, err := c.world.reader.CreateUser(c.Context(), graph.NewUser{Name: "Other", UPN: "other@" + c.tenant.Domain, Nickname: "other", Password: secret.New("Aa1!Aa1!Aa1!")})
	c.must(err)
	_, err = c.setup.AssignUser(c.Context(), client.ID, user.ID)
	c.must(err)
}

// consent replaces what was consented to; the zero consent only withdraws.
func (c *clinic) consent(with graph.Consent) {
	client := c.principal(c.tenant.HarnessApp.ClientID)
	given, err := c.setup.Consents(c.Context(), client.ID)
	c.must(err)
	for _, one := range given {
		c.must(c.setup.WithdrawConsent(c.Context(), one.ID))
	}
	if with.Type == "" {
		return
	}
	with.ClientID, with.ResourceID = client.ID, c.principal(graph.AppIDGraph).ID
	_, err = c.setup.GiveConsent(c.Context(), with)
	c.must(err)
}

func (c *clinic) takeContexts() {
	for n := 2; n <= 99; n++ {
		c.must(c.world.reader.SetContext(c.Context(), graph.Context{ID: fmt.Sprintf("c%d", n), Name: "taken"}))
	}
}

func TestDoctorHasNothingToSayAboutAHealthyTenant(t *testing.T) {
	c := newClinic(t)
	for name, options := range map[string]DoctorOptions{"of a file": c.options, "embedded": {}} {
		report, err := Doctor(t.Context(), options)
		if err != nil || report.Result != doctor.OK {
			t.Errorf("%s: %s, %v: %+v", name, report.Result, err, report.Checks)
		}
	}
	requests, err := c.world.place.control.requests(context.WithoutCancel(t.Context()), c.tenant.TenantID)
	c.must(err)
	for _, r := range requests {
		if r.Method != http.MethodGet && !strings.Contains(r.URL, "/oauth2/v2.0/token") {
			t.Errorf("the doctor sent %s %s", r.Method, r.URL)
		}
	}
}

func TestScenariosWantAnApplicationThatPrepares(t *testing.T) {
	tenant := lab(t, true)
	tenant.FixturesApp = nil
	_, err := Open(t.Context(), Options{Tenant: tenant, EvidenceDir: t.TempDir()})
	wantRequirement(t, "only a reader", err, []string{"has no fixtures_app", "prove and doctor only"})
}
