package graphapi

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// signInProperties are those of v1.0; betaOnly are the ones that v1.0 lacks (documented
// in its metadata).
var (
	signInProperties = []string{
		"id", "createdDateTime", "userDisplayName", "userPrincipalName", "userId", "appId", "appDisplayName", "ipAddress", "clientAppUsed", "correlationId",
		"conditionalAccessStatus", "isInteractive", "riskDetail", "riskLevelAggregated", "riskLevelDuringSignIn", "riskState", "riskEventTypes", "riskEventTypes_v2",
		"resourceDisplayName", "resourceId", "status", "deviceDetail", "location", "appliedConditionalAccessPolicies", "userAgent", "homeTenantId", "resourceTenantId",
		"servicePrincipalId", "servicePrincipalName", "authenticationAppDeviceDetails",
	}
	betaOnly = []string{
		"originalRequestId", "signInEventTypes", "sessionId", "uniqueTokenIdentifier", "incomingTokenType", "authenticationRequirement",
		"authenticationRequirementPolicies", "authenticationDetails", "authenticationContextClassReferences", "sessionLifetimePolicies",
	}
	signInNested = map[string][]string{
		"status": {"errorCode", "failureReason", "additionalDetails"}, "location": {"city", "state", "countryOrRegion", "geoCoordinates"},
		"deviceDetail":                         {"deviceId", "displayName", "operatingSystem", "browser", "isCompliant", "isManaged", "trustType"},
		"appliedConditionalAccessPolicies":     {"id", "displayName", "enforcedGrantControls", "enforcedSessionControls", "result"},
		"authenticationContextClassReferences": {"id", "detail"}, "sessionLifetimePolicies": {"detail", "expirationRequirement"},
		"authenticationDetails": {
			"authenticationMethod", "authenticationMethodDetail", "authenticationStepDateTime", "authenticationStepRequirement", "authenticationStepResultDetail", "succeeded",
		},
		"authenticationRequirementPolicies": {"requirementProvider", "detail"},
	}
	signInType     = &entity{name: "microsoft.graph.signIn", page: 1000, properties: signInProperties, nested: signInNested}
	signInTypeBeta = &entity{name: "microsoft.graph.signIn", page: 1000, properties: slices.Concat(signInProperties, betaOnly), nested: signInNested}
	auditType      = &entity{name: "microsoft.graph.directoryAudit", page: 1000, nested: map[string][]string{
		"initiatedBy": {"user", "app"}, "targetResources": {"id", "displayName", "type", "userPrincipalName", "groupType", "modifiedProperties"},
		"additionalDetails": {"key", "value"},
	}, properties: []string{
		"id", "category", "correlationId", "result", "resultReason", "activityDisplayName", "activityDateTime", "loggedByService", "operationType",
		"initiatedBy", "targetResources", "additionalDetails",
	}}
)

func logOperations() []*operation {
	read := permissions("AuditLog.Read.All").role(logReaders)
	return []*operation{
		{method: get, path: "/auditLogs/signIns", versions: both, grant: read, handle: listSignIns},
		{method: get, path: "/auditLogs/signIns/{row}", versions: both, grant: read, handle: getSignIn},
		{method: get, path: "/auditLogs/directoryAudits", versions: both, grant: read, handle: listAudits},
		{method: get, path: "/auditLogs/directoryAudits/{row}", versions: both, grant: read, handle: getAudit},
	}
}

// signInObject writes a row in the shape of the version.
func (c *call) signInObject(row *store.SignInRow) (*document.Object, error) {
	text, err := json.Marshal(row)
	if err != nil {
		return nil, err
	}
	full, err := document.Parse(text)
	if err != nil {
		return nil, err
	}
	full.Set("createdDateTime", row.CreatedAt).Set("riskEventTypes", []string{}).Set("riskEventTypes_v2", []string{}).Set("authenticationAppDeviceDetails", nil)
	c.completeSignIn(full)
	out := &document.Object{}
	for _, name := range c.signInEntity().properties {
		out.Set(name, valueOf(full, name))
	}
	return out, nil
}

