package activation

import (
	"errors"
	"fmt"
	"strings"

	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/verdict"
)

// permissions are the least application permissions for what a proof reads, by a word of the
// operation's name, the narrower word first. Documented in the permissions reference of Graph.
var permissions = []struct{ of, permission string }{
	{"conditional access", "Policy.Read.All"},
	{"authentication context", "Policy.Read.All"},
	{"authentication strength", "Policy.Read.All"},
	{"role setting", "RoleManagement.Read.All"},
	{"group eligibilities", "PrivilegedEligibilitySchedule.Read.AzureADGroup"},
	{"eligibilities", "RoleEligibilitySchedule.Read.Directory"},
	{"assignments", "RoleAssignmentSchedule.Read.Directory"},
	{"", "Directory.Read.All"}, // accounts, groups, memberships
}

// permitted makes of a read that Graph forbids a tenant that is not ready, and names the permission
// that the reader lacks. Every other error, and none, it returns as it is.
func permitted(err error) error {
	var refusal *graph.Error
	if !graph.IsForbidden(err) || !errors.As(err, &refusal) {
		return err
	}
	for _, p := range permissions {
		if strings.Contains(refusal.Op, p.of) {
			return &NotReadyError{verdict.TenantNotReady, fmt.Sprintf(
				"the reader may not %s (HTTP %d %s): give its app registration the application permission %s of Microsoft Graph, with admin consent, and try again",
				refusal.Op, refusal.Status, refusal.Code, p.permission)}
		}
	}
	return err
}
