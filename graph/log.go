package graph

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/microsoftgraph/msgraph-sdk-go/auditlogs"
)

// Sign-in event types that SignIns may be asked for (documented).
const (
	EventInteractive    = "interactiveUser"
	EventNonInteractive = "nonInteractiveUser"
)

// LogQuery selects rows of a log by time. Rows come minutes late on a real tenant: an empty
// answer means "not yet", never "no".
type LogQuery struct {
	UserID     string    // SignIns only; empty means everybody
	Since      time.Time // required
	Until      time.Time // zero means now
	EventTypes []string  // SignIns only; empty means interactive and non-interactive
	Activity   string    // Audits only: activityDisplayName, empty means all
	Category   string    // Audits only: Policy, RoleManagement among others; empty means all
}

// SignInRow is a row of the sign-in log, from Graph beta: v1.0 knows neither contexts nor
// session lifetimes.
type SignInRow struct {
	ID               string            `json:"id"`
	At               time.Time         `json:"createdDateTime"`
	UserID           string            `json:"userId"`
	UPN              string            `json:"userPrincipalName"`
	AppID            string            `json:"appId"`
	ResourceID       string            `json:"resourceId"`
	Interactive      bool              `json:"isInteractive"`
	EventTypes       []string          `json:"signInEventTypes"`
	SessionID        string            `json:"sessionId"`
	UTI              string            `json:"uniqueTokenIdentifier"` // base64; that it holds the token's uti is inferred
	CorrelationID    string            `json:"correlationId"`
	Contexts         []SignInContext   `json:"authenticationContextClassReferences"`
	SessionLifetimes []SessionLifetime `json:"sessionLifetimePolicies"`
	Applied          []AppliedPolicy   `json:"appliedConditionalAccessPolicies"`
	Status           struct {
		ErrorCode int    `json:"errorCode"`
		Failure   string `json:"failureReason"`
	} `json:"status"`
	Raw json.RawMessage `json:"-"`
}

// SignInContext says what a context meant for a sign-in.
type SignInContext struct {
	ID     string `json:"id"`
	Detail string `json:"detail"` // required, previouslySatisfied, notApplicable
}

// SessionLifetime says which lifetime made a sign-in necessary.
type SessionLifetime struct {
	Requirement string `json:"expirationRequirement"` // signInFrequencyEveryTime among others
	Detail      string `json:"detail"`
}

// AppliedPolicy says what a policy did in a sign-in.
type AppliedPolicy struct {
	ID     string `json:"id"`
	Name   string `json:"displayName"`
	Result string `json:"result"`
}

// SignIns returns rows of the sign-in log. Without event types Graph would leave out all that
// are not interactive (documented).
func (c *Client) SignIns(ctx context.Context, q LogQuery) ([]SignInRow, error) {
	query := auditlogs.SignInsRequestBuilderGetRequestConfiguration{
		QueryParameters: &auditlogs.SignInsRequestBuilderGetQueryParameters{
			Filter: and(equalUnlessEmpty("userId", q.UserID), q.between("createdDateTime"), q.eventTypes()),
		},
	}
	info, err := c.betaLogs.SignIns().ToGetRequestInformation(ctx, &query)
	rows, err := list[json.RawMessage](ctx, c.beta, "list sign-ins", info, err)
	return raw(rows, err, func(row *SignInRow, as json.RawMessage) { row.Raw = as })
}

// AuditRow is a row of the directory audit log.
type AuditRow struct {
	ID        string    `json:"id"`
	At        time.Time `json:"activityDateTime"`
	Activity  string    `json:"activityDisplayName"`
	Category  string    `json:"category"`
	Result    string    `json:"result"`
	Initiator struct {
		User struct {
			ID  string `json:"id"`
			UPN string `json:"userPrincipalName"`
		} `json:"user"`
		App struct {
			ID   string `json:"appId"`
			Name string `json:"displayName"`
		} `json:"app"`
	} `json:"initiatedBy"`
	Targets []AuditTarget   `json:"targetResources"`
	Raw     json.RawMessage `json:"-"`
}

// AuditTarget is an object that an audited act concerned.
type AuditTarget struct {
	ID       string          `json:"id"`
	Name     string          `json:"displayName"`
	Type     string          `json:"type"`
	Modified []AuditProperty `json:"modifiedProperties"`
}

// AuditProperty is what of an object was changed. The values are JSON texts: a policy of Conditional
// Access has the whole old and the whole new one (observed).
type AuditProperty struct {
	Name string `json:"displayName"`
	Old  string `json:"oldValue"`
	New  string `json:"newValue"`
}

// Audits returns rows of the directory audit log.
func (c *Client) Audits(ctx context.Context, q LogQuery) ([]AuditRow, error) {
	query := auditlogs.DirectoryAuditsRequestBuilderGetRequestConfiguration{
		QueryParameters: &auditlogs.DirectoryAuditsRequestBuilderGetQueryParameters{
			Filter: and(equalUnlessEmpty("category", q.Category), equalUnlessEmpty("activityDisplayName", q.Activity), q.between("activityDateTime")),
		},
	}
	info, err := c.audits.DirectoryAudits().ToGetRequestInformation(ctx, &query)
	rows, err := list[json.RawMessage](ctx, c.v1, "list audits", info, err)
	return raw(rows, err, func(row *AuditRow, as json.RawMessage) { row.Raw = as })
}

func (q LogQuery) between(property string) string {
	text := property + " ge " + q.Since.UTC().Format(time.RFC3339)
	if !q.Until.IsZero() {
		text += " and " + property + " le " + q.Until.UTC().Format(time.RFC3339)
	}
	return text
}

func (q LogQuery) eventTypes() string {
	types := q.EventTypes
	if len(types) == 0 {
		types = []string{EventInteractive, EventNonInteractive}
	}
	each := make([]string, len(types))
	for i, one := range types {
		each[i] = equal("t", one)
	}
	return "signInEventTypes/any(t: " + strings.Join(each, " or ") + ")"
}
