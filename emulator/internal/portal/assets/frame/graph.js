// The assignments of the signed-in user through Microsoft Graph v1.0: directory roles, and groups.
//
// Both objects here and the one in mspim.js have the same methods:
//   list("eligible" | "active" | "expired") -> [{key, name, scope, membership, endTime, activated, ids}]
//   setting(assignment) -> {maximumHours, context, mfa, justification, ticket}
//   activate(assignment, {start, duration, reason, ticketNumber, ticketSystem}) -> status
//   deactivate(assignment, {reason})

import { hours } from "/assets/durations.js";

const mine = "filterByCurrentUser(on='principal')";

// Every page of a collection.
async function all(api, path) {
  const answer = await api.get(path);
  const next = answer["@odata.nextLink"];
  return next ? [...answer.value, ...(await all(api, new URL(next).pathname.replace(/^\/v1\.0/, "") + new URL(next).search))] : answer.value;
}

/** Directory roles. */
export function directoryRoles(api, { account, directoryName }) {
  const root = "/roleManagement/directory";
  const scopeName = (item) => (item.directoryScopeId === "/" ? directoryName : item.directoryScope?.displayName ?? item.directoryScopeId);
  const shape = (item) => ({
    key: `${item.roleDefinitionId} ${item.directoryScopeId}`,
    name: item.roleDefinition?.displayName ?? item.roleDefinitionId,
    scope: scopeName(item),
    membership: item.memberType ?? "Direct",
    endTime: item.endDateTime ?? null,
    activated: item.assignmentType?.toLowerCase() === "activated",
    ids: { roleDefinitionId: item.roleDefinitionId, directoryScopeId: item.directoryScopeId },
  });
  const instances = async (kind) => (await all(api, `${root}/${kind}ScheduleInstances/${mine}?$expand=roleDefinition`)).map(shape);
  const past = async () => finished(await all(api, `${root}/roleAssignmentScheduleRequests/${mine}?$expand=roleDefinition`), await instances("roleAssignment"), shape);
  return {
    list: (which) => ({ eligible: () => instances("roleEligibility"), active: () => instances("roleAssignment"), expired: past })[which](),
    setting: ({ ids }) => readSetting(api, "/", "DirectoryRole", ids.roleDefinitionId),
    activate: async ({ ids }, form) => (await api.post(`${root}/roleAssignmentScheduleRequests`, { ...selfActivation(account, form), ...ids })).status,
    deactivate: ({ ids }, { reason }) =>
      api.post(`${root}/roleAssignmentScheduleRequests`, { action: "selfDeactivate", principalId: account.oid, justification: reason, ...ids }),
  };
}

/** PIM for Groups: membership and ownership of groups. */
export function groups(api, { account, directoryName }) {
  const root = "/identityGovernance/privilegedAccess/group";
  const accessName = { member: "Member", owner: "Owner" };
  const shape = (item) => ({
    key: `${item.groupId} ${item.accessId}`,
    name: `${item.group?.displayName ?? item.groupId} (${accessName[item.accessId] ?? item.accessId})`,
    scope: directoryName,
    membership: item.memberType?.toLowerCase() === "group" ? "Group" : "Direct",
    endTime: item.endDateTime ?? null,
    activated: item.assignmentType?.toLowerCase() === "activated",
    ids: { groupId: item.groupId, accessId: item.accessId },
  });
  const instances = async (kind) => (await all(api, `${root}/${kind}ScheduleInstances/${mine}?$expand=group`)).map(shape);
  const past = async () => finished(await all(api, `${root}/assignmentScheduleRequests/${mine}?$expand=group`), await instances("assignment"), shape);
  return {
    list: (which) => ({ eligible: () => instances("eligibility"), active: () => instances("assignment"), expired: past })[which](),
    setting: ({ ids }) => readSetting(api, ids.groupId, "Group", ids.accessId),
    activate: async ({ ids }, form) => (await api.post(`${root}/assignmentScheduleRequests`, { ...selfActivation(account, form), ...ids })).status,
    deactivate: ({ ids }, { reason }) =>
      api.post(`${root}/assignmentScheduleRequests`, { action: "selfDeactivate", principalId: account.oid, justification: reason, ...ids }),
  };
}

// Activations of the past whose assignment is no longer there, the latest per assignment.
function finished(requests, active, shape) {
  const running = new Set(active.map(({ key }) => key));
  const latest = new Map();
  for (const request of requests) {
    if (request.action !== "selfActivate" || !["Provisioned", "Revoked"].includes(request.status)) continue;
    const item = { ...shape(request), endTime: endOf(request) };
    if (!running.has(item.key) && !(latest.get(item.key)?.endTime > item.endTime)) latest.set(item.key, item);
  }
  return [...latest.values()];
}

function endOf({ createdDateTime, scheduleInfo }) {
  const start = Date.parse(scheduleInfo?.startDateTime ?? createdDateTime);
  return new Date(start + hours(scheduleInfo?.expiration?.duration) * 3600_000).toISOString();
}

function selfActivation(account, { start, duration, reason, ticketNumber, ticketSystem }) {
  const ticket = ticketNumber || ticketSystem ? { ticketInfo: { ticketNumber, ticketSystem } } : {};
  return {
    action: "selfActivate",
    principalId: account.oid,
    justification: reason,
    scheduleInfo: { startDateTime: start, expiration: { type: "AfterDuration", duration } },
    ...ticket,
  };
}

async function readSetting(api, scopeId, scopeType, roleDefinitionId) {
  const filter = `scopeId eq '${scopeId}' and scopeType eq '${scopeType}' and roleDefinitionId eq '${roleDefinitionId}'`;
  const { value } = await api.get(`/policies/roleManagementPolicyAssignments?$filter=${encodeURIComponent(filter)}&$expand=policy($expand=rules)`);
  const rules = new Map((value[0]?.policy?.rules ?? []).map((rule) => [rule.id, rule]));
  const enabled = rules.get("Enablement_EndUser_Assignment")?.enabledRules ?? [];
  const context = rules.get("AuthenticationContext_EndUser_Assignment");
  return {
    maximumHours: hours(rules.get("Expiration_EndUser_Assignment")?.maximumDuration) || 8,
    context: context?.isEnabled ? context.claimValue : null,
    mfa: enabled.includes("MultiFactorAuthentication"),
    justification: enabled.includes("Justification"),
    ticket: enabled.includes("Ticketing"),
  };
}
