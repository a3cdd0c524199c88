package activation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/verdict"
)

// NotReadyError says that there is nothing to prove yet, before anybody signed in.
type NotReadyError struct {
	Code verdict.Code // ROLE_NOT_ELIGIBLE, ROLE_ALREADY_ACTIVE, or TENANT_NOT_READY where the reader may not read
	Text string
}

// Error is one sentence that says how to mend it.
func (e *NotReadyError) Error() string { return e.Text }

// readConfiguration reads the chain that the verdict's causes are drawn from, and refuses to go on
// where an activation could show nothing.
func (p *proof) readConfiguration(ctx context.Context) error { return permitted(p.readChain(ctx)) }

func (p *proof) readChain(ctx context.Context) error {
	setting, err := p.Reader.RoleSetting(ctx, p.request.Role.DefinitionID)
	if err != nil {
		return fmt.Errorf("read the role setting: %w", err)
	}
	p.seen.Setting = settingOf(setting)
	if err := p.readHoldings(ctx); err != nil {
		return err
	}
	configuration, err := Configuration(ctx, p.Reader, p.AdminID, p.request.Role, setting)
	if err != nil {
		return fmt.Errorf("read the configuration: %w", err)
	}
	p.seen.Configuration = &configuration
	return p.ready()
}

func (p *proof) ready() error {
	switch {
	case len(p.seen.Active) > 0:
		return &NotReadyError{verdict.RoleAlreadyActive, alreadyActive(p.request.Role.Name, p.Admin.UPN, p.seen.Active[0])}
	case !p.seen.Eligible:
		return &NotReadyError{verdict.RoleNotEligible, fmt.Sprintf(
			"%s is not eligible for %s at scope %s: add an eligible assignment in PIM", p.Admin.UPN, p.request.Role.Name, p.request.Role.DirectoryScopeID)}
	}
	return nil
}

// alreadyActive says how to end an assignment that is in the way. PIM lets a role go five minutes after its
// activation at the earliest (Microsoft, pim-how-to-activate-role).
func alreadyActive(role, upn string, a verdict.ActiveAssignment) string {
	if a.Type != "Activated" {
		return fmt.Sprintf("%s is active for %s already, by a standing assignment: remove it in the Entra admin centre under Privileged Identity Management, "+
			"Microsoft Entra roles, Assignments, Active assignments, leave the admin eligible, and try again", role, upn)
	}
	end := ""
	if !a.End.IsZero() {
		end = a.End.UTC().Format(" at 15:04 UTC")
	}
	return fmt.Sprintf("%s is active for %s already, by an activation: as the admin, deactivate it in the Entra admin centre under Privileged Identity Management, "+
		"My roles, Active assignments (from five minutes after it was activated), or wait until it ends%s, and try again", role, upn, end)
}

// readHoldings reads what the admin may activate and what is active already.
func (p *proof) readHoldings(ctx context.Context) error {
	holding := graph.Holding{RoleDefinitionID: p.request.Role.DefinitionID}
	active, err := p.Reader.Assignments(ctx, holding)
	if err != nil {
		return fmt.Errorf("read active assignments: %w", err)
	}
	eligible, err := p.Reader.Eligibilities(ctx, holding)
	if err != nil {
		return fmt.Errorf("read eligible assignments: %w", err)
	}
	memberships, err := p.Reader.Memberships(ctx, p.AdminID)
	if err != nil {
		return fmt.Errorf("read the admin's groups: %w", err)
	}
	holders := map[string]bool{p.AdminID: true}
	for _, group := range memberships.Groups {
		holders[group] = true
	}
	p.seen.Active = []verdict.ActiveAssignment{}
	for _, a := range active {
		// An assignment at another scope does not stand in the way of this activation: otherPaths has it.
		if holders[a.PrincipalID] && a.DirectoryScopeID == p.request.Role.DirectoryScopeID {
			p.seen.Active = append(p.seen.Active, verdict.ActiveAssignment{ID: a.ID, Type: a.AssignmentType, End: a.End})
		}
	}
	for _, e := range eligible {
		p.seen.Eligible = p.seen.Eligible || holders[e.PrincipalID] && e.DirectoryScopeID == p.request.Role.DirectoryScopeID
	}
	return nil
}

func settingOf(s graph.RoleSetting) verdict.Setting {
	return verdict.Setting{
		PolicyID: s.PolicyID, ContextEnabled: s.ContextEnabled, ContextID: s.ContextID,
		MFARequired: s.MFARequired, ApprovalRequired: s.ApprovalRequired,
		EnabledRules: s.EnabledRules, MaximumDuration: s.MaximumDuration,
	}
}

// ReadConfiguration reads the role setting and the chain behind it as they are now.
func ReadConfiguration(ctx context.Context, reader *graph.Client, adminID string, role verdict.Role) (verdict.Setting, verdict.Configuration, error) {
	setting, err := reader.RoleSetting(ctx, role.DefinitionID)
	if err != nil {
		return verdict.Setting{}, verdict.Configuration{}, fmt.Errorf("read the role setting: %w", err)
	}
	configuration, err := Configuration(ctx, reader, adminID, role, setting)
	return settingOf(setting), configuration, err
}

