package watch

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/reprompt/reprompt/graph"
)

// Kind is what a change changed.
type Kind string

// The kinds.
const (
	OfPolicy     Kind = "policy"     // a policy of Conditional Access
	OfContext    Kind = "context"    // an authentication context
	OfSetting    Kind = "setting"    // what PIM asks of whoever activates a role
	OfAssignment Kind = "assignment" // who may activate a role, or has it
	OfTenant     Kind = "tenant"     // something that policies refer to
)

// Change is a change of configuration that can touch a proof.
type Change struct {
	ID       string    `json:"id"` // of the row of the log
	At       time.Time `json:"at"`
	Kind     Kind      `json:"kind"`
	Activity string    `json:"activity"`
	// Objects are the ids of what was changed: a role for a setting or an assignment, a context.
	Objects []string `json:"objects,omitempty"`
	Name    string   `json:"name,omitempty"` // of what was changed, for people
	// Contexts are those that a policy named before or after. Known is false where that could not be read.
	Contexts []string `json:"contexts,omitempty"`
	Known    bool     `json:"known,omitempty"`
	By       string   `json:"by,omitempty"` // who did it
}

// String says it for people.
func (c Change) String() string {
	text := c.Activity
	if c.Name != "" {
		text += fmt.Sprintf(" %q", c.Name)
	}
	if c.By != "" {
		text += " by " + c.By
	}
	return text + " at " + c.At.UTC().Format(time.RFC3339)
}

// activities are those that can touch a proof (documented: the reference of audit activities). Requests
// that were only made are not among them, nor is any activation: it changes no configuration, and our own
// proofs are activations.
var activities = map[string]Kind{
	"Add Conditional Access policy":    OfPolicy,
	"Update Conditional Access policy": OfPolicy,
	"Delete Conditional Access policy": OfPolicy,

	"Add AuthenticationContextClassReference":    OfContext,
	"Update AuthenticationContextClassReference": OfContext,
	"Delete AuthenticationContextClassReference": OfContext,

	"Update role setting in PIM": OfSetting,
	"PIM policy removed":         OfSetting,

	"Add eligible member to role in PIM completed (permanent)":      OfAssignment,
	"Add eligible member to role in PIM completed (timebound)":      OfAssignment,
	"Remove eligible member from role in PIM completed (permanent)": OfAssignment,
	"Remove eligible member from role in PIM completed (timebound)": OfAssignment,
	"Add member to role in PIM completed (permanent)":               OfAssignment,
	"Add member to role in PIM completed (timebound)":               OfAssignment,
	"Remove member from role in PIM completed (permanent)":          OfAssignment,
	"Remove member from role in PIM completed (timebound)":          OfAssignment,
	"Restore eligible member from role in PIM completed":            OfAssignment,
	"Restore member from role in PIM completed":                     OfAssignment,
	"Add member to role outside of PIM (permanent)":                 OfAssignment,

	"Add named location":    OfTenant,
	"Update named location": OfTenant,
	"Delete named location": OfTenant,

	"Update security defaults":              OfTenant,
	"Update continuous access evaluation":   OfTenant,
	"Authentication Strength Policy Create": OfTenant,
	"Authentication Strength Policy Update": OfTenant,
	"Authentication Strength Policy Delete": OfTenant,

	"Authentication Strength Combination Configuration Create": OfTenant,
	"Authentication Strength Combination Configuration Update": OfTenant,
	"Authentication Strength Combination Configuration Delete": OfTenant,
}

// Queries are what has to be asked of the log to see every activity: its filters know "equals" on one
// property at a time everywhere (documented), so strengths, whose category holds every application, are
// asked for one by one.
func Queries(since time.Time) []graph.LogQuery {
	queries := []graph.LogQuery{{Since: since, Category: "Policy"}, {Since: since, Category: "RoleManagement"}}
	var strengths []string
	for name := range activities {
		if strings.HasPrefix(name, "Authentication Strength") {
			strengths = append(strengths, name)
		}
	}
	slices.Sort(strengths)
	for _, name := range strengths {
		queries = append(queries, graph.LogQuery{Since: since, Activity: name})
	}
	return queries
}

// ChangeOf reads a row of the log; false for one that can touch no proof. Groups have the same names in a
// category of their own (documented), and are no directory roles.
func ChangeOf(row graph.AuditRow) (Change, bool) {
	kind, ok := activities[strings.TrimSpace(row.Activity)]
	if !ok || strings.EqualFold(row.Result, "failure") || row.Category == "GroupManagement" || row.Category == "ResourceManagement" {
		return Change{}, false
	}
	c := Change{ID: row.ID, At: row.At.UTC(), Kind: kind, Activity: row.Activity, By: initiator(row)}
	switch kind {
	case OfPolicy:
		c.Name, c.Contexts, c.Known = policyIn(row)
	case OfSetting, OfAssignment:
		c.target(row, "Role")
	default:
		c.target(row, "")
	}
	return c, true
}

// target takes the ids and the name of the targets of a type; of all where none is given.
func (c *Change) target(row graph.AuditRow, kind string) {
	for _, t := range row.Targets {
		if kind != "" && !strings.EqualFold(t.Type, kind) {
			continue
		}
		if t.ID != "" {
			c.Objects = append(c.Objects, t.ID)
		}
		if c.Name == "" {
			c.Name = t.Name
		}
	}
}

func initiator(row graph.AuditRow) string {
	if upn := row.Initiator.User.UPN; upn != "" {
		return upn
	}
	return row.Initiator.App.Name
}

// policyIn reads the contexts that a policy named before or after: the row has the old and the new policy
// whole, as JSON (observed). known is false where neither can be read.
func policyIn(row graph.AuditRow) (name string, contexts []string, known bool) {
	for _, target := range row.Targets {
		if name == "" {
			name = target.Name
		}
		for _, property := range target.Modified {
			for _, text := range []string{property.Old, property.New} {
				named, ok := contextsIn(text)
				known = known || ok
				contexts = append(contexts, named...)
			}
		}
	}
	slices.Sort(contexts)
	return name, slices.Compact(contexts), known
}

// contextsIn reads one policy; ok is false for a text that is none. Go takes the names of members in
// either case, which the log does not promise.
func contextsIn(text string) (contexts []string, ok bool) {
	var policy struct {
		Conditions *struct {
			Applications struct {
				Contexts []string `json:"includeAuthenticationContextClassReferences"`
			} `json:"applications"`
		} `json:"conditions"`
	}
	if json.Unmarshal([]byte(text), &policy) != nil || policy.Conditions == nil {
		return nil, false
	}
	return policy.Conditions.Applications.Contexts, true
}
