// The operations of the Graph subset, in an order in which each finds what it needs.
//
// A row is { op, model, ids, query, body, keep, by, empty }: op as the schema spells it; model
// the type of the answer in @microsoft/msgraph-sdk, none for an empty answer; ids what stands
// for the variables of the path; body what is sent; keep what later rows need of the answer;
// by "admin" where it is the signed-in user's; empty where the list may be.

const directoryReaders = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"; // a role that can do no harm
const contextRule = "AuthenticationContext_EndUser_Assignment";
const freeContext = "c8"; // the sample tenant does not use it
const ofDirectoryRoles = "?$filter=scopeId eq '/' and scopeType eq 'DirectoryRole'";

// everything is what is made, read, changed and deleted at one path.
function everything(path, model, { make, change, id = (c) => c.made[path] }) {
  const ids = (c) => ({ id: id(c) });
  return [
    { op: `POST ${path}`, model, body: make, keep: (c, made) => { c.made[path] = made.id; } },
    { op: `GET ${path}`, model: `${model}CollectionResponse` },
    { op: `PATCH ${path}/{id}`, ids, body: change, model: undefined },
    { op: `GET ${path}/{id}`, ids, model },
    { op: `DELETE ${path}/{id}`, ids },
  ];
}

const policy = {
  displayName: "of a JavaScript client", state: "disabled",
  conditions: { clientAppTypes: ["all"], applications: { includeAuthenticationContextClassReferences: ["c1"] }, users: { includeUsers: ["None"] } },
  sessionControls: { signInFrequency: { isEnabled: true, authenticationType: "primaryAndSecondaryAuthentication", frequencyInterval: "everyTime" } },
};
const location = (displayName) => ({ "@odata.type": "#microsoft.graph.ipNamedLocation", displayName, isTrusted: false, ipRanges: [{ "@odata.type": "#microsoft.graph.iPv4CidrRange", cidrAddress: "192.0.2.0/24" }] });

const conditionalAccess = [
  ...everything("/identity/conditionalAccess/policies", "ConditionalAccessPolicy", { make: () => policy, change: () => ({ displayName: "renamed" }) }),
  ...everything("/identity/conditionalAccess/namedLocations", "NamedLocation", { make: () => location("office"), change: () => location("another office") }),
  ...everything("/identity/conditionalAccess/authenticationContextClassReferences", "AuthenticationContextClassReference", {
    make: () => ({ id: freeContext, displayName: "free", description: "of a JavaScript client", isAvailable: false }), change: () => ({ displayName: "renamed" }),
  }),
  ...everything("/policies/authenticationStrengthPolicies", "AuthenticationStrengthPolicy", {
    make: () => ({ displayName: "strong", allowedCombinations: ["fido2"] }), change: () => ({ displayName: "stronger" }),
  }),
];

const methods = "/users/{id}/authentication";
const ofUser = (c) => ({ id: c.user });

const directory = [
  {
    op: "POST /users", model: "User", keep: (c, user) => { c.user = user.id; },
    body: (c) => ({ accountEnabled: true, displayName: "Kit Client", mailNickname: c.unique, userPrincipalName: `${c.unique}@${c.domain}`, passwordProfile: { password: "One-of-a-kind-9!" } }),
  },
  { op: "GET /users", model: "UserCollectionResponse" },
  { op: "GET /users/{id}", ids: ofUser, model: "User" },
  { op: "GET /me", by: "admin", model: "User" },
  { op: "POST /groups", model: "Group", keep: (c, group) => { c.group = group.id; }, body: (c) => ({ displayName: c.unique, mailNickname: c.unique, mailEnabled: false, securityEnabled: true }) },
  { op: "GET /groups", model: "GroupCollectionResponse" },
  { op: "GET /groups/{id}", ids: (c) => ({ id: c.group }), model: "Group" },
  { op: "GET /organization", model: "OrganizationCollectionResponse" },
  { op: "GET /directoryRoles", model: "DirectoryRoleCollectionResponse" },
  { op: `GET ${methods}/methods`, ids: ofUser, model: "AuthenticationMethodCollectionResponse" },
  { op: `POST ${methods}/temporaryAccessPassMethods`, ids: ofUser, model: "TemporaryAccessPassAuthenticationMethod", body: () => ({ lifetimeInMinutes: 30, isUsableOnce: true }), keep: (c, pass) => { c.pass = pass.id; } },
  { op: `GET ${methods}/temporaryAccessPassMethods`, ids: ofUser, model: "TemporaryAccessPassAuthenticationMethodCollectionResponse" },
  { op: `DELETE ${methods}/temporaryAccessPassMethods/{mid}`, ids: (c) => ({ id: c.user, mid: c.pass }) },
];

const roleManagement = "/roleManagement/directory";

