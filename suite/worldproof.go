package suite

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/reprompt/reprompt/activation"
	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/browser/entra"
	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/fixtures"
	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/signin"
	"github.com/reprompt/reprompt/verdict"
)

// prove runs one proof in a browser session of its own and notes what the hosts proved to be.
func (w *world) prove(ctx context.Context, request activation.Request, scenario *evidence.Scenario, run *evidence.Run) (verdict.Observation, error) {
	if err := w.settle(ctx); err != nil {
		return verdict.Observation{}, err
	}
	if err := w.enterFor(ctx, request); err != nil {
		return verdict.Observation{}, err
	}
	defer w.turn.Leave()
	session, err := w.session(ctx)
	if err != nil {
		return verdict.Observation{}, err
	}
	follow := w.follow(session)
	defer func() {
		w.noteChains(session, run)
		w.doneWith(ctx, session)
	}()
	var elsewhere *browser.Session
	if request.Beside != nil && request.Beside.Elsewhere {
		if elsewhere, err = w.session(ctx); err != nil {
			return verdict.Observation{}, err
		}
		defer w.doneWith(ctx, elsewhere)
		follow.also(elsewhere)
	}
	var refused error
	permit := w.permit
	if permit != nil {
		permit = func(ctx context.Context, token secret.Text) error {
			err := w.permit(ctx, token)
			if errors.As(err, new(*RequirementError)) {
				refused = err // nothing is wrong with the flow: it may not go on
			}
			return err
		}
	}
	request.Justification = w.justification(request.Justification)
	seen, err := activation.Prove(follow.within(ctx), follow.in(activation.Deps{
		Session: session, Admin: w.admin, Used: w.place.used, AdminID: w.place.adminID, Client: w.client, Reader: w.reader,
		PortalURL: w.place.portal, PortalLabels: w.place.labels, Clock: w.clock,
		Recorder: recorder{scenario, w.tracked(), w.step}, Journal: journal{w}, PageTimeout: w.place.pageWithin, Neighbours: w.neighbours, Elsewhere: elsewhere,
		Person: w.person, Permit: permit, Approver: w.approver, Turn: w.turnOf(session, request), Lingers: w.lingers,
	}), request)
	follow.keep(scenario)
	if refused != nil {
		return verdict.Observation{}, refused
	}
	w.sayWhoLeft(&seen)
	w.sayWhatWasRefused(&seen)
	if err == nil && seen.Configuration != nil {
		err = w.noteConfiguration(ctx, &seen, scenario)
	}
	return seen, err
}

// noteConfiguration reads the configuration once more: one that changed meanwhile leaves open under
// which of the two the activation was decided. Where it cannot be read, the evidence has none of
// afterwards. A role setting that demands something else than the one that was read lets the proof decide
// nothing, as noteChanges does: a read may have been of an earlier state.
func (w *world) noteConfiguration(ctx context.Context, seen *verdict.Observation, scenario *evidence.Scenario) error {
	setting, configuration, err := activation.ReadConfiguration(ctx, w.reader, seen.Admin.ObjectID, seen.Role)
	if err != nil {
		return nil
	}
	if demands(setting) != demands(seen.Setting) && seen.Failure == nil {
		seen.Failure = &verdict.Failure{
			Code: verdict.TenantNotReady, Step: "compare the role setting with what it was",
			Text: "the role setting that was read at first is not the one that is read now: it was changed meanwhile, or the first read was of an earlier state; prove again once the change has settled",
		}
	}
	return scenario.ConfigurationAfter(w.clock.Now(), setting, configuration)
}

// demands is what a role setting asks of whoever activates the role, for a comparison.
func demands(s verdict.Setting) string {
	return fmt.Sprintln(s.ContextEnabled, s.ContextID, s.MFARequired, s.ApprovalRequired)
}

