package planner

import "slices"

// assign gives each role one of the admins who are eligible for it, so that the busiest has as few as can
// be. A role without one goes to the first admin: the proof itself says that nobody is eligible.
func assign(roles []Role, admins int) []int {
	a := &assignment{roles: roles, of: make([]int, len(roles)), load: make([]int, admins)}
	order := make([]int, len(roles))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(x, y int) int { return len(roles[x].Admins) - len(roles[y].Admins) })
	for _, role := range order {
		a.give(role, a.idlest(roles[role].Admins))
	}
	for a.relieve() {
	}
	return a.of
}

// assignment is a semi-matching of roles to admins under way.
type assignment struct {
	roles []Role
	of    []int // by role, its admin
	load  []int // by admin, how many roles
}

func (a *assignment) give(role, admin int) {
	a.of[role] = admin
	a.load[admin]++
}

func (a *assignment) idlest(admins []int) int {
	if len(admins) == 0 {
		return 0
	}
	return slices.MinFunc(admins, func(x, y int) int {
		if a.load[x] != a.load[y] {
			return a.load[x] - a.load[y]
		}
		return x - y
	})
}

// relieve takes one role off a busiest admin that can be relieved, by a chain of admins of whom each takes a
// role over from the one before; false when nobody can. Without such a chain the greatest load is the least
// that there is (Harvey, Ladner, Lovász, Tamir: Semi-matchings for bipartite graphs and load balancing, 2003).
func (a *assignment) relieve() bool {
	busiest := slices.Max(a.load)
	if busiest-slices.Min(a.load) < 2 {
		return false
	}
	for admin, load := range a.load {
		if load == busiest && a.relieveFrom(admin) {
			return true
		}
	}
	return false
}

// relieveFrom looks, breadth first, for an admin with at least two roles less.
func (a *assignment) relieveFrom(start int) bool {
	through := make([]int, len(a.load)) // by admin, the role that it would take over, plus one; 0: not seen
	queue := []int{start}
	roles := a.byAdmin()
	for len(queue) > 0 {
		admin := queue[0]
		queue = queue[1:]
		for _, role := range roles[admin] {
			for _, other := range a.roles[role].Admins {
				if other == start || through[other] != 0 {
					continue
				}
				through[other] = role + 1
				if a.load[other] <= a.load[start]-2 {
					a.shift(start, other, through)
					return true
				}
				queue = append(queue, other)
			}
		}
	}
	return false
}

// shift moves roles along the chain that ends at last.
func (a *assignment) shift(start, last int, through []int) {
	for admin := last; admin != start; {
		role := through[admin] - 1
		from := a.of[role]
		a.load[from]--
		a.give(role, admin)
		admin = from
	}
}

func (a *assignment) byAdmin() [][]int {
	roles := make([][]int, len(a.load))
	for role, admin := range a.of {
		roles[admin] = append(roles[admin], role)
	}
	return roles
}
