package store

import "time"

// Template ids of the built-in roles that a test is most likely to name. Documented in the
// reference of built-in roles.
const (
	RoleGlobalAdministrator         = "62e90394-69f5-4237-9190-012177145e10"
	RolePrivilegedRoleAdministrator = "e8611ab8-c189-46e8-94e1-60213ab1f814"
	RoleApplicationAdministrator    = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"
	RoleCloudAppAdministrator       = "158c047a-c907-4556-b7ef-446551a6b5f7"
	RoleUserAdministrator           = "fe930be7-5e62-47db-91af-98c3a49a38b1"
)

// Ids of the built-in authentication strengths. Observed in exports of live tenants.
const (
	StrengthMFA               = "00000000-0000-0000-0000-000000000002"
	StrengthPasswordless      = "00000000-0000-0000-0000-000000000003"
	StrengthPhishingResistant = "00000000-0000-0000-0000-000000000004"
)

var builtInRoles = []RoleDefinition{
	{ID: RoleGlobalAdministrator, DisplayName: "Global Administrator", Description: "Can manage all aspects of Microsoft Entra ID and services that use it.", Permissions: []string{"microsoft.directory/users/allProperties/allTasks"}},
	{ID: RolePrivilegedRoleAdministrator, DisplayName: "Privileged Role Administrator", Description: "Can manage role assignments and all aspects of Privileged Identity Management.", Permissions: []string{"microsoft.directory/roleAssignments/allProperties/allTasks"}},
	{ID: RoleApplicationAdministrator, DisplayName: "Application Administrator", Description: "Can create and manage all aspects of app registrations and enterprise apps.", Permissions: []string{"microsoft.directory/applications/allProperties/update"}},
	{ID: RoleCloudAppAdministrator, DisplayName: "Cloud Application Administrator", Description: "Can manage app registrations and enterprise apps except App Proxy.", Permissions: []string{"microsoft.directory/applications/basic/update"}},
	{ID: RoleUserAdministrator, DisplayName: "User Administrator", Description: "Can manage users and groups, including resetting passwords of limited admins.", Permissions: []string{"microsoft.directory/users/basic/update"}},
	{ID: "f28a1f50-f6e7-4571-818b-6a12f2af6b6c", DisplayName: "SharePoint Administrator", Description: "Can manage the SharePoint service."},
	{ID: "29232cdf-9323-42fd-ade2-1d097af3e4de", DisplayName: "Exchange Administrator", Description: "Can manage the Exchange service."},
	{ID: "194ae4cb-b126-40b2-bd5b-6091b380977d", DisplayName: "Security Administrator", Description: "Can read security information and reports, and manage security configuration."},
	{ID: "5d6b6bb7-de71-4623-b4af-96380a352509", DisplayName: "Security Reader", Description: "Can read security information and reports."},
	{ID: "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9", DisplayName: "Conditional Access Administrator", Description: "Can manage Conditional Access capabilities."},
	{ID: "c4e39bd9-1100-46d3-8c65-fb160da0071f", DisplayName: "Authentication Administrator", Description: "Can view, set and reset authentication methods of users who are not admins."},
	{ID: "7be44c8a-adaf-4e2a-84d6-ab2649e08a13", DisplayName: "Privileged Authentication Administrator", Description: "Can view, set and reset authentication methods of any user."},
	{ID: "f2ef992c-3afb-46b9-b7cf-a126ee74c451", DisplayName: "Global Reader", Description: "Can read everything that a Global Administrator can, but not update it."},
	{ID: "729827e3-9c14-49f7-bb1b-9608f156bbb8", DisplayName: "Helpdesk Administrator", Description: "Can reset passwords of users who are not admins and of other helpdesk admins."},
	{ID: "fdd7a751-b60b-444a-984c-02652fe8fa1c", DisplayName: "Groups Administrator", Description: "Can manage groups and their settings."},
	{ID: "3a2c62db-5318-420d-8d74-23affee5d9d5", DisplayName: "Intune Administrator", Description: "Can manage the Intune service."},
	{ID: "b0f54661-2d74-4c50-afa3-1ec803f12efe", DisplayName: "Billing Administrator", Description: "Can do common billing tasks such as updating payment information."},
	{ID: "88d8e3e3-8f55-4a1e-953a-9b9898b8876b", DisplayName: "Directory Readers", Description: "Can read basic directory information."},
	{ID: "4a5d8f65-41da-4de4-8968-e035b65339cf", DisplayName: "Reports Reader", Description: "Can read sign-in and audit reports."},
	{ID: "17315797-102d-40b4-93e0-432062caca18", DisplayName: "Compliance Administrator", Description: "Can read and manage compliance configuration and reports."},
}

// builtInStrengths follow an export of a live tenant (observed).
var builtInStrengths = []Strength{
	{ID: StrengthMFA, DisplayName: "Multifactor authentication", Description: "Combinations of methods that satisfy strong authentication, such as a password + SMS", Combinations: []string{
		"windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor", "deviceBasedPush",
		"temporaryAccessPassOneTime", "temporaryAccessPassMultiUse", "password,microsoftAuthenticatorPush",
		"password,softwareOath", "password,hardwareOath", "password,sms", "password,voice", "federatedMultiFactor",
		"microsoftAuthenticatorPush,federatedSingleFactor", "softwareOath,federatedSingleFactor",
		"hardwareOath,federatedSingleFactor", "sms,federatedSingleFactor", "voice,federatedSingleFactor",
	}},
	{ID: StrengthPasswordless, DisplayName: "Passwordless MFA", Description: "Passwordless methods that satisfy strong authentication, such as Passwordless sign-in with the Microsoft Authenticator", Combinations: []string{
		"windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor", "deviceBasedPush",
	}},
	{ID: StrengthPhishingResistant, DisplayName: "Phishing-resistant MFA", Description: "Phishing-resistant, Passwordless methods for the strongest authentication, such as a FIDO2 security key", Combinations: []string{
		"windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor",
	}},
}

// addBuiltIns gives the tenant the roles and strengths that every tenant has.
func addBuiltIns(t *Tenant) {
	for _, role := range builtInRoles {
		role.TemplateID, role.BuiltIn, role.Enabled, role.Version = role.ID, true, true, "1"
		t.RoleDefs.Put(role.ID, &role)
	}
	made := time.Date(2021, 12, 1, 8, 0, 0, 0, time.UTC)
	for _, s := range builtInStrengths {
		s.BuiltIn, s.Requirements, s.CreatedAt, s.ModifiedAt = true, "mfa", made, made
		t.Strengths.Put(s.ID, &s)
	}
}
