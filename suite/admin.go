package suite

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/reprompt/reprompt/graph"
)

// checkNames makes sure that domain and test admin of the tenant file are of that tenant.
func (w *world) checkNames(ctx context.Context) error {
	if w.place.file == "" {
		return nil
	}
	var err error
	if w.place.adminMake == "" {
		err = w.checkAdmin(ctx)
	}
	if err == nil {
		err = w.checkDomain(ctx)
	}
	if known := new(RequirementError); errors.As(err, &known) {
		return known // it says everything; what was being read when it came out helps nobody
	}
	return err
}

// checkDomain compares the domain with those that the tenant has verified. An application that may
// not read them leaves it at that.
func (w *world) checkDomain(ctx context.Context) error {
	tenant, err := w.reader.Organization(ctx)
	if graph.IsForbidden(err) || err == nil && len(tenant.Domains) == 0 {
		return nil
	}
	if err != nil {
		return requiredf("read the tenant's domains: %w", err)
	}
	var names []string
	for _, domain := range tenant.Domains {
		names = append(names, domain.Name)
	}
	if slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, w.place.domain) }) {
		return nil
	}
	return requiredf("%s is no domain of the tenant %s, which has %s: mend %s",
		w.place.domain, w.place.tenantID, strings.Join(names, ", "), w.inFile("domain"))
}

// checkAdmin makes sure, before anybody signs in, that the tenant file's account is one account of
// that tenant. An application that may not read accounts leaves it to the sign-in.
func (w *world) checkAdmin(ctx context.Context) error {
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
	w, err := newWorld(ctx, s.place, worldOptions{runID: s.runID, journal: s.journal, realTime: s.options.RealTime, clock: s.shared.clock, session: s.session})
	if err != nil {
		return err
	}
	defer w.close()
	for _, admin := range s.shared.admins[1:] {
		if admin.adminMake != "" {
			break
		}
		if err := w.beside(admin, s.runID, nil).checkAdmin(ctx); err != nil {
			return err
		}
	}
	return w.checkNames(ctx)
}
