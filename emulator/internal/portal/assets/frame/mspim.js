// The directory roles of the signed-in user through the legacy PIM service. Observed of a public command-line
// client: the addresses, the filter, the request's body. Inferred: the form of the role settings.
// The methods are those of the objects in graph.js.

import { hours } from "/assets/durations.js";

const expansion = "$expand=linkedEligibleRoleAssignment,subject,scopedResource,roleDefinition($expand=resource)";

/** Directory roles. */
export function legacyDirectoryRoles(api, { account, directoryName }) {
  const where = (condition) => encodeURIComponent(`(subject/id eq '${account.oid}')${condition}`);
  const shape = (item) => ({
    key: `${item.roleDefinitionId} ${item.scopedResourceId ? `/administrativeUnits/${item.scopedResourceId}` : "/"}`,
    name: item.roleDefinition?.displayName ?? item.roleDefinitionId,
    scope: item.scopedResource?.displayName ?? directoryName,
    membership: item.memberType === "Group" ? "Group" : "Direct",
    endTime: item.endDateTime ?? null,
    activated: Boolean(item.linkedEligibleRoleAssignmentId),
    ids: { roleDefinitionId: item.roleDefinitionId, scopedResourceId: item.scopedResourceId ?? null, assignmentId: item.id },
  });
  const assignments = async (state) =>
    (await api.get(`/roleAssignments?${expansion}&$filter=${where(` and (assignmentState eq '${state}')`)}`)).value.map(shape);
  const body = ({ ids }, type, reason) => ({
    roleDefinitionId: ids.roleDefinitionId,
    resourceId: account.tid,
    subjectId: account.oid,
    assignmentState: "Active",
    type,
    reason,
    scopedResourceId: ids.scopedResourceId,
  });
  const past = async () => finished((await api.get(`/roleAssignmentRequests?${expansion}&$filter=${where("")}`)).value, await assignments("Active"), shape);
  return {
    list: (which) => ({ eligible: () => assignments("Eligible"), active: () => assignments("Active"), expired: past })[which](),
    setting: ({ ids }) => readSetting(api, account.tid, ids.roleDefinitionId),
    activate: async (assignment, form) => {
      const { status } = await api.post("/roleAssignmentRequests", {
        ...body(assignment, "UserAdd", form.reason),
        ticketNumber: form.ticketNumber,
        ticketSystem: form.ticketSystem,
        schedule: { type: "Once", startDateTime: form.start, endDateTime: null, duration: form.duration },
        linkedEligibleRoleAssignmentId: assignment.ids.assignmentId,
      });
      return status.subStatus;
    },
    deactivate: (assignment, { reason }) => api.post("/roleAssignmentRequests", body(assignment, "UserRemove", reason)),
  };
}

function finished(requests, active, shape) {
  const running = new Set(active.map(({ key }) => key));
  const latest = new Map();
  for (const request of requests.filter(({ type }) => type === "UserAdd")) {
    const item = { ...shape(request), endTime: endOf(request.schedule) };
    if (!running.has(item.key) && !(latest.get(item.key)?.endTime > item.endTime)) latest.set(item.key, item);
  }
  return [...latest.values()];
}

function endOf({ startDateTime, duration: length }) {
  return new Date(Date.parse(startDateTime) + hours(length) * 3600_000).toISOString();
}

async function readSetting(api, tenant, roleDefinitionId) {
  const filter = encodeURIComponent(`(resource/id eq '${tenant}') and (roleDefinition/id eq '${roleDefinitionId}')`);
  const { value } = await api.get(`/roleSettingsV2?$expand=resource,roleDefinition($expand=resource)&$filter=${filter}`);
  const activation = value[0].lifeCycleManagement.find(({ caller, level }) => caller === "EndUser" && level === "Member");
  const rules = new Map(activation.value.map(({ ruleIdentifier, setting }) => [ruleIdentifier, JSON.parse(setting)]));
  const { acrsRequired, acrs } = rules.get("AcrsRule") ?? {};
  return {
    maximumHours: (rules.get("ExpirationRule")?.maximumGrantPeriodInMinutes ?? 480) / 60,
    context: acrsRequired ? acrs : null,
    mfa: Boolean(rules.get("MfaRule")?.mfaRequired),
    justification: Boolean(rules.get("JustificationRule")?.required),
    ticket: Boolean(rules.get("TicketingRule")?.ticketingRequired),
  };
}