// sayWhoLeft says, where the role was active already, that an earlier run of ours left it so, or may have: the
// journal of the tenant holds other changes of one that was not undone. It is advice: a journal that cannot be
// read takes nothing from what was observed.
func (w *world) sayWhoLeft(seen *verdict.Observation) {
	if seen.Failure == nil || seen.Failure.Code != verdict.RoleAlreadyActive || w.place.file == "" {
		return
	}
	run, err := w.fixtures.Journal.LeftBy(w.place.tenantID, w.place.adminID, seen.Role.DefinitionID, seen.Role.DirectoryScopeID)
	if err == nil && run != "" && !w.isOwn(run) {
		seen.Failure.Text = fmt.Sprintf("%s is active already, left by run %s; undo it with: reprompt cleanup --tenant %s",
			seen.Role.Name, run, w.place.file)
		return
	}
	if left := w.leftOver(); len(left) > 0 {
		seen.Failure.Text += fmt.Sprintf("; it may be so because run %s did not undo what it made (%s); undo that with: reprompt cleanup --tenant %s",
			left[0].RunID, plural(len(left), "change"), w.place.file)
	}
}

// leftOver are the changes of this tenant that other runs did not undo, the last first.
func (w *world) leftOver() []fixtures.Record {
	pending, err := w.fixtures.Journal.Pending()
	if err != nil {
		return nil
	}
	pending = slices.DeleteFunc(pending, func(r fixtures.Record) bool { return r.TenantID != w.place.tenantID || w.isOwn(r.RunID) })
	slices.Reverse(pending)
	return pending
}

// isOwn reports whether a run is this one: what is made beside its scenarios has its id and a suffix.
func (w *world) isOwn(run string) bool {
	own, _, _ := strings.Cut(w.runID, "-")
	run, _, _ = strings.Cut(run, "-")
	return run == own
}

// sayWhatWasRefused adds to a flow that broke which hosts the browser was refused: a page without its
// script looks like one that nobody knows. It never makes a verdict. A navigation that was refused says
// so already, and learns here by whom.
func (w *world) sayWhatWasRefused(seen *verdict.Observation) {
	if seen.Failure == nil || w.refused == nil {
		return
	}
	hosts := w.refused()
	said := sayRefused(hosts)
	switch {
	case said == "":
	case seen.Failure.Code == verdict.HostRefused && slices.ContainsFunc(hosts, func(host string) bool { return strings.Contains(seen.Failure.Text, host) }):
		seen.Failure.Text = seen.Failure.Step + ": " + said
	default:
		seen.Failure.Text += "; " + said
	}
}

// ownJustification begins the part of a justification that names the run.
const ownJustification = "reprompt run "

// justification names the run: by it an activation is told from another of the same admin.
func (w *world) justification(text string) string {
	own := ownJustification + w.runID + ", reprompt test"
	if text == "" {
		return own
	}
	return text + " (" + own + ")"
}

// noteChains notes by which certificates each host proved to be itself: to this program, and, where
// the browser was there too, to the browser.
func (w *world) noteChains(session *browser.Session, run *evidence.Run) {
	run.SawOffset(strings.TrimPrefix(w.place.authority, "https://"), time.Until(w.clock.Now()).Round(time.Millisecond))
	for host, chain := range w.dial.seen() {
		der := make([][]byte, len(chain))
		for i, certificate := range chain {
			der[i] = certificate.Raw
		}
		run.SawChain(host, der)
	}
	for _, c := range session.Certificates() {
		if len(c.Chain) > 0 {
			run.SawChain(c.Host, c.Chain)
		}
	}
}

// deactivate gives back an activation of a proof that ended before it could, as the admin who made
// it: an application that may only read could not. A token that Graph refuses is replaced once.
func (w *world) deactivate(ctx context.Context, ref fixtures.ActivationRef) error {
	answer, err := w.deactivateOnce(ctx, ref)
	if err == nil && answer.Status == http.StatusUnauthorized {
		w.forgetAdmin()
		answer, err = w.deactivateOnce(ctx, ref)
	}
	switch {
	case err != nil:
		return fmt.Errorf("deactivate the role: %w", err)
	case answer.Accepted(), answer.Code == graph.CodeAssignmentDoesNotExist:
		return nil
	}
	return fmt.Errorf("deactivate the role: HTTP %d %s: %s (request-id %s)", answer.Status, answer.Code, answer.Message, answer.RequestID)
}