// completeSignIn writes empty lists for missing ones, and null for empty texts that are
// null in the service.
func (c *call) completeSignIn(o *document.Object) {
	for _, name := range []string{"appliedConditionalAccessPolicies", "signInEventTypes", "authenticationRequirementPolicies", "authenticationDetails", "authenticationContextClassReferences", "sessionLifetimePolicies"} {
		if valueOf(o, name) == nil {
			o.Set(name, []string{})
		}
	}
	for _, name := range []string{"resourceId", "resourceDisplayName", "userAgent", "incomingTokenType", "servicePrincipalId", "servicePrincipalName", "originalRequestId", "sessionId", "homeTenantId", "resourceTenantId"} {
		if o.String(name) == "" {
			o.Set(name, nil)
		}
	}
	for _, name := range []string{"riskDetail", "riskLevelAggregated", "riskLevelDuringSignIn", "riskState"} {
		if o.String(name) == "" {
			o.Set(name, "none")
		}
	}
	if list, ok := valueOf(o, "appliedConditionalAccessPolicies").([]any); ok {
		for _, e := range list {
			policy, _ := e.(*document.Object)
			policy.Set("enforcedGrantControls", policy.Strings("enforcedGrantControls")).Set("enforcedSessionControls", policy.Strings("enforcedSessionControls"))
		}
	}
}

func (c *call) signInEntity() *entity {
	if c.beta {
		return signInTypeBeta
	}
	return signInType
}

// signIns are the visible rows, newest first. Documented: only interactive ones, unless
// the filter names an event type.
func (c *call) signIns(all bool) ([]*document.Object, error) {
	var list []*document.Object
	for _, row := range slices.Backward(c.t.SignIns) {
		if row.VisibleAt.After(c.now) || !all && !slices.Contains(row.SignInEventTypes, "interactiveUser") {
			continue
		}
		o, err := c.signInObject(row)
		if err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	return list, nil
}

func listSignIns(c *call) (result, error) {
	all := slices.Contains(c.query.Filter.Properties(), "signInEventTypes")
	list, err := c.signIns(all)
	if err != nil {
		return result{}, err
	}
	return c.list(c.signInEntity(), list)
}

func getSignIn(c *call) (result, error) {
	list, err := c.signIns(true)
	if err != nil {
		return result{}, err
	}
	for _, o := range list {
		if strings.EqualFold(o.String("id"), c.vars["row"]) {
			return c.one(c.signInEntity(), o)
		}
	}
	return result{}, notFound("sign-in", c.vars["row"])
}

func auditObject(row *store.AuditRow) *document.Object {
	by := document.Of("app", nil, "user", nil)
	if u := row.InitiatedByUser; u != nil {
		by.Set("user", document.Of("id", u.ID, "displayName", document.Null(u.DisplayName), "userPrincipalName", document.Null(u.UPN), "ipAddress", document.Null(u.IPAddress)))
	}
	if a := row.InitiatedByApp; a != nil {
		by.Set("app", document.Of("appId", document.Null(a.AppID), "displayName", document.Null(a.DisplayName), "servicePrincipalId", document.Null(a.ServicePrincipalID), "servicePrincipalName", nil))
	}
	details := []*document.Object{}
	for _, d := range row.Details {
		details = append(details, document.Of("key", d.Key, "value", d.Value))
	}
	return document.Of("id", row.ID, "category", row.Category, "correlationId", row.CorrelationID, "result", row.Result, "resultReason", row.ResultReason,
		"activityDisplayName", row.Activity, "activityDateTime", row.At, "loggedByService", row.Service, "operationType", row.OperationType,
		"initiatedBy", by, "targetResources", targetObjects(row.Targets), "additionalDetails", details)
}

func targetObjects(targets []store.AuditTarget) []*document.Object {
	list := []*document.Object{}
	for _, t := range targets {
		modified := []*document.Object{}
		for _, m := range t.Modified {
			modified = append(modified, document.Of("displayName", m.Name, "oldValue", document.Null(m.Old), "newValue", document.Null(m.New)))
		}
		list = append(list, document.Of("id", t.ID, "displayName", document.Null(t.DisplayName), "type", t.Type, "userPrincipalName", document.Null(t.UPN),
			"groupType", document.Null(t.GroupType), "modifiedProperties", modified))
	}
	return list
}

// audits are the visible rows, newest first.
func (c *call) audits() []*document.Object {
	var list []*document.Object
	for _, row := range slices.Backward(c.t.Audits) {
		if !row.VisibleAt.After(c.now) {
			list = append(list, auditObject(row))
		}
	}
	return list
}

func listAudits(c *call) (result, error) { return c.list(auditType, c.audits()) }

func getAudit(c *call) (result, error) {
	for _, o := range c.audits() {
		if o.String("id") == c.vars["row"] {
			return c.one(auditType, o)
		}
	}
	return result{}, notFound("audit", c.vars["row"])
}
