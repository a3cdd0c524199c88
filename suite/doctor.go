package suite

import (
	"context"
	"encoding/base64"
	"errors"
	"time"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/doctor"
	"github.com/reprompt/reprompt/secret"
)

// DoctorOptions say what is examined.
type DoctorOptions struct {
	// Tenant is the tenant to examine; nil means a fresh sample tenant of the embedded Entra.
	Tenant *config.Tenant
	// Roles are display names or ids; empty means every role that the test admin is eligible for.
	Roles []string
	// BrowserPath, BrowserURL and Headed are as in Options.
	BrowserPath string
	BrowserURL  secret.Text
	Headed      bool
	// RealTime looks at the clock of the sign-in host also where the tenant file names a test clock.
	RealTime bool
}

// Doctor makes every check of package doctor. It changes nothing and signs nobody in but the
// application that reads. An error is a *RequirementError: the tenant could not be reached at all.
func Doctor(ctx context.Context, o DoctorOptions) (_ doctor.Report, err error) {
	options := Options{Tenant: o.Tenant, BrowserPath: o.BrowserPath, BrowserURL: o.BrowserURL, Headed: o.Headed, RealTime: o.RealTime}.withDefaults()
	where, end, err := examined(ctx, options)
	if err != nil {
		return doctor.Report{}, err
	}
	defer func() { err = errors.Join(err, end()) }()
	w, err := newWorld(ctx, where, worldOptions{runID: newRunID(), realTime: o.RealTime, reads: true})
	if err != nil {
		return doctor.Report{}, err
	}
	defer w.close()
	patient := w.patient(options)
	patient.Roles = o.Roles
	if where.adminMake != "" {
		patient.Makes = w.makes()
	}
	return doctor.Examine(ctx, patient), nil
}

// examined is the tenant to examine, and what ends it.
func examined(ctx context.Context, options Options) (place, func() error, error) {
	if options.Tenant != nil {
		return placeOfFile(options.Tenant), func() error { return nil }, nil
	}
	t := &target{options: options}
	if err := t.startEmulator(ctx); err != nil {
		return place{}, nil, err
	}
	where, err := t.freshPlace(ctx, true)
	if err != nil {
		return place{}, nil, errors.Join(err, t.server.Close())
	}
	return where, t.server.Close, nil
}

func (w *world) patient(options Options) doctor.Patient {
	p := w.place
	patient := doctor.Patient{
		TenantID: p.tenantID, SafetyList: []string{p.tenantID}, BreakGlass: p.breakGlass, AdminID: p.adminID, AdminUPN: p.adminUPN,
		HarnessID: p.harnessID, RedirectURI: p.harnessRedirect, Reader: "reader_app", Prepares: p.prepares,
		TestClock: p.control != nil && !options.RealTime, Graph: w.reader, Offset: w.client.Offset, Credentials: p.credentials(), Kept: p.kept(),
	}
	if t := options.Tenant; t != nil {
		patient.SafetyList = t.Safety.TenantIDs
		patient.Credentials.Human = t.Admin.Human
		if t.ReaderApp == nil {
			patient.Reader = "fixtures_app"
		}
	}
	patient.Token = func(ctx context.Context) (secret.Text, error) { return w.tokens.get(ctx, "") }
	patient.Browser = func(ctx context.Context) (string, error) {
		found, err := findBrowser(options)
		if err != nil {
			return "", err
		}
		ctx, cancel := context.WithTimeout(ctx, versionWithin)
		defer cancel()
		if !options.BrowserURL.Empty() {
			return remoteVersion(ctx, options.BrowserURL)
		}
		return found.Version(ctx)
	}
	return patient
}

// makes is the admin that a run would make, and the application that would make it.
func (w *world) makes() *doctor.MadeAdmin {
	maker := w.applicationTokens(w.place.app)
	return &doctor.MadeAdmin{
		Passkey: w.place.adminMake == config.MadeWithPasskey, Domain: w.place.domain, App: "fixtures_app",
		Token: func(ctx context.Context) (secret.Text, error) { return maker.get(ctx, "") },
	}
}

// versionWithin bounds the question which version a browser is of.
const versionWithin = 30 * time.Second

func (p place) credentials() doctor.Credentials {
	c := doctor.Credentials{Password: !p.adminPassword.Empty(), TOTP: !p.adminTOTP.Empty(), AccessPass: !p.adminPass.Empty()}
	if p.adminPasskey != nil {
		c.Passkeys = []string{base64.RawURLEncoding.EncodeToString(p.adminPasskey.CredentialID)}
	}
	return c
}

// kept names the secrets that this machine gets to see.
func (p place) kept() []string {
	var kept []string
	for _, s := range []struct {
		there bool
		what  string
	}{
		{!p.adminPassword.Empty(), "the admin's password"},
		{!p.adminTOTP.Empty(), "the seed of its one-time codes"},
		{!p.adminPass.Empty(), "its access pass"},
		{p.adminPasskey != nil, "the key of its passkey"},
		{p.prepares, "the credential of an application that changes the tenant"},
	} {
		if s.there {
			kept = append(kept, s.what)
		}
	}
	return kept
}