// scheduled is one kind of PIM for directory roles: requests, schedules and instances.
function scheduled(kind, empty) {
  const at = (part) => `${roleManagement}/role${kind}${part}`;
  const type = `UnifiedRole${kind}`;
  const kept = (part) => ({
    keep: (c, list) => { c.made[at(part)] = list.value[0].id; },
    ids: (c) => ({ id: c.made[at(part)] }),
  });
  const requests = kept("ScheduleRequests");
  return [
    {
      op: `POST ${at("ScheduleRequests")}`, model: `${type}ScheduleRequest`, keep: (c, made) => { c.made[at("ScheduleRequests")] = made.id; },
      body: (c) => ({
        action: "adminAssign", principalId: c.user, roleDefinitionId: directoryReaders, directoryScopeId: "/", justification: "clients",
        scheduleInfo: { startDateTime: c.soon, expiration: { type: "afterDuration", duration: "PT2H" } },
      }),
    },
    { op: `GET ${at("ScheduleRequests")}`, model: `${type}ScheduleRequestCollectionResponse` },
    { op: `GET ${at("ScheduleRequests")}/{id}`, ids: requests.ids, model: `${type}ScheduleRequest` },
    { op: `POST ${at("ScheduleRequests")}/{id}/cancel`, ids: requests.ids },
    ...["Schedule", "ScheduleInstance"].flatMap((part) => [
      { op: `GET ${at(part)}s`, model: `${type}${part}CollectionResponse`, keep: kept(part).keep },
      { op: `GET ${at(part)}s/{id}`, ids: kept(part).ids, model: `${type}${part}` },
      { op: `GET ${at(part)}s/filterByCurrentUser(on='{on}')`, ids: () => ({ on: "principal" }), by: "admin", model: `${type}${part}CollectionResponse`, empty },
    ]),
  ];
}

const firstOf = (name) => ({ keep: (c, list) => { c.made[name] = list.value[0].id; }, ids: (c) => ({ id: c.made[name] }) });
const [assignment, setting, settingOf, signIn, audit] = ["assignment", "setting", "settingOf", "signIn", "audit"].map(firstOf);
const settings = "/policies/roleManagementPolicies";
const ofRule = (c) => ({ ...setting.ids(c), ruleId: contextRule });

const roles = [
  { op: `GET ${roleManagement}/roleDefinitions`, model: "UnifiedRoleDefinitionCollectionResponse" },
  { op: `GET ${roleManagement}/roleDefinitions/{id}`, ids: () => ({ id: directoryReaders }), model: "UnifiedRoleDefinition" },
  { op: `GET ${roleManagement}/roleAssignments`, model: "UnifiedRoleAssignmentCollectionResponse", keep: assignment.keep },
  { op: `GET ${roleManagement}/roleAssignments/{id}`, ids: assignment.ids, model: "UnifiedRoleAssignment" },
  ...scheduled("Assignment", true), // the admin of the sample is eligible for a role and has none
  ...scheduled("Eligibility", false),
  { op: `GET ${settings}`, query: ofDirectoryRoles, model: "UnifiedRoleManagementPolicyCollectionResponse", keep: setting.keep },
  { op: `GET ${settings}/{id}`, ids: setting.ids, model: "UnifiedRoleManagementPolicy" },
  { op: `GET ${settings}/{id}/rules`, ids: setting.ids, model: "UnifiedRoleManagementPolicyRuleCollectionResponse" },
  { op: `GET ${settings}/{id}/rules/{ruleId}`, ids: ofRule, model: "UnifiedRoleManagementPolicyRule" },
  { op: `PATCH ${settings}/{id}/rules/{ruleId}`, ids: ofRule, body: () => ({ "@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyAuthenticationContextRule", id: contextRule, isEnabled: false, claimValue: "" }) },
  { op: "GET /policies/roleManagementPolicyAssignments", query: ofDirectoryRoles, model: "UnifiedRoleManagementPolicyAssignmentCollectionResponse", keep: settingOf.keep },
  { op: "GET /policies/roleManagementPolicyAssignments/{id}", ids: settingOf.ids, model: "UnifiedRoleManagementPolicyAssignment" },
];

const logs = [
  { op: "GET /auditLogs/signIns", model: "SignInCollectionResponse", keep: signIn.keep },
  { op: "GET /auditLogs/signIns/{id}", ids: signIn.ids, model: "SignIn" },
  { op: "GET /auditLogs/directoryAudits", model: "DirectoryAuditCollectionResponse", keep: audit.keep },
  { op: "GET /auditLogs/directoryAudits/{id}", ids: audit.ids, model: "DirectoryAudit" },
];

export const operations = [...conditionalAccess, ...directory, ...roles, ...logs];
