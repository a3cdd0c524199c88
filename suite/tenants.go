package suite

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/cucumber/godog"

	"github.com/reprompt/reprompt/activation"
	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/browser/entra"
	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/fixtures"
	"github.com/reprompt/reprompt/steps"
	"github.com/reprompt/reprompt/verdict"
)

// undoWithin bounds an undo in machine time. PIM keeps a role for five minutes, and a real tenant
// shows a deletion minutes later.
const undoWithin = 15 * time.Minute

// embeddedRole is the privileged role of scenarios on the embedded tenant, where nobody else is.
const embeddedRole = "Application Administrator"

// tenants gives each scenario a tenant; see steps.Tenants.
type tenants struct{ suite *Suite }

// Take implements steps.Tenants.
func (ts tenants) Take(ctx context.Context, scenario, feature string) (steps.Tenant, error) {
	return ts.suite.take(ctx, scenario, feature)
}

// tenant is what one scenario has for itself.
type tenant struct {
	*world
	suite    *Suite
	evidence *evidence.Scenario
	lent     lent
	// approverAccount is who answers requests that wait for approval; the zero one until a scenario has it made.
	approverAccount entra.Admin
	// custom is the role made for the scenario on a real tenant.
	custom verdict.Role
	// proved is the id of the role that is proved; empty before.
	proved string
	// now is what the hooks know about the scenario; nil where there are none.
	now *running
}

func (s *Suite) take(ctx context.Context, scenario, feature string) (_ *tenant, err error) {
	now := runningIn(ctx)
	if now != nil && now.skipped {
		s.shared.leases.Pass()
		return nil, skipped()
	}
	has, err := s.acquire(ctx, scenario)
	if err != nil {
		return nil, err
	}
	t := &tenant{suite: s, lent: has}
	begun := false
	defer func() { // also where something panicked: whoever waits for it would wait for ever
		if !begun {
			t.letGo()
		}
	}()
	if now != nil && (len(has.waited) > 0 || s.options.overlapping()) {
		now.began = time.Now() // how long it takes is not how long others took
		if now.skipped = s.stopped.Load(); now.skipped {
			return nil, skipped()
		}
	}
	now.shown(s.progress)
	if err := t.begin(ctx, now, scenario, feature); err != nil {
		return nil, err
	}
	begun = true
	return t, nil
}

func skipped() error { return fmt.Errorf("the run stops at its first failure: %w", godog.ErrSkip) }

// begin opens the scenario's evidence and connects to its tenant.
func (t *tenant) begin(ctx context.Context, now *running, scenario, feature string) (err error) {
	s := t.suite
	t.now = now
	s.guardSecrets(t.lent.place)
	if t.evidence, err = s.run.Scenario(scenario, feature); err != nil {
		return err
	}
	options := worldOptions{
		runID: fmt.Sprintf("%s-%02d", s.runID, s.scenarios.Add(1)), journal: s.journal, clock: s.shared.clock,
		realTime: s.options.RealTime, session: s.session, refused: s.refusedHosts, trace: s.options.Trace,
		lingers: s.options.PauseOnFailure != nil,
	}
	if now != nil {
		t.evidence.Steps(now.steps)
		t.evidence.Try(now.attempt)
		options.track = now.track
	}
	if t.lent.holder != nil {
		options.leases = &claims{holder: t.lent.holder, track: options.track, recorded: t.evidence, clock: func() time.Time { return t.clock.Now() }}
	}
	if t.world, err = newWorld(ctx, t.lent.place, options); err == nil {
		t.takeTurns()
		t.noted = func(kind, text string) { t.evidence.Event(kind, text, t.clock.Now()) }
		for _, why := range t.lent.waited {
			t.evidence.Event("wait", "before it began, for "+why, t.clock.Now())
		}
		err = s.settleBefore(ctx, t.world, t.lent.admin)
	}
	if err != nil {
		t.evidence.Failed(err.Error())
	}
	return err
}

// letGo gives others what this scenario had, and then leaves the clock: so it does not move in between.
func (t *tenant) letGo() {
	if t.world != nil {
		t.turn.Leave()
	}
	t.lent.end()
	if t.world != nil {
		t.world.close()
	}
}

// Fixtures implements steps.Tenant.
func (t *tenant) Fixtures() *fixtures.Fixtures { return t.fixtures }

// PrivilegedRole implements steps.Tenant.
func (t *tenant) PrivilegedRole(ctx context.Context) (verdict.Role, error) {
	if t.suite.server != nil {
		return t.role(ctx, embeddedRole)
	}
	if t.custom.DefinitionID != "" {
		return t.custom, nil
	}
	made, err := t.fixtures.CustomRole(ctx, fixtures.CustomRoleOptions{Name: "re-authentication test"})
	if err != nil {
		return verdict.Role{}, err
	}
	t.custom = verdict.Role{Name: made.DisplayName, DefinitionID: made.ID, DirectoryScopeID: "/"}
	return t.custom, nil
}

// AddPasskey implements steps.Tenant.
func (t *tenant) AddPasskey(key fixtures.Passkey) {
	t.suite.run.Guard(key.PrivateKeyPKCS8)
	t.admin.Passkey = &browser.Passkey{
		RPID: key.RPID, CredentialID: key.CredentialID, UserHandle: key.UserHandle, PrivateKeyPKCS8: key.PrivateKeyPKCS8,
	}
}

// MakeAdmin implements steps.Tenant.
func (t *tenant) MakeAdmin(ctx context.Context, passkey bool) error {
	untouched := t.untouched()
	made, err := t.makeAdmin(ctx, passkey)
	t.suite.guardSecrets(made)
	if err != nil {
		return err
	}
	t.endEffects(ctx)
	t.become(made)
	if untouched {
		t.lent.releaseAdmin(t.suite)
	}
	return nil
}

