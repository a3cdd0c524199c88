package provision

import "github.com/reprompt/reprompt/emulator/internal/store"

// broker is the redirect scheme of clients that the portal's shell redeems for (observed).
const broker = "brk-" + store.ClientPortal + "://"

// addFirstParty adds Microsoft's own clients with the scopes they are preauthorised for.
// Ids, redirects of the broker and scopes are observed in public lists; that the PIM
// client may also be redirected to the shell's page itself is inferred.
func addFirstParty(t *store.Tenant) {
	portal := firstParty(t, store.ClientPortal, "Azure Portal")
	portal.RedirectURIs = []string{
		"https://entra.microsoft.com/signin/index/", "https://portal.azure.com/signin/index/",
		"https://entra.microsoft.us/signin/index/", "https://portal.azure.us/signin/index/",
		"https://entra.microsoftonline.cn/signin/index/", "https://portal.azure.cn/signin/index/",
	}
	portal.Scopes[store.ResourceGraph] = []string{"User.Read", "Directory.Read.All", "RoleManagement.Read.Directory", "Policy.Read.All"}

	pim := firstParty(t, store.ClientPIM, "Microsoft_Azure_PIMCommon")
	pim.RedirectURIs = append([]string{broker + "entra.microsoft.com", broker + "portal.azure.com"}, portal.RedirectURIs...)
	pim.Scopes[store.ResourceGraph] = []string{
		"Directory.Read.All", "Policy.Read.ConditionalAccess", "PrivilegedAccess.ReadWrite.AzureAD",
		"PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup", "PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup",
		"RoleAssignmentSchedule.ReadWrite.Directory", "RoleEligibilitySchedule.ReadWrite.Directory",
		"RoleManagement.Read.Directory", "RoleManagementPolicy.ReadWrite.AzureADGroup",
		"RoleManagementPolicy.ReadWrite.Directory",
	}
	pim.Scopes[store.ResourcePIM] = []string{"user_impersonation"}

	// Observed: the command-line tools need consent for PIM scopes, Azure CLI can never have them.
	cli := firstParty(t, store.ClientGraphCLI, "Microsoft Graph Command Line Tools")
	cli.RedirectURIs = []string{loopback}
	cli.Scopes[store.ResourceGraph] = []string{"User.Read"}
	azure := firstParty(t, store.ClientAzureCLI, "Microsoft Azure CLI")
	azure.RedirectURIs = []string{loopback}
	azure.Scopes[store.ResourceGraph] = []string{
		"Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "AuditLog.Read.All",
		"DelegatedPermissionGrant.ReadWrite.All", "Directory.AccessAsUser.All", "Group.ReadWrite.All", "User.ReadWrite.All",
	}
}

func firstParty(t *store.Tenant, clientID, name string) *store.Application {
	app := newApp(t, clientID, name)
	app.FirstParty, app.Public, app.Fallback = true, true, true
	t.Apps.Put(clientID, app)
	return app
}
