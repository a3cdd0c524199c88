package suite

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/doctor"
)

// asSetup lets init sign in as the application that stands for an administrator of the clinic's tenant.
func (c *clinic) asSetup() InitOptions {
	c.Helper()
	id, err := os.ReadFile(filepath.Join(filepath.Dir(c.tenant.File), "secrets", "setup-app"))
	c.must(err)
	c.Setenv("AZURE_TENANT_ID", c.tenant.TenantID)
	c.Setenv("AZURE_CLIENT_ID", c.setupID)
	c.Setenv("AZURE_CLIENT_SECRET", string(id))
	c.Setenv("REPROMPT_PASSWORD", c.tenant.Admin.Password.Reveal())
	c.Setenv("REPROMPT_TOTP_SECRET", c.tenant.Admin.TOTPSecret.Reveal())
	return InitOptions{
		Path: filepath.Join(c.TempDir(), "own", "tenant.yaml"), TenantID: c.tenant.TenantID, AdminUPN: c.tenant.Admin.UPN,
		Proxy: c.tenant.Proxy, CAFile: c.tenant.CAFile, Roles: []string{embeddedRole}, Register: true, As: AsEnvironment,
		Admin: []string{"password_env: REPROMPT_PASSWORD", "totp_secret_env: REPROMPT_TOTP_SECRET"},
	}
}

func TestInitMakesWhatTheDoctorWantsAndTakesItAway(t *testing.T) {
	for _, signIn := range []string{SignInCertificate, SignInSecret} {
		t.Run(signIn, func(t *testing.T) {
			c := newClinic(t)
			options := c.asSetup()
			options.SignIn, options.Fixtures = signIn, true
			report, err := Init(t.Context(), options)
			c.must(err)
			if len(report.Registered) != 3 || len(report.Secrets) != 2 {
				t.Errorf("report = %+v", report)
			}
			for _, path := range append(report.Secrets, report.TenantFile) {
				if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
					t.Errorf("%s: %v, %v", path, info.Mode(), err)
				}
			}
			tenant, err := config.Load(report.TenantFile)
			c.must(err)
			examined, err := Doctor(t.Context(), DoctorOptions{Tenant: tenant, Roles: []string{embeddedRole}})
			if err != nil || examined.Result != doctor.OK {
				t.Errorf("doctor: %s, %v: %+v", examined.Result, err, examined.Checks)
			}
			removed, err := RemoveInit(t.Context(), InitRemoval{Tenant: tenant, As: AsEnvironment})
			if err != nil || len(removed.Items) != 3 || slices.ContainsFunc(removed.Items, func(i CleanupItem) bool { return i.Outcome != "undone" }) {
				t.Errorf("remove: %+v, %v", removed, err)
			}
			again, err := RemoveInit(t.Context(), InitRemoval{Tenant: tenant, As: AsEnvironment})
			if err != nil || len(again.Items) != 0 {
				t.Errorf("remove again: %+v, %v", again, err)
			}
		})
	}
}

// deleted are the registrations that were deleted in the tenant.
func (c *clinic) deleted() (ids []string) {
	c.Helper()
	requests, err := c.world.place.control.requests(c.Context(), c.tenant.TenantID)
	c.must(err)
	for _, r := range requests {
		if r.Method == http.MethodDelete && strings.Contains(r.URL, "/applications/") {
			ids = append(ids, r.URL)
		}
	}
	return ids
}

func TestInitTakesBackWhatItRegistered(t *testing.T) {
	c := newClinic(t)
	options := c.asSetup()
	inTheWay := filepath.Join(filepath.Dir(filepath.Dir(options.Path)), "file")
	c.must(os.WriteFile(inTheWay, nil, 0o600))
	options.Path, options.Force = filepath.Join(inTheWay, "tenant.yaml"), true
	_, err := Init(t.Context(), options)
	wantRequirement(t, "a folder that is a file", err, []string{"choose another --out"})
	if deleted := c.deleted(); len(deleted) != 2 {
		t.Errorf("%d registrations were taken back, want 2: %v", len(deleted), deleted)
	}
}

func TestInitRefusesBeforeItRegisters(t *testing.T) {
	c := newClinic(t)
	good := c.asSetup()
	for name, row := range map[string]struct {
		change func(o *InitOptions)
		says   string
	}{
		"a file that is there":      {func(o *InitOptions) { o.Path = c.tenant.File }, "overwrite it with --force"},
		"an admin who is not":       {func(o *InitOptions) { o.AdminUPN = "nobody@contoso.example" }, "make the account first"},
		"another tenant":            {func(o *InitOptions) { o.TenantID = "11111111-2222-3333-4444-555555555555" }, "AZURE_TENANT_ID names the tenant"},
		"an admin of another name":  {func(o *InitOptions) { o.AdminID, o.AdminUPN = c.tenant.Admin.ObjectID, "ada@contoso.example" }, "mend --admin or --admin-id"},
		"certificates nobody has":   {func(o *InitOptions) { o.CAFile = "/no/such/file" }, "mend --ca-file"},
		"an identity to be made":    {func(o *InitOptions) { o.SignIn = SignInManaged }, "docs/real-tenant.md"},
		"somebody unknown":          {func(o *InitOptions) { o.As = "root" }, "say azure-cli or environment"},
		"a person for the fixtures": {func(o *InitOptions) { o.SignIn, o.Fixtures = SignInAzureCLI, true }, "one person"},
	} {
		t.Run(name, func(t *testing.T) {
			options := good
			row.change(&options)
			_, err := Init(t.Context(), options)
			wantRequirement(t, name, err, []string{row.says})
			if _, err := os.Stat(options.Path); options.Path != c.tenant.File && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("a tenant file was written: %v", err)
			}
		})
	}
	requests, err := c.world.place.control.requests(t.Context(), c.tenant.TenantID)
	c.must(err)
	if slices.ContainsFunc(requests, func(r request) bool { return r.Method == http.MethodPost && strings.Contains(r.URL, "/applications") }) {
		t.Error("something was registered")
	}
}

func TestInitWritesAFileForRegistrationsThatAreThere(t *testing.T) {
	t.Setenv("REPROMPT_PASSWORD", "pw")
	const id = "11111111-2222-3333-4444-555555555555"
	for signIn, want := range map[string]config.Application{
		SignInManaged: {ClientID: id, ManagedIdentity: true}, SignInWorkload: {ClientID: id, WorkloadIdentity: true}, SignInAzureCLI: {AzureCLI: true},
	} {
		path := filepath.Join(t.TempDir(), "tenant.yaml")
		report, err := Init(t.Context(), InitOptions{
			Path: path, TenantID: id, Domain: "contoso.example", AdminUPN: "a@contoso.example", AdminID: id, ReaderID: id, HarnessID: id, SignIn: signIn,
			BreakGlass: []string{id, "22222222-2222-3333-4444-555555555555"}, Admin: []string{"password_env: REPROMPT_PASSWORD"},
		})
		if err != nil || len(report.Registered) != 0 {
			t.Fatalf("%s: %+v, %v", signIn, report, err)
		}
		tenant, err := config.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := tenant.Reader(); got != want || tenant.FixturesApp != nil || len(tenant.Safety.BreakGlass) != 2 {
			t.Errorf("%s: %+v", signIn, tenant)
		}
	}
}
