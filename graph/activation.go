package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/reprompt/reprompt/secret"
)

// ActivationRequest is what an admin asks for. Set RoleDefinitionID and DirectoryScopeID for a
// directory role, or Group for PIM for Groups.
type ActivationRequest struct {
	PrincipalID      string
	RoleDefinitionID string
	DirectoryScopeID string // "/" for the whole tenant
	Group            *GroupMembership

	Justification string
	Start         time.Time // zero: the instant at which Graph handles the request
	Duration      time.Duration
	TicketNumber  string
	TicketSystem  string
	// ValidationOnly asks whether the request would be granted and changes nothing. Whether it
	// looks at the authentication context is not known.
	ValidationOnly bool
}

// GroupMembership is what PIM for Groups activates.
type GroupMembership struct {
	ID     string
	Access string // member or owner
}

// Answer is what Graph said to an Activate or Deactivate. A refusal is an Answer, not an error:
// to be refused is what most proofs are about.
type Answer struct {
	Status int // HTTP status
	// Code and Message are the error's; empty after a 2xx. PIM's demand for a context is
	// CodeContextRequired with "&claims=…" in Message, and no AuthenticateHeader.
	Code    string
	Message string
	// AuthenticateHeader is WWW-Authenticate as it came: set with a 401, which is Graph's
	// continuous access evaluation and not PIM.
	AuthenticateHeader string
	RequestID          string        // Graph's request-id
	RetryAfter         time.Duration // 0 when Graph named none

	RequestStatus    string // status of the request object: Provisioned, Granted, PendingApproval, Revoked, …
	ID               string // of the request object
	TargetScheduleID string // of the assignment that the request made
}

// Uncertain reports whether Graph failed (5xx): then nobody knows whether the request was acted on.
func (a Answer) Uncertain() bool { return a.Status >= http.StatusInternalServerError }

// Accepted reports whether Graph took the request (2xx). RequestStatus says what became of it.
func (a Answer) Accepted() bool { return a.Status >= 200 && a.Status < 300 }

// Activate posts one activation (selfActivate) with exactly this token. Nothing is retried,
// refreshed or answered; a redirect is not followed. The error says that no answer came: then
// the role may or may not have become active.
func (c *Client) Activate(ctx context.Context, token secret.Text, r ActivationRequest) (Answer, error) {
	return c.post(ctx, token, "activate", ActionSelfActivate, r)
}

// Deactivate gives an active role back (selfDeactivate), in the same way as Activate. Graph
// refuses it with CodeActiveTooShort in the first five minutes. Of r only the principal, what is
// to be deactivated and the justification are sent.
func (c *Client) Deactivate(ctx context.Context, token secret.Text, r ActivationRequest) (Answer, error) {
	return c.post(ctx, token, "deactivate", ActionSelfDeactivate, r)
}

// Cancel withdraws the admin's own request for a directory role that waits for approval, in the same way
// as Activate.
func (c *Client) Cancel(ctx context.Context, token secret.Text, requestID string) (Answer, error) {
	return c.send(ctx, token, "cancel", rolePath+"/"+url.PathEscape(requestID)+"/cancel", nil)
}

func (c *Client) post(ctx context.Context, token secret.Text, op, action string, r ActivationRequest) (Answer, error) {
	path, body, err := r.body(action)
	if err != nil {
		return Answer{}, fmt.Errorf("%s: %w", op, err)
	}
	return c.send(ctx, token, op, path, body)
}

// send posts with exactly this token, once.
func (c *Client) send(ctx context.Context, token secret.Text, op, path string, body []byte) (Answer, error) {
	if token.Empty() {
		return Answer{}, fmt.Errorf("%s: no token was given", op)
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.baseURL+path, bytes.NewReader(body))
	if err != nil {
		return Answer{}, fmt.Errorf("%s: %w", op, err)
	}
	request.GetBody = nil // else the transport may send it again after a lost connection
	request.Header.Set("Authorization", "Bearer "+token.Reveal())
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	response, err := c.plain.Do(request)
	if err != nil {
		return Answer{}, fmt.Errorf("%s: no answer from graph: %w", op, err)
	}
	got, err := readAnswer(response)
	if err != nil {
		return Answer{}, fmt.Errorf("%s: graph answered %d: %w", op, response.StatusCode, err)
	}
	return newAnswer(got), nil
}

