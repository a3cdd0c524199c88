package graphapi

import (
	"net/http"
	"slices"
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// operations is the whole table, built from the tables of each subject.
func operations() []*operation {
	all := slices.Concat(
		contextOperations(), policyOperations(), strengthOperations(), locationOperations(), whatIfOperations(),
		settingOperations(), roleScheduleOperations(), groupScheduleOperations(), approvalOperations(),
		roleOperations(), userOperations(), groupOperations(), unitOperations(), methodOperations(), passkeyOperations(),
		logOperations(), organizationOperations(), applicationOperations(), principalOperations(), appRoleOperations(), methodsPolicyOperations(), consentOperations(),
	)
	for _, op := range all {
		op.segments = strings.Split(strings.Trim(op.path, "/"), "/")
		if op.versions == 0 {
			op.versions = v1
		}
	}
	return all
}

const (
	get    = http.MethodGet
	post   = http.MethodPost
	patch  = http.MethodPatch
	remove = http.MethodDelete
)

// Directory roles that the service wants of a signed-in user, beside Global
// Administrator.
var (
	policyAdmins = []string{"b1be1c3e-b65d-4f19-8427-f6fa0d97feb9", "194ae4cb-b126-40b2-bd5b-6091b380977d"} // Conditional Access, Security Administrator
	roleAdmins   = []string{store.RolePrivilegedRoleAdministrator}
	userAdmins   = []string{store.RoleUserAdministrator, store.RolePrivilegedRoleAdministrator}
	groupAdmins  = []string{"fdd7a751-b60b-444a-984c-02652fe8fa1c", store.RoleUserAdministrator, store.RolePrivilegedRoleAdministrator}
	// Authentication Administrator, Privileged Authentication Administrator.
	methodAdmins = []string{"c4e39bd9-1100-46d3-8c65-fb160da0071f", "7be44c8a-adaf-4e2a-84d6-ab2649e08a13"}
	// Reports Reader, Security Reader, Security Administrator, Global Reader.
	logReaders = []string{
		"4a5d8f65-41da-4de4-8968-e035b65339cf", "5d6b6bb7-de71-4623-b4af-96380a352509",
		"194ae4cb-b126-40b2-bd5b-6091b380977d", "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
	}
)

// permissions is a grant by the same permissions for users and applications.
func permissions(names ...string) grant { return grant{delegated: names, application: names} }

func (g grant) as(d deniedAs) grant { g.denied = d; return g }

func (g grant) role(roles []string) grant { g.roles = roles; return g }

// orOwn adds the permissions that suffice for what is the caller's own.
func (g grant) orOwn(names ...string) grant { g.own = names; return g }

// and adds permissions that are all wanted too.
func (g grant) and(names ...string) grant {
	for _, name := range names {
		g.beside = append(slices.Clone(g.beside), []string{name})
	}
	return g
}

// forApplications replaces the permissions of applications.
func (g grant) forApplications(names ...string) grant { g.application = names; return g }