func (w *world) deactivateOnce(ctx context.Context, ref fixtures.ActivationRef) (graph.Answer, error) {
	signedIn, err := w.signAdminIn(ctx)
	if err != nil {
		return graph.Answer{}, err
	}
	return w.reader.Deactivate(ctx, signedIn.Access, graph.ActivationRequest{
		PrincipalID: ref.PrincipalID, RoleDefinitionID: ref.RoleDefinitionID, DirectoryScopeID: ref.DirectoryScopeID,
		Justification: ref.Justification,
	})
}

// recorder hands what a proof notes to the evidence, and to whoever watches.
type recorder struct {
	*evidence.Scenario
	track *track
	step  func(name string) // nil: nobody is told
}

// Event implements activation.Recorder.
func (r recorder) Event(kind, text string, at time.Time) {
	r.Scenario.Event(kind, text, at)
	switch kind {
	case "step":
		if r.step != nil {
			r.step(text)
		}
		r.track.does(text)
	case "wait":
		r.track.does("waiting " + text)
	case "challenge":
		r.track.does("step up: " + text)
	}
}

// journal notes activations in the fixtures' journal.
type journal struct{ world *world }

// Activating implements activation.Journal.
func (j journal) Activating(ctx context.Context, principalID string, role verdict.Role, justification string) (func(context.Context) error, error) {
	return j.world.fixtures.Activating(ctx, fixtures.ActivationRef{
		PrincipalID: principalID, RoleDefinitionID: role.DefinitionID, DirectoryScopeID: role.DirectoryScopeID,
		Justification: justification, Since: j.world.clock.Now().UTC(),
	})
}

// signAdminIn signs the admin in, in a browser session of its own, unless a token of an earlier one still
// lives: what is undone with several requests asks a person, or spends a one-time code, once.
func (w *world) signAdminIn(ctx context.Context) (signin.Result, error) {
	w.mu.Lock()
	kept := w.signedIn
	w.mu.Unlock()
	if !kept.Access.Empty() && kept.AccessClaims.Expires.After(w.clock.Now().Add(time.Minute)) {
		return kept, nil
	}
	session, signedIn, err := w.signedInSession(ctx, entra.SignIn{Person: w.person})
	if err != nil {
		return signin.Result{}, fmt.Errorf("sign the admin in: %w", err)
	}
	_ = session.Close(context.WithoutCancel(ctx)) // the browser is closed, too
	w.turn.Leave()
	w.mu.Lock()
	w.signedIn = signedIn
	w.mu.Unlock()
	return signedIn, nil
}

// forgetAdmin has the next signAdminIn sign in anew.
func (w *world) forgetAdmin() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.signedIn = signin.Result{}
}

// signedInSession opens a session of the browser's and signs the admin in to it, or whom the caller names,
// driven as the caller says: the clock, and for the admin the codes that were used, are the world's. Close
// the session, then leave.
func (w *world) signedInSession(ctx context.Context, driver entra.SignIn) (*browser.Session, signin.Result, error) {
	leave := w.turn.Leave
	if w.turn.Inside() {
		leave = func() {} // the place is the proof's, which goes on
	}
	if err := w.enter(ctx); err != nil {
		return nil, signin.Result{}, err
	}
	session, err := w.session(ctx)
	if err != nil {
		leave()
		return nil, signin.Result{}, err
	}
	driver.Now, driver.Wait = w.clock.Now, w.clock.Wait
	if driver.Admin.UPN == "" {
		driver.Admin, driver.Used = w.admin, w.place.used
	}
	var signedIn signin.Result
	if driver.Tab, err = session.NewTab(ctx); err == nil {
		signedIn, err = w.client.SignIn(ctx, &driver, signin.Request{LoginHint: driver.Admin.UPN})
	}
	if err != nil {
		_ = session.Close(context.WithoutCancel(ctx)) // the error says more
		leave()
		return nil, signin.Result{}, err
	}
	return session, signedIn, nil
}

// ownRequests reads the admin's requests as the admin: an application that may only read could not.
func (w *world) ownRequests(ctx context.Context) ([]graph.ScheduleRequest, error) {
	signedIn, err := w.signAdminIn(ctx)
	if err != nil {
		return nil, err
	}
	return w.reader.OwnAssignmentRequests(ctx, signedIn.Access)
}
