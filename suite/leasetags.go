package suite

import (
	"regexp"
	"strings"

	messages "github.com/cucumber/messages/go/v21"

	"github.com/reprompt/reprompt/fixtures"
	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/lease"
)

// leaseTag begins a tag by which a scenario says beforehand what it is going to need of a tenant that others
// work on, too: it then begins when all of that is free, and never waits in the middle.
const leaseTag = "@lease:"

// adminTag says that a scenario keeps its test admin until it was undone, because sentences or hooks of somebody's
// own use the account behind the proof.
const adminTag = leaseTag + "admin"

var roleDefinition = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// leasesIn are the leases that tags name. The error is a *RequirementError.
func leasesIn(tags []string) ([]lease.Thing, error) {
	var things []lease.Thing
	for _, tag := range tags {
		rest, ok := strings.CutPrefix(tag, leaseTag)
		if !ok || tag == adminTag {
			continue
		}
		kind, id, _ := strings.Cut(rest, ":")
		switch id = strings.ToLower(id); {
		case kind == "role" && roleDefinition.MatchString(id):
			things = append(things, lease.Thing{Kind: fixtures.KindRole, ID: id})
		case kind == "context" && graph.ValidContextID(id):
			things = append(things, lease.Thing{Kind: fixtures.KindContext, ID: id})
		default:
			return nil, requiredf("the tag %s names no lease: write @lease:role:ID with the id of a role definition, @lease:context:c1 to c99, or @lease:admin", tag)
		}
	}
	return things, nil
}

// checkLeases finds a tag that names no lease before anything is opened.
func (s selection) checkLeases() error {
	for _, f := range s.features {
		for _, pickle := range f.pickles {
			if err := checkLeasesOf(f.name, pickle); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkLeasesOf(file string, pickle *messages.Pickle) error {
	if _, err := leasesIn(tagsOf(pickle)); err != nil {
		return requiredf("%s, %q: %w", file, pickle.Name, err)
	}
	return nil
}
