package suite

import (
	"context"
	"fmt"

	"github.com/reprompt/reprompt/browser/entra"
	"github.com/reprompt/reprompt/fixtures"
)

// MakeApprover implements steps.Tenant.
func (t *tenant) MakeApprover(ctx context.Context) (string, error) {
	made, err := t.fixtures.MakeTestAdmin(ctx, fixtures.TestAdminOptions{
		Name: "approver", ClientID: t.place.harnessID, Scopes: harnessScopes,
	})
	if err != nil {
		return "", err
	}
	t.suite.run.Guard(made.AccessPass)
	t.approverAccount = entra.Admin{UPN: made.UPN, TemporaryAccessPass: made.AccessPass, StaySignedIn: true}
	return made.ID, nil
}

// LetApprover implements steps.Tenant.
func (t *tenant) LetApprover(agree bool) error {
	if t.approverAccount.UPN == "" {
		return fmt.Errorf("no approver was made for this scenario")
	}
	t.approver = func(ctx context.Context) error { return t.decideAs(ctx, t.approverAccount, agree) }
	return nil
}

// decideAs signs an approver in, in a browser session of its own, and answers what waits for them, as the
// approver would through Graph.
func (w *world) decideAs(ctx context.Context, approver entra.Admin, agree bool) error {
	session, signedIn, err := w.signedInSession(ctx, entra.SignIn{
		Admin: approver, Used: &entra.UsedCodes{}, NoPictures: true, PageTimeout: w.place.pageWithin,
	})
	if err != nil {
		return fmt.Errorf("sign the approver in: %w", err)
	}
	_ = session.Close(context.WithoutCancel(ctx)) // the browser is closed, too
	waiting, err := w.reader.RequestsToApprove(ctx, signedIn.Access)
	if err != nil {
		return err
	}
	if len(waiting) != 1 {
		return fmt.Errorf("%d requests wait for the approver %s, expected 1", len(waiting), approver.UPN)
	}
	return w.reader.Decide(ctx, signedIn.Access, waiting[0].ApprovalID, agree, w.justification(""))
}
