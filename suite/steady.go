package suite

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/reprompt/reprompt/activation"
	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/verdict"
)

// configured is an object of the configuration that decides about an activation.
type configured struct {
	object   string // Graph's path
	what     string // for people
	modified time.Time
	digest   [sha256.Size]byte
}

// chain reads the setting of a role, the policies on its context, and those on applications that can be in
// the way of a proof, with when each was last changed.
func (w *world) chain(ctx context.Context, roleDefinitionID string) ([]configured, error) {
	setting, err := w.reader.RoleSetting(ctx, roleDefinitionID)
	if err != nil {
		return nil, err
	}
	rules, err := json.Marshal(setting.Rules)
	if err != nil {
		return nil, err
	}
	all := []configured{{"/policies/roleManagementPolicies/" + setting.PolicyID, "the role setting", setting.Modified, sha256.Sum256(rules)}}
	policies, err := w.reader.Policies(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range policies {
		if onContext := setting.ContextEnabled && p.Targets(setting.ContextID); !onContext && !activation.Hinders(p) {
			continue
		}
		last := p.Created
		if p.Modified.After(last) {
			last = p.Modified
		}
		all = append(all, configured{"/identity/conditionalAccess/policies/" + p.ID, fmt.Sprintf("the policy %q", p.Name), last, sha256.Sum256(p.Raw)})
	}
	return all, nil
}

// settled waits until the configuration of a role is older than waits.settle: a change that is
// younger may be obeyed by one host and not yet by another, and a verdict on it is none. It returns
// what was read last.
func (w *world) settled(ctx context.Context, role verdict.Role) ([]configured, error) {
	for {
		now, err := w.chain(ctx, role.DefinitionID)
		if err != nil {
			return nil, requiredf("read what decides about %s: %w", role.Name, err)
		}
		youngest := slices.MaxFunc(now, func(a, b configured) int { return a.modified.Compare(b.modified) })
		until := youngest.modified.Add(w.place.settle)
		if w.place.settle == 0 || youngest.modified.IsZero() || !until.After(w.clock.Now()) {
			return now, nil
		}
		if err := w.clock.Wait(ctx, until, fmt.Sprintf("the last change of %s has settled (waits.settle)", youngest.what)); err != nil {
			return nil, err
		}
	}
}

// changedSince names the first object that was changed, made or deleted since before was read.
func (w *world) changedSince(ctx context.Context, role verdict.Role, before []configured) (what, object string, err error) {
	now, err := w.chain(ctx, role.DefinitionID)
	if err != nil {
		return "", "", err
	}
	for _, pair := range [][2][]configured{{now, before}, {before, now}} {
		for _, one := range pair[0] {
			if !slices.ContainsFunc(pair[1], func(other configured) bool { return other.object == one.object && other.digest == one.digest }) {
				return one.what, one.object, nil
			}
		}
	}
	return "", "", nil
}

// noteChanges lets a proof during which the configuration was changed decide nothing: it cannot say
// which of the two it saw. A plain token that was accepted stays a finding.
func (w *world) noteChanges(ctx context.Context, before []configured, seen *verdict.Observation) {
	if seen.Started.IsZero() || seen.Failure != nil || ctx.Err() != nil {
		return
	}
	what, object, err := w.changedSince(ctx, seen.Role, before)
	text := fmt.Sprintf("%s (%s) was changed while the proof went on; prove again when nobody is changing it", what, object)
	if err != nil {
		text = fmt.Sprintf("whether the configuration was changed meanwhile could not be read: %v; prove again", err)
	}
	if what != "" || err != nil {
		seen.Failure = &verdict.Failure{Code: verdict.TenantNotReady, Step: "compare the configuration with what it was", Text: text}
	}
}

// protectedRoles are the roles whose setting names an authentication context, by id.
func (w *world) protectedRoles(ctx context.Context) ([]string, error) {
	settings, err := w.reader.RoleSettings(ctx)
	if err != nil {
		return nil, requiredf("look for protected roles: %w", err)
	}
	var ids []string
	for _, s := range settings {
		if s.ContextEnabled {
			ids = append(ids, s.RoleDefinitionID)
		}
	}
	if len(ids) == 0 {
		return nil, requiredf("no role setting of the tenant %s names an authentication context: there is nothing to prove", w.place.tenantID)
	}
	slices.Sort(ids)
	return ids, nil
}

// proofsOf is a proof for each role, in their order.
func proofsOf(request ProveRequest) []evidence.Proof {
	proofs := make([]evidence.Proof, len(request.Roles))
	for i, role := range request.Roles {
		proofs[i] = evidence.Proof{Way: request.Way, Role: verdict.Role{Name: role}}
	}
	return proofs
}
