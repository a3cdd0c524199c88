package store

import (
	"encoding/json"
	"time"
)

// SignInRow is a row of the sign-in log. The JSON names are those of the beta resource; the
// v1.0 resource lacks several of them, which is up to who serves it.
type SignInRow struct {
	VisibleAt time.Time `json:"-"` // when it can be read first, by the lag of the log

	ID                                string            `json:"id"`
	CreatedAt                         time.Time         `json:"createdDateTime"`
	UserDisplayName                   string            `json:"userDisplayName"`
	UserPrincipalName                 string            `json:"userPrincipalName"`
	UserID                            string            `json:"userId"`
	AppID                             string            `json:"appId"`
	AppDisplayName                    string            `json:"appDisplayName"`
	ResourceID                        string            `json:"resourceId"`
	ResourceDisplayName               string            `json:"resourceDisplayName"`
	IPAddress                         string            `json:"ipAddress"`
	UserAgent                         string            `json:"userAgent"`
	ClientAppUsed                     string            `json:"clientAppUsed"` // "Browser" or "Mobile Apps and Desktop clients"
	CorrelationID                     string            `json:"correlationId"`
	OriginalRequestID                 string            `json:"originalRequestId"`
	IsInteractive                     bool              `json:"isInteractive"`
	SignInEventTypes                  []string          `json:"signInEventTypes"` // interactiveUser, nonInteractiveUser, servicePrincipal
	SessionID                         string            `json:"sessionId"`
	UniqueTokenIdentifier             string            `json:"uniqueTokenIdentifier"` // inferred: equals the token's uti
	IncomingTokenType                 string            `json:"incomingTokenType"`
	AuthenticationRequirement         string            `json:"authenticationRequirement"` // singleFactorAuthentication, multiFactorAuthentication
	AuthenticationRequirementPolicies []RequirementPart `json:"authenticationRequirementPolicies"`
	AuthenticationDetails             []AuthDetail      `json:"authenticationDetails"`
	AuthenticationContexts            []ContextDetail   `json:"authenticationContextClassReferences"`
	SessionLifetimePolicies           []LifetimeDetail  `json:"sessionLifetimePolicies"`
	AppliedPolicies                   []AppliedPolicy   `json:"appliedConditionalAccessPolicies"`
	ConditionalAccessStatus           string            `json:"conditionalAccessStatus"` // success, failure, notApplied
	Status                            SignInStatus      `json:"status"`
	DeviceDetail                      map[string]any    `json:"deviceDetail"`
	Location                          map[string]any    `json:"location"`
	RiskLevelDuringSignIn             string            `json:"riskLevelDuringSignIn"`
	RiskLevelAggregated               string            `json:"riskLevelAggregated"`
	RiskState                         string            `json:"riskState"`
	RiskDetail                        string            `json:"riskDetail"`
	HomeTenantID                      string            `json:"homeTenantId"`
	ResourceTenantID                  string            `json:"resourceTenantId"`
	ServicePrincipalID                string            `json:"servicePrincipalId"`
	ServicePrincipalName              string            `json:"servicePrincipalName"`
	Extra                             map[string]any    `json:"-"`
}

// RequirementPart says who asked for multifactor authentication.
type RequirementPart struct {
	Provider string `json:"requirementProvider"` // multiConditionalAccess, authenticationStrengths, …
	Detail   string `json:"detail"`
}

// AuthDetail is one step of the authentication.
type AuthDetail struct {
	Method      string    `json:"authenticationMethod"` // "Password", "OATH verification code", …, "Previously satisfied"
	Detail      string    `json:"authenticationMethodDetail"`
	At          time.Time `json:"authenticationStepDateTime"`
	Requirement string    `json:"authenticationStepRequirement"`
	Result      string    `json:"authenticationStepResultDetail"`
	Succeeded   bool      `json:"succeeded"`
}

