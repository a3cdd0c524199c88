package suite

import (
	"context"
	"slices"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/browser/entra"
	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/verdict"
)

// withAccount is the same tenant with another account of the tenant file as the test admin.
func (p place) withAccount(a config.Admin) place {
	p.adminUPN, p.adminID = a.UPN, a.ObjectID
	p.adminPassword, p.adminTOTP, p.adminPass = a.Password, a.TOTPSecret, a.TemporaryAccessPass
	p.adminPasskey, p.adminMake, p.used = nil, a.Make, &entra.UsedCodes{}
	p.secrets = append(p.secrets[:len(p.secrets):len(p.secrets)], a.TemporaryAccessPass)
	if key := a.Passkey; key != nil {
		p.adminPasskey = &browser.Passkey{
			RPID: key.RPID, CredentialID: key.CredentialID, UserHandle: key.UserHandle, PrivateKeyPKCS8: key.PrivateKeyPKCS8,
		}
		p.secrets = append(p.secrets, key.PrivateKeyPKCS8)
	}
	return p
}

// testAdmins are the tenant with each of the test admins of its file, the first one first. A person signs
// in one account alone.
func (p place) testAdmins(o Options) []place {
	all := []place{p}
	if o.Tenant == nil || o.Human {
		return all
	}
	for _, a := range o.Tenant.TestAdmins {
		all = append(all, p.withAccount(a))
	}
	return all
}

// holdings is who of the test admins is eligible for what.
type holdings struct {
	// scopes are, by role and admin, where it is eligible directly, with the ids of the eligibilities.
	scopes map[string]map[int][]graph.Instance
	// groups are, by admin, the groups that it is in; read when they are needed.
	groups map[int][]string
}

// readHoldings asks once for each admin.
func (w *world) readHoldings(ctx context.Context, admins []place) (*holdings, error) {
	h := &holdings{scopes: map[string]map[int][]graph.Instance{}, groups: map[int][]string{}}
	for i, admin := range admins {
		held, err := w.reader.Eligibilities(ctx, graph.Holding{PrincipalID: admin.adminID})
		if err != nil {
			return nil, requiredf("read what %s is eligible for: %w", admin.adminUPN, err)
		}
		for _, instance := range held {
			h.add(instance.RoleDefinitionID, i, instance)
		}
	}
	return h, nil
}

func (h *holdings) add(role string, admin int, instance graph.Instance) {
	if h.scopes[role] == nil {
		h.scopes[role] = map[int][]graph.Instance{}
	}
	held := h.scopes[role][admin]
	if !slices.ContainsFunc(held, func(other graph.Instance) bool { return other.DirectoryScopeID == instance.DirectoryScopeID }) {
		h.scopes[role][admin] = append(held, instance)
	}
}

// throughGroups adds, for a role that no admin is eligible for directly, who is so through a group. What may
// not be read is left to the proof, which says it.
func (w *world) throughGroups(ctx context.Context, h *holdings, role verdict.Role, admins []place) {
	eligible, err := w.reader.Eligibilities(ctx, graph.Holding{RoleDefinitionID: role.DefinitionID})
	if err != nil || len(eligible) == 0 {
		return
	}
	for i, admin := range admins {
		groups, known := h.groups[i]
		if !known {
			if in, err := w.reader.Memberships(ctx, admin.adminID); err == nil {
				groups = in.Groups
			}
			h.groups[i] = groups
		}
		for _, instance := range eligible {
			if slices.Contains(groups, instance.PrincipalID) {
				h.add(role.DefinitionID, i, instance)
			}
		}
	}
}

// guardAdmins keeps the secrets of all test admins out of the evidence.
func (t *target) guardAdmins(admins []place) {
	for _, admin := range admins {
		t.guardSecrets(admin)
	}
}
