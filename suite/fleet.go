package suite

import (
	"cmp"
	"context"
	"errors"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/fleet"
	"github.com/reprompt/reprompt/telemetry"
	"github.com/reprompt/reprompt/verdict"
)

// FleetProver proves the tenants of a list, each as Prove does. It implements fleet.Prover.
type FleetProver struct {
	Tenants map[string]config.FleetTenant // by name
	Options Options                       // Tenant, EvidenceDir and Progress are set for each tenant
	Request ProveRequest                  // Roles and AllProtected are set for each tenant
	// Loaded, when not nil, is called with each tenant file that was read, before anything is asked of the
	// tenant; what it returns is the signer of the bundle and its timestamp authority.
	Loaded func(ctx context.Context, t *config.Tenant) (*evidence.Signer, *evidence.TimestampAuthority, error)
	// Opened is as in Prove.
	Opened func(journal string)
}

// Prove implements fleet.Prover. What a process that was killed left in the tenant is undone first: an
// activation that goes on would be in the way of the proof.
func (p *FleetProver) Prove(ctx context.Context, t fleet.Tenant, dir string) (_ string, _ []fleet.Role, err error) {
	ctx, span := telemetry.Start(ctx, "tenant "+t.Name, telemetry.String("reprompt.fleet.tenant", t.Name))
	defer func() { span.EndWith(err) }()
	listed := p.Tenants[t.Name]
	tenant, err := config.Load(listed.File)
	if err != nil {
		return "", nil, err
	}
	options, request := p.Options, p.Request
	options.Tenant, options.EvidenceDir, options.Progress = tenant, dir, nil
	request.Roles, request.AllProtected = listed.Roles, listed.AllProtected()
	request.Way = cmp.Or(verdict.Way(listed.Way), request.Way)
	if p.Loaded != nil {
		if options.Signer, options.Authority, err = p.Loaded(ctx, tenant); err != nil {
			return tenant.TenantID, nil, err
		}
	}
	if _, err := Cleanup(ctx, CleanupOptions{Tenant: tenant, RealTime: options.RealTime, Opened: p.Opened}); err != nil {
		return tenant.TenantID, nil, fleetError(err)
	}
	proofs, err := Prove(ctx, options, request, p.Opened)
	var roles []fleet.Role
	for _, proof := range proofs {
		if proof.Role.Name != "" || proof.Verdict != nil {
			roles = append(roles, fleetRole(proof))
		}
	}
	return tenant.TenantID, roles, fleetError(err)
}

func fleetError(err error) error {
	if failed := new(NotRestoredError); errors.As(err, &failed) {
		return &fleet.NotRestoredError{Err: err}
	}
	return err
}

func fleetRole(p evidence.Proof) fleet.Role {
	r := fleet.Role{Role: p.Role.Name, RoleID: p.Role.DefinitionID, Evidence: p.Evidence}
	if p.Verdict != nil && p.Observation != nil {
		r.Verdict, r.Clean, r.Summary = string(p.Verdict.Outcome), p.Verdict.Scope.Clean(), p.Verdict.Summary
		r.At, r.Took = p.Observation.Finished, p.Observation.Finished.Sub(p.Observation.Started)
	}
	if p.Err != nil {
		r.Error = p.Err.Error()
	}
	return r
}

// Kept implements fleet.Prover. A bundle that leaves out a role that is asked for is not what was asked
// for, and neither is one of another tenant or way.
func (p *FleetProver) Kept(t fleet.Tenant, dir string) (string, []fleet.Role, error) {
	kept, err := evidence.Kept(dir)
	if err != nil || len(kept) == 0 {
		return "", nil, err
	}
	listed := p.Tenants[t.Name]
	way := cmp.Or(verdict.Way(listed.Way), p.Request.Way, verdict.WayPortal)
	var roles []fleet.Role
	for _, k := range kept {
		if k.Proved.Way != way || k.Restored != nil && !*k.Restored {
			return "", nil, nil
		}
		roles = append(roles, fleet.Role{
			Role: k.Role, RoleID: k.Proved.RoleDefinitionID, Verdict: string(k.Verdict.Outcome), Clean: k.Verdict.Scope.Clean(),
			Summary: k.Verdict.Summary, At: k.At, Noted: k.Finished, Took: k.Took, Evidence: k.Dir,
		})
	}
	for _, wanted := range listed.Roles {
		if !holdsRole(roles, wanted) {
			return "", nil, nil
		}
	}
	return kept[0].TenantID, roles, nil
}

func holdsRole(roles []fleet.Role, nameOrID string) bool {
	for _, r := range roles {
		if r.Role == nameOrID || r.RoleID == nameOrID {
			return true
		}
	}
	return false
}

// NewRunID names a run.
func NewRunID() string { return newRunID() }
