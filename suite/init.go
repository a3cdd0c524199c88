package suite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/reprompt/reprompt/browser/entra"
	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/fixtures"
	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/secret"
)

// InitOptions say which tenant file is written, and what is registered in the tenant for it.
type InitOptions struct {
	// Path is the tenant file to write. It must not be there yet, unless Force is set.
	Path  string
	Force bool

	Cloud         config.Cloud // empty: public
	TenantID      string
	Domain        string // empty with Register: the tenant's own
	AdminUPN      string
	AdminID       string // empty with Register: looked up
	RedirectURI   string // empty: http://localhost
	Proxy, CAFile string
	Roles         []string
	BreakGlass    []string
	// Admin says where the admin's secrets are: lines of the tenant file, such as
	// "password_env: REPROMPT_PASSWORD".
	Admin []string

	// SignIn is how the applications sign in: SignInCertificate, the default, or another.
	SignIn string
	// ReaderID, FixturesID and HarnessID are registrations that are there already.
	ReaderID, FixturesID, HarnessID string

	// Register makes the registrations, as whoever As names.
	Register bool
	// Fixtures registers one that may prepare the tenant, too: for tenants for tests only.
	Fixtures bool
	// As is AsAzureCLI or AsEnvironment.
	As string

	Progress io.Writer
}

// Ways in which an application signs in.
const (
	SignInCertificate  = "certificate"
	SignInSecret       = "client-secret"
	SignInWorkload     = "workload-identity"
	SignInManaged      = "managed-identity"
	SignInAzureCLI     = "azure-cli"
	AsAzureCLI         = "azure-cli"
	AsEnvironment      = "environment"
	defaultRedirectURI = "http://localhost"
)

// InitReport says what was written and made.
type InitReport struct {
	TenantFile string
	Secrets    []string // files with the keys that were made
	Registered []string // names and client ids
	Journal    string   // empty when nothing was registered
}

// Init writes a tenant file. With Register it makes the registrations first: each is journalled, and
// taken away again when the file cannot be written. The error is a *RequirementError, or a
// *NotRestoredError when a registration stayed.
func Init(ctx context.Context, o InitOptions) (report InitReport, err error) {
	o.Cloud, o.RedirectURI = orElse(o.Cloud, config.Public), orElse(o.RedirectURI, defaultRedirectURI)
	o.SignIn, o.As = orElse(o.SignIn, SignInCertificate), orElse(o.As, AsAzureCLI)
	if err := o.check(); err != nil {
		return report, err
	}
	file := tenantFile{InitOptions: o}
	if !o.Register {
		return report, file.write(&report)
	}
	where, err := o.place()
	if err != nil {
		return report, err
	}
	r, err := newRegistrar(ctx, where, o.As, o.Progress)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	report.Journal = r.journal.Path()
	if err = r.register(ctx, &file, &report); err == nil {
		err = file.write(&report)
	}
	if err != nil {
		return report, r.takeBack(ctx, err)
	}
	return report, nil
}