// Configuration reads the chain role setting -> context -> policies -> admin, as verdict.Diagnose
// wants it. It describes what Graph answered, not what Conditional Access would decide.
func Configuration(ctx context.Context, reader *graph.Client, adminID string, role verdict.Role, setting graph.RoleSetting) (verdict.Configuration, error) {
	r := configurationReader{ctx: ctx, graph: reader}
	configuration := verdict.Configuration{Contexts: r.contexts()}
	configuration.Policies, configuration.Beside = r.policies(setting.ContextID)
	memberships, err := reader.Memberships(ctx, adminID)
	r.keep(err)
	configuration.AdminGroups, configuration.AdminRoles = memberships.Groups, memberships.Roles
	configuration.Principals = r.principals(role)
	configuration.Groups = r.groups(configuration.Policies, adminID, memberships.Groups)
	configuration.Names = r.names(slices.Concat(configuration.Policies, configuration.Beside))
	configuration.OtherPaths = r.otherPaths(append([]string{adminID}, memberships.Groups...), role)
	if r.err != nil {
		return verdict.Configuration{}, r.err
	}
	canonical, err := json.Marshal(struct {
		Setting graph.RoleSetting
		Chain   verdict.Configuration
	}{setting, configuration})
	if err != nil {
		return verdict.Configuration{}, fmt.Errorf("digest the configuration: %w", err)
	}
	digest := sha256.Sum256(canonical)
	configuration.Digest = hex.EncodeToString(digest[:])
	return configuration, nil
}

// configurationReader keeps the first error, so that the chain reads as a list of what is read.
type configurationReader struct {
	ctx   context.Context
	graph *graph.Client
	err   error
}

func (r *configurationReader) keep(err error) bool {
	if r.err == nil {
		r.err = err
	}
	return r.err == nil
}

func (r *configurationReader) contexts() []verdict.Context {
	read, err := r.graph.Contexts(r.ctx)
	contexts := []verdict.Context{}
	if r.keep(err) {
		for _, c := range read {
			contexts = append(contexts, verdict.Context{ID: c.ID, Name: c.Name, Published: c.Published})
		}
	}
	return contexts
}

// policies are those that target the context, and those on applications that can be in the way.
func (r *configurationReader) policies(contextID string) (policies, beside []verdict.Policy) {
	read, err := r.graph.Policies(r.ctx)
	policies = []verdict.Policy{}
	if !r.keep(err) {
		return policies, nil
	}
	for _, p := range read {
		switch {
		case contextID != "" && p.Targets(contextID):
			policies = append(policies, policyOf(p))
		case Hinders(p):
			beside = append(beside, policyOf(p))
		}
	}
	return policies, beside
}

// Hinders reports whether a policy on applications is on and asks every time or names a device: it can be
// in the way of a proof, and is in verdict.Configuration.Beside.
func Hinders(p graph.Policy) bool {
	everyTime := p.Frequency != nil && p.Frequency.Enabled && p.Frequency.Interval == graph.FrequencyEveryTime
	device := slices.Contains(p.Grants, "compliantDevice") || slices.Contains(p.Grants, "domainJoinedDevice")
	return p.State == graph.PolicyEnabled && len(p.IncludeApplications) > 0 && (everyTime || device)
}

func policyOf(p graph.Policy) verdict.Policy {
	policy := verdict.Policy{
		ID: p.ID, Name: p.Name, State: p.State, Contexts: p.Contexts, Applications: p.IncludeApplications,
		IncludeUsers: p.IncludeUsers, ExcludeUsers: p.ExcludeUsers,
		IncludeGroups: p.IncludeGroups, ExcludeGroups: p.ExcludeGroups,
		IncludeRoles: p.IncludeRoles, ExcludeRoles: p.ExcludeRoles,
		ClientAppTypes: p.ClientAppTypes, IncludePlatforms: p.IncludePlatforms, ExcludePlatforms: p.ExcludePlatforms,
		IncludeLocations: p.IncludeLocations, ExcludeLocations: p.ExcludeLocations,
		UserRisk: p.UserRisk, SignInRisk: p.SignInRisk,
		GrantOperator: p.GrantOperator, Grants: p.Grants, Strength: p.Strength,
	}
	if p.DeviceFilter != "" {
		policy.DeviceFilter = p.DeviceFilterMode + ": " + p.DeviceFilter
	}
	if f := p.Frequency; f != nil {
		policy.Frequency = &verdict.Frequency{
			Enabled: f.Enabled, Interval: f.Interval, Type: f.Type, Value: f.Value, AuthenticationType: f.AuthenticationType,
		}
	}
	return policy
}

// principals are the users who may activate the role, those of eligible groups too.
func (r *configurationReader) principals(role verdict.Role) []verdict.Principal {
	principals := []verdict.Principal{}
	eligible, err := r.graph.EligibleUsers(r.ctx, role.DefinitionID)
	if r.keep(err) {
		for _, u := range eligible {
			principals = append(principals, verdict.Principal{
				ID: u.ID, Name: u.Name, Via: u.Via, Scope: u.Scope, Groups: u.Groups, Roles: u.Roles,
			})
		}
	}
	return principals
}

// groups are the groups that policies name, with what a cause says about them.
func (r *configurationReader) groups(policies []verdict.Policy, adminID string, mine []string) []verdict.Group {
	var ids []string
	for _, policy := range policies {
		ids = append(append(ids, policy.IncludeGroups...), policy.ExcludeGroups...)
	}
	slices.Sort(ids)
	var groups []verdict.Group
	for _, id := range slices.Compact(ids) {
		group := verdict.Group{ID: id}
		if read, err := r.graph.Group(r.ctx, id); graph.IsNotFound(err) {
			groups = append(groups, group) // deleted, and the policy names it still
			continue
		} else if !r.keep(err) {
			return nil
		} else {
			group.Name = read.DisplayName
		}
		direct, err := r.graph.Members(r.ctx, id)
		r.keep(err)
		if group.AdminDirect = holds(direct, adminID); !group.AdminDirect && slices.Contains(mine, id) {
			group.AdminPath = r.nested(direct, adminID, mine)
		}
		all, err := r.graph.TransitiveMembers(r.ctx, id)
		r.keep(err)
		for _, member := range all {
			if member.Type == "user" {
				group.Users++
			}
		}
		groups = append(groups, group)
	}
	return groups
}
