package suite

import (
	"context"
	"fmt"
	"slices"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/browser/entra"
	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/fixtures"
	"github.com/reprompt/reprompt/secret"
)

// madeAdmin is a test admin that a run makes for all its scenarios.
type madeAdmin struct {
	begun bool  // something may be there that has to be taken away
	place place // the tenant with it; the zero place until it is there
	err   error // why it could not be made: no scenario tries again
}

// admin is the test admin as the sign-in pages get to know it.
func (p place) admin() entra.Admin {
	return entra.Admin{
		UPN: p.adminUPN, Password: p.adminPassword, TOTP: p.adminTOTP, Passkey: p.adminPasskey,
		TemporaryAccessPass: p.adminPass, StaySignedIn: true,
	}
}

// madeDomain is the domain of a test admin that is yet to be made; empty when it is there, and says
// its domain itself.
func (p place) madeDomain() string {
	if p.adminMake == "" {
		return ""
	}
	return p.domain
}

// withAdmin is the same tenant with another test admin, who has one credential.
func (p place) withAdmin(made fixtures.TestAdmin) place {
	p.adminMake, p.adminID, p.adminUPN = "", made.ID, made.UPN
	p.adminPassword, p.adminTOTP, p.adminPass, p.adminPasskey = secret.Text{}, secret.Text{}, secret.Text{}, nil
	p.used = &entra.UsedCodes{}
	key := made.Passkey
	if key.ID == "" {
		p.adminPass = made.AccessPass
		return p
	}
	p.adminPasskey = &browser.Passkey{RPID: key.RPID, CredentialID: key.CredentialID, UserHandle: key.UserHandle, PrivateKeyPKCS8: key.PrivateKeyPKCS8}
	p.secrets = append(p.secrets[:len(p.secrets):len(p.secrets)], made.AccessPass, key.PrivateKeyPKCS8)
	return p
}

// makeAdmin makes a test admin and returns the world's tenant with it.
func (w *world) makeAdmin(ctx context.Context, passkey bool) (place, error) {
	made, err := w.fixtures.MakeTestAdmin(ctx, fixtures.TestAdminOptions{
		Name: "test admin", ClientID: w.place.harnessID, Scopes: harnessScopes, Passkey: passkey,
	})
	if err != nil {
		return w.place, err
	}
	return w.place.withAdmin(made), nil
}

// placeWithAdmin is the tenant of the file with one of its test admins. Where the file has them made, the first
// scenario that has one leased makes it for all of them.
func (s *Suite) placeWithAdmin(ctx context.Context, admin int) (place, error) {
	p, made := s.shared.admins[admin], &s.shared.made[admin]
	if p.adminMake == "" {
		return p, nil
	}
	if !made.begun {
		made.begun = true
		made.place, made.err = s.makeAdmin(ctx, p)
	}
	return made.place, made.err
}

func (s *Suite) makeAdmin(ctx context.Context, p place) (place, error) {
	w, err := s.adminWorld(ctx, p)
	if err != nil {
		return place{}, err
	}
	defer w.close()
	if now := runningIn(ctx); now != nil {
		now.track.does("making the test admin")
	}
	return w.makeAdmin(ctx, p.adminMake == config.MadeWithPasskey)
}

// adminWorld is the world in which the test admins of the run are made and taken away.
func (s *Suite) adminWorld(ctx context.Context, p place) (*world, error) {
	return newWorld(ctx, p, worldOptions{
		runID: s.runID + "-admin", journal: s.journal, realTime: s.options.RealTime, clock: s.shared.clock, session: s.session,
	})
}

// unmakeAdmin takes the test admins of the run away and reports whether there was anything to take away.
// What could not be is in restoring. It does its work also when ctx has ended. No scenario runs any more.
func (s *Suite) unmakeAdmin(ctx context.Context) bool {
	if !slices.ContainsFunc(s.shared.made, func(m madeAdmin) bool { return m.begun }) {
		return false
	}
	clear(s.shared.made)
	interrupted := ctx.Err() != nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoWithin)
	defer cancel()
	w, err := s.adminWorld(ctx, s.place)
	if err != nil {
		s.noteUndo(fixtures.Report{}, fmt.Errorf("take the test admin away: %w", err), interrupted)
		return true
	}
	defer w.close()
	report, err := w.fixtures.Undo(ctx)
	if err != nil {
		err = fmt.Errorf("take the test admin away: %w", err)
	}
	s.noteUndo(report, err, interrupted)
	return true
}

// checkMade refuses a test admin that is yet to be made where no configuration may be written.
func (o Options) checkMade() error {
	if o.Tenant == nil || o.Tenant.Admin.Make == "" {
		return nil
	}
	return requiredf("%s has its test admin made (admin.make), and prove writes no configuration by itself: say --make-admins 1 (or more) to have prove make them, name an admin that is there, or use reprompt run", o.Tenant.File)
}