func newAnswer(got answer) Answer {
	after, _ := retryAfter(got.header.Get("Retry-After"), time.Now())
	a := Answer{
		Status:             got.status,
		AuthenticateHeader: got.header.Get("WWW-Authenticate"),
		RetryAfter:         after,
	}
	body, requestID := parseError(got)
	a.RequestID = requestID
	if !a.Accepted() {
		a.Code, a.Message = body.Error.Code, body.Error.Message
		return a
	}
	var made ScheduleRequest
	_ = json.Unmarshal(got.body, &made) // an accepted request without a readable body stays accepted
	a.RequestStatus, a.ID, a.TargetScheduleID = made.Status, made.ID, made.TargetScheduleID
	return a
}

const (
	rolePath  = "/roleManagement/directory/roleAssignmentScheduleRequests"
	groupPath = "/identityGovernance/privilegedAccess/group/assignmentScheduleRequests"
)

type activationBody struct {
	Action           string          `json:"action"`
	PrincipalID      string          `json:"principalId"`
	RoleDefinitionID string          `json:"roleDefinitionId,omitempty"`
	DirectoryScopeID string          `json:"directoryScopeId,omitempty"`
	GroupID          string          `json:"groupId,omitempty"`
	AccessID         string          `json:"accessId,omitempty"`
	Justification    string          `json:"justification,omitempty"`
	ValidationOnly   bool            `json:"isValidationOnly,omitempty"`
	Schedule         *activationTime `json:"scheduleInfo,omitempty"`
	Ticket           *ticketBody     `json:"ticketInfo,omitempty"`
}

type activationTime struct {
	Start      string         `json:"startDateTime,omitempty"`
	Expiration expirationBody `json:"expiration"`
}

type expirationBody struct {
	Type     string `json:"type"`
	Duration string `json:"duration"`
}

type ticketBody struct {
	Number string `json:"ticketNumber,omitempty"`
	System string `json:"ticketSystem,omitempty"`
}

// body returns the path under the base URL and the JSON to post there.
func (r ActivationRequest) body(action string) (path string, body []byte, err error) {
	path = rolePath
	b := activationBody{
		Action: action, PrincipalID: r.PrincipalID, RoleDefinitionID: r.RoleDefinitionID,
		DirectoryScopeID: r.DirectoryScopeID, Justification: r.Justification,
	}
	switch {
	case r.Group != nil && r.RoleDefinitionID != "":
		return "", nil, errors.New("the request names a role and a group; name one")
	case r.Group != nil:
		path, b.GroupID, b.AccessID, b.DirectoryScopeID = groupPath, r.Group.ID, r.Group.Access, ""
	}
	if action == ActionSelfActivate {
		if r.Duration < time.Minute {
			return "", nil, fmt.Errorf("duration %s: Graph takes whole minutes, and five at least", r.Duration)
		}
		b.ValidationOnly = r.ValidationOnly
		b.Schedule = &activationTime{Expiration: expirationBody{Type: "afterDuration", Duration: isoDuration(r.Duration)}}
		if !r.Start.IsZero() {
			b.Schedule.Start = r.Start.UTC().Format(time.RFC3339Nano)
		}
		if r.TicketNumber != "" || r.TicketSystem != "" {
			b.Ticket = &ticketBody{Number: r.TicketNumber, System: r.TicketSystem}
		}
	}
	body, err = json.Marshal(b)
	return path, body, err
}

// isoDuration writes whole minutes as ISO 8601: PT30M, PT1H, PT1H30M.
func isoDuration(d time.Duration) string {
	hours, minutes := int(d/time.Hour), int(d%time.Hour/time.Minute)
	switch {
	case hours == 0:
		return fmt.Sprintf("PT%dM", minutes)
	case minutes == 0:
		return fmt.Sprintf("PT%dH", hours)
	}
	return fmt.Sprintf("PT%dH%dM", hours, minutes)
}
