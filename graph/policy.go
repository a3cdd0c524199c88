package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// States of a policy.
const (
	PolicyEnabled    = "enabled"
	PolicyDisabled   = "disabled"
	PolicyReportOnly = "enabledForReportingButNotEnforced"
)

// Values of Frequency.
const (
	FrequencyEveryTime = "everyTime"
	FrequencyTimeBased = "timeBased"
	FrequencyHours     = "hours"
	FrequencyDays      = "days"
	FrequencyFull      = "primaryAndSecondaryAuthentication"
	FrequencySecondary = "secondaryAuthentication"
)

// Policy is a Conditional Access policy, as far as it decides about a step-up. A list is empty
// where Graph has null or an empty list. What has no field here is in Raw.
type Policy struct {
	ID       string
	Name     string
	State    string // PolicyEnabled, PolicyDisabled, PolicyReportOnly
	Created  time.Time
	Modified time.Time

	Contexts            []string
	IncludeApplications []string
	ExcludeApplications []string
	UserActions         []string

	IncludeUsers  []string // object ids, "All", "None", "GuestsOrExternalUsers"
	ExcludeUsers  []string
	IncludeGroups []string
	ExcludeGroups []string
	IncludeRoles  []string // role template ids
	ExcludeRoles  []string

	ClientAppTypes   []string
	IncludePlatforms []string
	ExcludePlatforms []string
	IncludeLocations []string // named location ids, "All", "AllTrusted"
	ExcludeLocations []string
	DeviceFilterMode string // include or exclude
	DeviceFilter     string
	UserRisk         []string
	SignInRisk       []string

	GrantOperator string   // AND, OR, or empty
	Grants        []string // mfa, block, compliantDevice, …
	Strength      string   // id of an authentication strength

	Frequency *Frequency // nil when the policy has no such session control

	Raw json.RawMessage // the object as Graph gave it; ignored by CreatePolicy
}

// Frequency is the sign-in frequency session control.
type Frequency struct {
	Enabled            bool
	Interval           string // FrequencyEveryTime or FrequencyTimeBased
	Type               string // FrequencyHours or FrequencyDays; empty with everyTime
	Value              int    // 0 with everyTime
	AuthenticationType string // FrequencyFull or FrequencySecondary
}

// Policies returns all Conditional Access policies.
func (c *Client) Policies(ctx context.Context) ([]Policy, error) {
	info, err := c.identity.ConditionalAccess().Policies().ToGetRequestInformation(ctx, nil)
	return list[Policy](ctx, c.v1, "list conditional access policies", info, err)
}

// Policy returns one Conditional Access policy. IsNotFound tells that there is none.
func (c *Client) Policy(ctx context.Context, id string) (Policy, error) {
	info, err := c.identity.ConditionalAccess().Policies().ByConditionalAccessPolicyId(id).ToGetRequestInformation(ctx, nil)
	return one[Policy](ctx, c.v1, "get conditional access policy", info, err)
}

// CreatePolicy makes a policy and returns it as Graph answered, with its id. An enum value that
// the SDK does not know is an error and nothing is sent.
func (c *Client) CreatePolicy(ctx context.Context, p Policy) (Policy, error) {
	body, err := p.body()
	if err != nil {
		return Policy{}, fmt.Errorf("create conditional access policy: %w", err)
	}
	info, err := c.identity.ConditionalAccess().Policies().ToPostRequestInformation(ctx, body, nil)
	return one[Policy](ctx, c.v1, "create conditional access policy", info, err)
}

// DeletePolicy deletes a policy. IsNotFound tells that there was none.
func (c *Client) DeletePolicy(ctx context.Context, id string) error {
	info, err := c.identity.ConditionalAccess().Policies().ByConditionalAccessPolicyId(id).ToDeleteRequestInformation(ctx, nil)
	_, err = send(ctx, c.v1, "delete conditional access policy", info, err)
	return err
}

// Targets reports whether the policy names the context, whatever its state.
func (p Policy) Targets(contextID string) bool { return slices.Contains(p.Contexts, contextID) }