func orElse[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

// check refuses what could not become a tenant file, before anything is made.
func (o InitOptions) check() error {
	if _, err := os.Stat(o.Path); !o.Force && !errors.Is(err, fs.ErrNotExist) {
		return requiredf("%s is there already: name another file, or overwrite it with --force", o.Path)
	}
	if o.SignIn == SignInAzureCLI && o.Fixtures {
		return requiredf("the Azure CLI signs in as one person: register no application for it, or choose certificate or client-secret")
	}
	if o.Register && !slices.Contains([]string{SignInCertificate, SignInSecret}, o.SignIn) {
		return requiredf("a registration is made with a certificate or a client secret; add %s to it by hand as docs/real-tenant.md says, and name it with --reader-id", o.SignIn)
	}
	return nil
}

func (o InitOptions) place() (place, error) {
	var ca []byte
	if o.CAFile != "" {
		var err error
		if ca, err = os.ReadFile(o.CAFile); err != nil {
			return place{}, requiredf("read the certificates: %w; mend --ca-file", err)
		}
	}
	hosts := (&config.Tenant{Cloud: o.Cloud}).Hosts()
	return place{
		tenantID: o.TenantID, authority: hosts.Authority, graph: hosts.Graph, graphBase: hosts.GraphBase,
		proxy: o.Proxy, caPEM: ca, adminUPN: o.AdminUPN, adminID: o.AdminID, used: &entra.UsedCodes{}, file: o.Path, breakGlass: o.BreakGlass,
		propagation: initWithin,
	}, nil
}

// initWithin bounds the wait for a registration to be known everywhere.
const initWithin = 2 * time.Minute

// Permissions of the registrations that Init makes; docs/real-tenant.md gives the reason for each.
var (
	readerRoles = []string{
		"Directory.Read.All", "Policy.Read.All", "AuthenticationContext.Read.All", "RoleManagement.Read.All", "RoleEligibilitySchedule.Read.Directory",
		"RoleAssignmentSchedule.Read.Directory", "PrivilegedEligibilitySchedule.Read.AzureADGroup",
		"RoleManagementPolicy.Read.AzureADGroup", "AuditLog.Read.All", "UserAuthenticationMethod.Read.All",
	}
	fixturesRoles = []string{
		"Directory.Read.All", "Policy.Read.All", "Policy.ReadWrite.ConditionalAccess", "AuthenticationContext.ReadWrite.All", "Application.Read.All",
		"RoleManagement.ReadWrite.Directory", "RoleManagementPolicy.ReadWrite.Directory", "RoleEligibilitySchedule.ReadWrite.Directory",
		"RoleAssignmentSchedule.ReadWrite.Directory", "PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup",
		"PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup", "RoleManagementPolicy.ReadWrite.AzureADGroup",
		"Group.ReadWrite.All", "AdministrativeUnit.ReadWrite.All", "User.ReadWrite.All", "UserAuthMethod-Passkey.ReadWrite.All",
		"UserAuthMethod-TAP.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "DelegatedPermissionGrant.ReadWrite.All", "AuditLog.Read.All",
	}
	harnessScopes = []string{"openid", "profile", "offline_access", "RoleAssignmentSchedule.ReadWrite.Directory"}
	harnessClaims = []string{"auth_time", "acrs", "sid", "login_hint"}
)

// registrar makes registrations in a tenant and takes them away.
type registrar struct {
	world   *world
	journal *fixtures.Journal
	place   place
	track   *track
	end     func()
}

func newRegistrar(ctx context.Context, where place, as string, progress io.Writer) (*registrar, error) {
	switch as {
	case AsAzureCLI:
		where.app = withAzureCLI()
	case AsEnvironment:
		where.app = withEnvironment()
	default:
		return nil, requiredf("--as is %q: say azure-cli or environment", as)
	}
	path, err := journalFile(where.tenantID + "-init.db")
	if err != nil {
		return nil, err
	}
	runID := newRunID()
	journal, err := fixtures.OpenAs(path, runID)
	if err != nil {
		return nil, required(err)
	}
	shown := newProgress(progress)
	w, err := newWorld(ctx, where, worldOptions{runID: runID, journal: journal, track: shown.start("init")})
	if err != nil {
		shown.close()
		return nil, errors.Join(err, journal.Close())
	}
	return &registrar{world: w, journal: journal, place: where, track: w.track, end: shown.close}, nil
}

func (r *registrar) close() error {
	r.track.end("done", "")
	r.end()
	r.world.close()
	return r.journal.Close()
}

// register completes what the file says from the tenant and makes the registrations.
func (r *registrar) register(ctx context.Context, file *tenantFile, report *InitReport) error {
	if err := r.lookUp(ctx, file); err != nil {
		return err
	}
	type wanted struct {
		id      *string
		key     *credentialFile
		options fixtures.RegistrationOptions
	}
	all := []wanted{
		{&file.ReaderID, &file.readerKey, fixtures.RegistrationOptions{Kind: "reader", Roles: readerRoles}},
		{&file.HarnessID, nil, fixtures.RegistrationOptions{Kind: "harness", RedirectURI: file.RedirectURI, Scopes: harnessScopes, IDClaims: harnessClaims}},
	}
	if file.Fixtures {
		all = append(all, wanted{&file.FixturesID, &file.fixturesKey, fixtures.RegistrationOptions{Kind: "fixtures", Roles: fixturesRoles}})
	}
	for _, want := range all {
		if *want.id != "" {
			continue // is there already
		}
		r.track.does("register " + want.options.Kind)
		made, err := r.one(ctx, file, want.options, want.key)
		if err != nil {
			return required(err)
		}
		*want.id = made.ClientID
		report.Registered = append(report.Registered, fmt.Sprintf("%s (%s)", made.Name, made.ClientID))
	}
	return nil
}

// one makes one registration, with a key or a secret where it signs in as itself.
func (r *registrar) one(ctx context.Context, file *tenantFile, o fixtures.RegistrationOptions, key *credentialFile) (fixtures.Registered, error) {
	if key != nil && file.SignIn == SignInCertificate {
		made, err := newKey("reprompt "+o.Kind, r.world.clock.Now())
		if err != nil {
			return fixtures.Registered{}, err
		}
		o.Certificate = made.certificate
		*key = credentialFile{name: "secrets/" + o.Kind + "-app.pem", content: made.pem}
	}
	made, err := r.world.fixtures.Register(ctx, o)
	if err != nil || key == nil || file.SignIn != SignInSecret {
		return made, err
	}
	text, err := r.world.reader.AddPassword(ctx, made.ObjectID, "reprompt init", r.world.clock.Now().Add(keyLife))
	*key = credentialFile{name: "secrets/" + o.Kind + "-app", content: text}
	return made, err
}

// lookUp asks the tenant for what the file needs and nobody gave.
func (r *registrar) lookUp(ctx context.Context, file *tenantFile) error {
	tenant, err := r.world.reader.Organization(ctx)
	if err != nil {
		return requiredf("read the tenant: %w; sign in as an administrator of it (az login --tenant %s)", err, file.TenantID)
	}
	if tenant.ID != file.TenantID {
		return requiredf("signed in to the tenant %s and not %s: sign in there (az login --tenant %s)", tenant.ID, file.TenantID, file.TenantID)
	}
	if file.Domain == "" && len(tenant.Domains) > 0 {
		file.Domain = tenant.Domains[0].Name
	}
	wanted := orElse(file.AdminID, file.AdminUPN)
	user, err := r.world.reader.User(ctx, wanted)
	if graph.IsNotFound(err) {
		return requiredf("the tenant %s has no account %s: make the account first, or mend --admin", file.TenantID, wanted)
	}
	if err != nil {
		return requiredf("look the test admin up: %w", err)
	}
	if !strings.EqualFold(user.UPN, file.AdminUPN) {
		return requiredf("the account %s is %s and not %s: mend --admin or --admin-id", user.ID, user.UPN, file.AdminUPN)
	}
	file.AdminID = user.ID
	r.world.fixtures.AdminID = user.ID
	return nil
}

// takeBack removes what was registered before err came.
func (r *registrar) takeBack(ctx context.Context, err error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoWithin)
	defer cancel()
	if _, undo := r.world.fixtures.Undo(ctx); undo != nil {
		return errors.Join(err, &NotRestoredError{Journal: r.journal.Path(), Err: undo})
	}
	return err
}