// ContextDetail says how an authentication context was met: "required" (in this sign-in),
// "previouslySatisfied", "notApplicable".
type ContextDetail struct {
	ID     string `json:"id"`
	Detail string `json:"detail"`
}

// LifetimeDetail names a session lifetime policy that took part in the sign-in.
type LifetimeDetail struct {
	Detail      string `json:"detail"`
	Requirement string `json:"expirationRequirement"` // signInFrequencyEveryTime, signInFrequencyPeriodicReauthentication, …
}

// AppliedPolicy is the outcome of one Conditional Access policy.
type AppliedPolicy struct {
	ID              string   `json:"id"`
	DisplayName     string   `json:"displayName"`
	GrantControls   []string `json:"enforcedGrantControls"`
	SessionControls []string `json:"enforcedSessionControls"`
	Result          string   `json:"result"`
}

// SignInStatus is the outcome of the sign-in; ErrorCode 0 is success.
type SignInStatus struct {
	ErrorCode         int    `json:"errorCode"`
	FailureReason     string `json:"failureReason"`
	AdditionalDetails string `json:"additionalDetails"`
}

// AuditRow is a row of the directory audit log.
type AuditRow struct {
	VisibleAt time.Time `json:"-"`

	ID              string          `json:"id"`
	At              time.Time       `json:"activityDateTime"`
	Activity        string          `json:"activityDisplayName"`
	Category        string          `json:"category"`
	Service         string          `json:"loggedByService"` // "PIM", "Conditional Access", "Core Directory", …
	OperationType   string          `json:"operationType"`
	CorrelationID   string          `json:"correlationId"`
	Result          string          `json:"result"` // success, failure
	ResultReason    string          `json:"resultReason"`
	InitiatedByUser *AuditUser      `json:"-"`
	InitiatedByApp  *AuditApp       `json:"-"`
	Targets         []AuditTarget   `json:"targetResources"`
	Details         []AuditKeyValue `json:"additionalDetails"`
	Raw             json.RawMessage `json:"-"` // the whole row as Graph shows it, when its writer made it
}

// AuditUser is the user who initiated an audited act.
type AuditUser struct {
	ID, DisplayName, UPN, IPAddress string
}

// AuditApp is the application that initiated an audited act.
type AuditApp struct {
	AppID, DisplayName, ServicePrincipalID string
}

// AuditTarget is an object that an audited act changed.
type AuditTarget struct {
	ID          string          `json:"id"`
	DisplayName string          `json:"displayName"`
	Type        string          `json:"type"`
	UPN         string          `json:"userPrincipalName,omitempty"`
	GroupType   string          `json:"groupType,omitempty"`
	Modified    []AuditProperty `json:"modifiedProperties"`
}

// AuditProperty is a changed property; the values are JSON texts.
type AuditProperty struct {
	Name string `json:"displayName"`
	Old  string `json:"oldValue"`
	New  string `json:"newValue"`
}

// AuditKeyValue is an additional detail.
type AuditKeyValue struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// AddSignIn appends a row that becomes readable after the lag of the sign-in log. It fills
// in ID and CreatedAt when they are empty.
func (t *Tenant) AddSignIn(row *SignInRow) {
	if row.ID == "" {
		row.ID = t.NewID()
	}
	if row.CreatedAt.IsZero() {
		row.CreatedAt = t.Now()
	}
	row.VisibleAt = t.Now().Add(t.Lag[LagSignInLog])
	t.SignIns = append(t.SignIns, row)
}

// AddAudit appends a row that becomes readable after the lag of the audit log. It fills in
// ID and At when they are empty.
func (t *Tenant) AddAudit(row *AuditRow) {
	if row.ID == "" {
		row.ID = t.NewID()
	}
	if row.At.IsZero() {
		row.At = t.Now()
	}
	row.VisibleAt = t.Now().Add(t.Lag[LagAuditLog])
	t.Audits = append(t.Audits, row)
}
