package activation

import (
	"slices"

	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/verdict"
)

// names are the display names of the named locations, directory roles and authentication strengths in
// policies, by id, sorted by it. What is not there any more or may not be read has none: a name is for people and decides nothing.
func (r *configurationReader) names(policies []verdict.Policy) []verdict.Named {
	var locations, roles, strengths []string
	for _, p := range policies {
		locations = slices.Concat(locations, p.IncludeLocations, p.ExcludeLocations)
		roles = slices.Concat(roles, p.IncludeRoles, p.ExcludeRoles)
		if p.Strength != "" {
			strengths = append(strengths, p.Strength)
		}
	}
	names := slices.Concat(r.locationNames(locations), r.roleNames(roles), r.strengthNames(strengths))
	slices.SortFunc(names, verdict.Named.Compare)
	return slices.Compact(names)
}

// locationNames reads them only where a policy names one that is not built in.
func (r *configurationReader) locationNames(ids []string) []verdict.Named {
	if !slices.ContainsFunc(ids, func(id string) bool { return id != "All" && id != "AllTrusted" }) {
		return nil
	}
	all, err := r.graph.Locations(r.ctx)
	if unreadable(err) || !r.keep(err) {
		return nil
	}
	var names []verdict.Named
	for _, l := range all {
		if slices.Contains(ids, l.ID) {
			names = append(names, verdict.Named{ID: l.ID, Name: l.Name})
		}
	}
	return names
}

func (r *configurationReader) roleNames(ids []string) []verdict.Named {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	var names []verdict.Named
	for _, id := range slices.Compact(ids) {
		if id == "All" || id == "None" {
			continue
		}
		role, err := r.graph.RoleDefinition(r.ctx, id)
		if unreadable(err) {
			continue
		}
		if !r.keep(err) {
			return nil
		}
		names = append(names, verdict.Named{ID: id, Name: role.DisplayName})
	}
	return names
}

func (r *configurationReader) strengthNames(ids []string) []verdict.Named {
	if len(ids) == 0 {
		return nil
	}
	all, err := r.graph.Strengths(r.ctx)
	if unreadable(err) || !r.keep(err) {
		return nil
	}
	var names []verdict.Named
	for _, s := range all {
		if slices.Contains(ids, s.ID) {
			names = append(names, verdict.Named{ID: s.ID, Name: s.Name})
		}
	}
	return names
}

// nested is the shortest path of groups from below a group, of which direct are the members, down to
// the one that the admin is directly in; nil when there is none. mine are all groups of the admin.
func (r *configurationReader) nested(direct []graph.Object, adminID string, mine []string) []verdict.Named {
	type branch struct {
		members []graph.Object
		path    []verdict.Named
	}
	seen := map[string]bool{}
	for queue := []branch{{members: direct}}; len(queue) > 0; queue = queue[1:] {
		for _, o := range queue[0].members {
			if o.Type != "group" || seen[o.ID] || !slices.Contains(mine, o.ID) {
				continue
			}
			seen[o.ID] = true
			path := append(slices.Clone(queue[0].path), verdict.Named{ID: o.ID, Name: o.DisplayName})
			members, err := r.graph.Members(r.ctx, o.ID)
			if !r.keep(err) {
				return nil
			}
			if holds(members, adminID) {
				return path
			}
			queue = append(queue, branch{members, path})
		}
	}
	return nil
}

func holds(members []graph.Object, id string) bool {
	return slices.ContainsFunc(members, func(o graph.Object) bool { return o.ID == id })
}
