package steps

import (
	"context"
	"fmt"

	"github.com/reprompt/reprompt/fixtures"
)

func registerCoverage(sc sentences) {
	sc.Given(`^a Conditional Access policy on the context that asks (everyone|everyone but another user|another user|the role itself|an empty group|a group without the test admin|a group of the test admin|a group around a group of the test admin|a group inside a group of the test admin) for sign-in every time$`, policyCovering)
	sc.Given(`^a Conditional Access policy on the context that asks for sign-in every time but excludes (the test admin|a group of the test admin|a group around a group of the test admin|a role of the test admin|another user)$`, policyExcluding)
}

// policyCovering makes the policy that asks for sign-in every time, for others than the test admin
// alone. "A group around a group" has the admin's group as its member; "a group inside a group"
// is a member of the admin's group and does not have the admin. "The role itself" covers whoever
// has the role active at that moment.
//
// Example: Given a Conditional Access policy on the context that asks a group of the test admin for sign-in every time
func policyCovering(ctx context.Context, whom string) error {
	s := of(ctx)
	if _, err := s.needContext(); err != nil {
		return err
	}
	options := fixtures.PolicyOptions{
		Name: whom + ", every time", Frequency: fixtures.EveryTime(), Grant: fixtures.Grant{MFA: true},
	}
	var err error
	switch whom {
	case "everyone":
		options.Everyone = true
	case "everyone but another user":
		options.Everyone = true
		options.ExcludeUsers, err = s.anotherUser(ctx)
	case "another user":
		options.Users, err = s.anotherUser(ctx)
	case "the role itself":
		options.Roles = []string{s.role.DefinitionID}
		_, err = s.needRole()
	default:
		options.Groups, err = s.group(ctx, whom)
	}
	if err != nil {
		return err
	}
	return s.makePolicy(ctx, options)
}

// directoryReaders is the template id of a harmless built-in role (documented).
const directoryReaders = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"

// policyExcluding makes the policy that asks for sign-in every time and covers the test admin, and
// excludes somebody again. "A role of the test admin" is Directory Readers, active for the admin.
//
// Example: Given a Conditional Access policy on the context that asks for sign-in every time but excludes the test admin
func policyExcluding(ctx context.Context, whom string) error {
	s := of(ctx)
	if _, err := s.needContext(); err != nil {
		return err
	}
	f := s.tenant.Fixtures()
	options := fixtures.PolicyOptions{
		Name: "every time, without " + whom, Users: []string{f.AdminID}, Frequency: fixtures.EveryTime(), Grant: fixtures.Grant{MFA: true},
	}
	var err error
	switch whom {
	case "the test admin":
		options.ExcludeUsers = []string{f.AdminID}
	case "another user":
		options.ExcludeUsers, err = s.anotherUser(ctx)
	case "a role of the test admin":
		options.ExcludeRoles = []string{directoryReaders}
		err = f.AssignStanding(ctx, fixtures.Holder{Role: directoryReaders})
	default:
		options.ExcludeGroups, err = s.group(ctx, whom)
	}
	if err != nil {
		return fmt.Errorf("exclude %s: %w", whom, err)
	}
	return s.makePolicy(ctx, options)
}

func (s *scenario) anotherUser(ctx context.Context) ([]string, error) {
	user, err := s.tenant.Fixtures().CreateUser(ctx, fixtures.UserOptions{Name: "somebody else"})
	if err != nil {
		return nil, fmt.Errorf("make another user: %w", err)
	}
	return []string{user.ID}, nil
}

// group makes the group that a sentence describes, and returns the one that a policy names.
func (s *scenario) group(ctx context.Context, description string) ([]string, error) {
	f := s.tenant.Fixtures()
	admin := []string{f.AdminID}
	switch description {
	case "an empty group":
		return s.groups(ctx, "empty", nil)
	case "a group of the test admin":
		return s.groups(ctx, "admins", admin)
	case "a group without the test admin":
		other, err := s.anotherUser(ctx)
		if err != nil {
			return nil, err
		}
		return s.groups(ctx, "others", other)
	case "a group around a group of the test admin":
		inner, err := s.groups(ctx, "admins", admin)
		if err != nil {
			return nil, err
		}
		return s.groups(ctx, "around", inner)
	case "a group inside a group of the test admin":
		inner, err := s.groups(ctx, "inside", nil)
		if err != nil {
			return nil, err
		}
		_, err = s.groups(ctx, "admins", append(admin, inner...))
		return inner, err
	}
	return nil, fmt.Errorf("no such group: %s", description)
}

func (s *scenario) groups(ctx context.Context, name string, members []string) ([]string, error) {
	made, err := s.tenant.Fixtures().CreateGroup(ctx, fixtures.GroupOptions{Name: name, Members: members})
	if err != nil {
		return nil, fmt.Errorf("make the group %q: %w", name, err)
	}
	return []string{made.ID}, nil
}