// untouched reports whether the scenario has made nothing so far that its test admin has to do with.
func (t *tenant) untouched() bool {
	pending, err := t.suite.journal.Pending()
	return err == nil && !slices.ContainsFunc(pending, func(r fixtures.Record) bool {
		return r.RunID == t.runID && r.Operation != fixtures.OperationContext
	})
}

// AddNeighbour implements steps.Tenant.
func (t *tenant) AddNeighbour(account fixtures.Account) {
	t.suite.run.Guard(account.Password)
	t.neighbours = append(t.neighbours, entra.Admin{UPN: account.UPN, Password: account.Password, StaySignedIn: true})
}

// Lab implements steps.Tenant. Only a tenant that the scenario has for itself is told how to behave:
// nobody takes that back.
func (t *tenant) Lab() steps.Lab {
	if t.suite.server == nil {
		return nil
	}
	return embeddedLab{t.suite.control, t.place.tenantID}
}

// embeddedLab is one embedded tenant; see steps.Lab.
type embeddedLab struct {
	control  *control
	tenantID string
}

// Set implements steps.Lab.
func (l embeddedLab) Set(ctx context.Context, settings map[string]any) error {
	return l.control.settings(ctx, l.tenantID, settings)
}

// Speak implements steps.Lab.
func (l embeddedLab) Speak(ctx context.Context, language string) error {
	return l.control.call(ctx, http.MethodPost, "/variant", l.tenantID, map[string]string{"language": language}, nil)
}

// Prove implements steps.Tenant.
func (t *tenant) Prove(ctx context.Context, request activation.Request) (verdict.Observation, error) {
	if request.Require == "" && t.suite.options.Tenant != nil {
		request.Require = verdict.Require(t.suite.options.Tenant.Require(request.Role.Name))
	}
	if err := t.fixtures.ClaimRole(ctx, request.Role.DefinitionID); err != nil { // before anybody signs in: a session that waits grows old
		return verdict.Observation{}, err
	}
	t.proved = request.Role.DefinitionID
	return t.prove(ctx, request, t.evidence, t.suite.run)
}

// GiveBack implements steps.Tenant: undo, check what the embedded Entra was asked, write the
// evidence, let the tenant go.
func (t *tenant) GiveBack(ctx context.Context, proof *steps.Proof, failed error) error {
	defer t.letGo()
	if t.suite.pauses(ctx, failed) {
		t.showPages(ctx)
		t.suite.pauseIn(ctx, proof, failed)
	}
	t.endEffects(ctx)
	t.closeSessions(ctx)
	defer t.noteEnd()
	t.tracked().at("undoing what was made")
	interrupted := interruptedIn(ctx)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoWithin)
	defer cancel()
	_ = t.resync(ctx) // a clock that jumped is known then; else it stands as it was
	report, err := t.fixtures.Undo(ctx)
	t.suite.noteUndo(report, err, interrupted)
	if err != nil {
		err = &undoError{err}
	}
	if t.suite.server != nil {
		err = errors.Join(err, t.unmodelled(ctx), t.suite.control.deleteTenant(ctx, t.place.tenantID))
	}
	return errors.Join(err, t.record(proof, errors.Join(failed, err)))
}

// interruptedIn reports whether the run that the scenario belongs to was interrupted. The context of
// a hook does not tell: it belongs to the last step.
func interruptedIn(ctx context.Context) bool {
	now := runningIn(ctx)
	return now != nil && now.base.Err() != nil
}

// record writes the evidence: the proof where there is one, and what went wrong.
func (t *tenant) record(proof *steps.Proof, failed error) error {
	var err error
	if proof != nil {
		err = t.evidence.Finish(proof.Observation, proof.Verdict)
	}
	if failed != nil {
		t.evidence.Failed(readable(failed))
	} else {
		err = errors.Join(err, t.evidence.Passed())
	}
	return errors.Join(err, t.evidence.Rest())
}

// unmodelled is the error of a scenario that asked the embedded Entra what it has no model for, or
// a host that it does not answer for. The answer that the scenario got proves nothing.
func (t *tenant) unmodelled(ctx context.Context) error {
	requests, err := t.suite.control.requests(ctx, t.place.tenantID)
	if err != nil {
		return err
	}
	var found []string
	for _, r := range requests {
		switch {
		case r.Unmodelled:
			found = append(found, fmt.Sprintf("%s %s is not modelled", r.Method, r.URL))
		case r.RefusedHost && !ofTheBrowserItself(r.URL):
			found = append(found, r.URL+" is not emulated")
		}
	}
	if len(found) == 0 {
		return nil
	}
	return fmt.Errorf("the embedded tenant was asked what it does not know: %s", strings.Join(found, ", "))
}

// browserHosts are the domains that Chromium asks for itself, for updates, lists and time. The
// embedded Entra refuses them; they say nothing about the scenario. (Measured: a full browser
// tries six of them in 45 seconds, a headless shell none.)
var browserHosts = []string{"google.com", "googleapis.com", "gvt1.com", "gstatic.com", "googleusercontent.com"}

// ofTheBrowserItself reports whether Chromium asked for its own sake: its maker's hosts, and the icon
// of whatever page it shows, which a full browser asks for even where the page is ours.
func ofTheBrowserItself(address string) bool {
	host := address
	if parsed, err := url.Parse(address); err == nil && parsed.Hostname() != "" {
		if parsed.Path == "/favicon.ico" {
			return true
		}
		host = parsed.Hostname()
	}
	host, _, _ = strings.Cut(host, ":")
	for _, domain := range browserHosts {
		if host == domain || strings.HasSuffix(host, "."+domain) {
			return true
		}
	}
	return false
}
