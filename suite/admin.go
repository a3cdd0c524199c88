package suite

import (
	"context"
	"strings"

	"github.com/reprompt/reprompt/graph"
)

// checkAdmin makes sure, before anybody signs in, that the tenant file's account is one account of
// that tenant. An application that may not read accounts leaves it to the sign-in.
func (w *world) checkAdmin(ctx context.Context) error {
	if w.place.file == "" {
		return nil
	}
	user, err := w.reader.User(ctx, w.place.adminID)
	switch {
	case graph.IsNotFound(err):
		return requiredf("the tenant %s has no account %s: mend %s, the object id of %s",
			w.place.tenantID, w.place.adminID, w.inFile("admin.object_id"), w.place.adminUPN)
	case graph.IsForbidden(err):
		return nil
	case err != nil:
		return requiredf("look the test admin up: %w", err)
	case !strings.EqualFold(user.UPN, w.place.adminUPN):
		return requiredf("the account %s (admin.object_id) is %s and not %s: mend %s, or the object id",
			w.place.adminID, user.UPN, w.place.adminUPN, w.inFile("admin.upn"))
	}
	return nil
}

// checkTenant connects to the tenant of a file once, before any scenario: what is wrong with the
// file must come out once and not once for each scenario.
func (s *Suite) checkTenant(ctx context.Context) error {
	if s.server != nil {
		return nil
	}
	w, err := newWorld(ctx, s.place, worldOptions{runID: s.runID, journal: s.journal, realTime: s.options.RealTime, browser: s.running})
	if err != nil {
		return err
	}
	defer w.close()
	return w.checkAdmin(ctx)
}