// policyJSON is the shape of the object.
type policyJSON struct {
	ID         string    `json:"id"`
	Name       string    `json:"displayName"`
	State      string    `json:"state"`
	Created    time.Time `json:"createdDateTime"`
	Modified   time.Time `json:"modifiedDateTime"`
	Conditions struct {
		Applications struct {
			Include     []string `json:"includeApplications"`
			Exclude     []string `json:"excludeApplications"`
			UserActions []string `json:"includeUserActions"`
			Contexts    []string `json:"includeAuthenticationContextClassReferences"`
		} `json:"applications"`
		Users struct {
			IncludeUsers  []string `json:"includeUsers"`
			ExcludeUsers  []string `json:"excludeUsers"`
			IncludeGroups []string `json:"includeGroups"`
			ExcludeGroups []string `json:"excludeGroups"`
			IncludeRoles  []string `json:"includeRoles"`
			ExcludeRoles  []string `json:"excludeRoles"`
		} `json:"users"`
		ClientAppTypes []string `json:"clientAppTypes"`
		Platforms      struct {
			Include []string `json:"includePlatforms"`
			Exclude []string `json:"excludePlatforms"`
		} `json:"platforms"`
		Locations struct {
			Include []string `json:"includeLocations"`
			Exclude []string `json:"excludeLocations"`
		} `json:"locations"`
		Devices struct {
			Filter struct {
				Mode string `json:"mode"`
				Rule string `json:"rule"`
			} `json:"deviceFilter"`
		} `json:"devices"`
		UserRisk   []string `json:"userRiskLevels"`
		SignInRisk []string `json:"signInRiskLevels"`
	} `json:"conditions"`
	Grant struct {
		Operator string   `json:"operator"`
		BuiltIn  []string `json:"builtInControls"`
		Strength struct {
			ID string `json:"id"`
		} `json:"authenticationStrength"`
	} `json:"grantControls"`
	Session struct {
		Frequency *struct {
			Enabled            bool   `json:"isEnabled"`
			Interval           string `json:"frequencyInterval"`
			Type               string `json:"type"`
			Value              int    `json:"value"`
			AuthenticationType string `json:"authenticationType"`
		} `json:"signInFrequency"`
	} `json:"sessionControls"`
}

// UnmarshalJSON reads Graph's conditionalAccessPolicy.
func (p *Policy) UnmarshalJSON(raw []byte) error {
	var in policyJSON
	if err := json.Unmarshal(raw, &in); err != nil {
		return fmt.Errorf("read conditional access policy: %w", err)
	}
	conditions := in.Conditions
	*p = Policy{
		ID: in.ID, Name: in.Name, State: in.State, Created: in.Created, Modified: in.Modified,

		Contexts:            conditions.Applications.Contexts,
		IncludeApplications: conditions.Applications.Include,
		ExcludeApplications: conditions.Applications.Exclude,
		UserActions:         conditions.Applications.UserActions,

		IncludeUsers: conditions.Users.IncludeUsers, ExcludeUsers: conditions.Users.ExcludeUsers,
		IncludeGroups: conditions.Users.IncludeGroups, ExcludeGroups: conditions.Users.ExcludeGroups,
		IncludeRoles: conditions.Users.IncludeRoles, ExcludeRoles: conditions.Users.ExcludeRoles,

		ClientAppTypes:   conditions.ClientAppTypes,
		IncludePlatforms: conditions.Platforms.Include, ExcludePlatforms: conditions.Platforms.Exclude,
		IncludeLocations: conditions.Locations.Include, ExcludeLocations: conditions.Locations.Exclude,
		DeviceFilterMode: conditions.Devices.Filter.Mode, DeviceFilter: conditions.Devices.Filter.Rule,
		UserRisk: conditions.UserRisk, SignInRisk: conditions.SignInRisk,

		GrantOperator: in.Grant.Operator, Grants: in.Grant.BuiltIn, Strength: in.Grant.Strength.ID,
		Raw: slices.Clone(raw),
	}
	if f := in.Session.Frequency; f != nil {
		p.Frequency = &Frequency{
			Enabled: f.Enabled, Interval: f.Interval, Type: f.Type, Value: f.Value, AuthenticationType: f.AuthenticationType,
		}
	}
	return nil
}