// InitRemoval says whose registrations are taken away.
type InitRemoval struct {
	Tenant   *config.Tenant
	As       string // AsAzureCLI, the default, or AsEnvironment
	Progress io.Writer
}

// RemoveInit takes away every registration that Init made in a tenant from this machine, with all
// that was granted to it. The tenant file and the key files stay. Doing it twice is harmless.
func RemoveInit(ctx context.Context, o InitRemoval) (report *CleanupReport, err error) {
	where := placeOfFile(o.Tenant)
	where.control = nil // registrations take no time
	r, err := newRegistrar(ctx, where, orElse(o.As, AsAzureCLI), o.Progress)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	report = &CleanupReport{Journal: r.journal.Path()}
	undone, err := r.world.fixtures.Cleanup(ctx)
	report.take(undone)
	if left := new(fixtures.NotRestoredError); errors.As(err, &left) {
		report.Pending = len(left.Left)
		err = &NotRestoredError{Journal: report.Journal, Err: left}
	} else if forbidden := graph.IsForbidden(err); forbidden {
		err = requiredf("remove the registrations: %w", err)
	}
	return report, err
}

// credentialFile is a key or secret that was made for a registration.
type credentialFile struct {
	name    string // below the folder of the tenant file
	content secret.Text
}

// folder is where the tenant file goes.
func (f *tenantFile) folder() string { return filepath.Dir(f.Path) }
