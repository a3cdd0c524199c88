package watch

import "slices"

// Role is one directory role of the tenant.
type Role struct {
	ID      string // of its definition
	Context string // the authentication context that its setting names; empty: none
	// Watched is true for a role that is to be proved: one that names a context, one that was proved
	// before, or one that the user named.
	Watched bool
}

// Touched returns the ids of the watched roles whose proof a change can have made untrue, in the order of
// roles. It errs on the side of proving too much: what cannot be narrowed down touches every role.
//
//	policy      the roles of the contexts that it named before or after; all, where it names none or is unknown
//	context     the roles of that context
//	setting     the role itself; all, where the tenant has no such role
//	assignment  the role itself; all, where the tenant has no such role
//	tenant      all
func Touched(changes []Change, roles []Role) []string {
	var ids []string
	for _, role := range roles {
		if role.Watched && slices.ContainsFunc(changes, func(c Change) bool { return c.touches(role, roles) }) {
			ids = append(ids, role.ID)
		}
	}
	return ids
}

func (c Change) touches(role Role, roles []Role) bool {
	switch c.Kind {
	case OfPolicy:
		return !c.Known || len(c.Contexts) == 0 || role.Context != "" && slices.Contains(c.Contexts, role.Context)
	case OfContext:
		return len(c.Objects) == 0 || role.Context != "" && slices.Contains(c.Objects, role.Context)
	case OfSetting, OfAssignment:
		return slices.Contains(c.Objects, role.ID) || !c.namesARole(roles)
	}
	return true
}

// namesARole reports whether one of the objects is a role of the tenant.
func (c Change) namesARole(roles []Role) bool {
	return slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(c.Objects, r.ID) })
}
