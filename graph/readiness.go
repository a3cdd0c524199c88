package graph

import (
	"context"
	"strings"

	abs "github.com/microsoft/kiota-abstractions-go"
)

// Service plans that bring Privileged Identity Management (documented in "Product names and service
// plan identifiers"): Entra ID P2, alone or in a suite, and Entra ID Governance.
const (
	PlanEntraP2    = "eec0eb4f-6444-4f95-aba0-50c24d67f998"
	PlanGovernance = "e866a266-3cff-43a3-acca-0c90a7e00c8b"
)

// Plan is a service plan of a tenant.
type Plan struct {
	ID     string `json:"servicePlanId"`
	Status string `json:"capabilityStatus"` // Enabled, Warning, Suspended, Deleted, LockedOut
}

// Plans returns the service plans that the tenant has bought.
func (c *Client) Plans(ctx context.Context) ([]Plan, error) {
	all, err := list[struct {
		Plans []Plan `json:"assignedPlans"`
	}](ctx, c.v1, "read the tenant's licences", request(abs.GET, c.v1, "/organization", nil), nil)
	var plans []Plan
	for _, tenant := range all {
		plans = append(plans, tenant.Plans...)
	}
	return plans, err
}

// SecurityDefaults reports whether the tenant's security defaults are on. Beside them no Conditional
// Access policy can be on.
func (c *Client) SecurityDefaults(ctx context.Context) (bool, error) {
	got, err := one[struct {
		Enabled bool `json:"isEnabled"`
	}](ctx, c.v1, "read security defaults", request(abs.GET, c.v1, "/policies/identitySecurityDefaultsEnforcementPolicy", nil), nil)
	return got.Enabled, err
}

// AccountState is whether an account may sign in, and whose it is.
type AccountState struct {
	UPN     string `json:"userPrincipalName"`
	Enabled bool   `json:"accountEnabled"`
	Type    string `json:"userType"` // Member or Guest
}

// Account returns the state of an account. IsNotFound tells that there is none.
func (c *Client) Account(ctx context.Context, id string) (AccountState, error) {
	info := request(abs.GET, c.v1, "/users/{user}{?%24select}", map[string]string{"user": id, "%24select": "id,userPrincipalName,accountEnabled,userType"})
	return one[AccountState](ctx, c.v1, "get account", info, nil)
}

// Kinds of Method.
const (
	MethodPassword   = "password"
	MethodTOTP       = "softwareOath"
	MethodPasskey    = "fido2"
	MethodAccessPass = "temporaryAccessPass"
)

// Method is an authentication method of an account.
type Method struct {
	ID     string
	Kind   string // MethodPassword and its like, or another of Graph's
	Usable bool   // of a temporary access pass; true for others
}

// Methods returns the authentication methods of an account.
func (c *Client) Methods(ctx context.Context, userID string) ([]Method, error) {
	info := request(abs.GET, c.v1, "/users/{user}/authentication/methods", map[string]string{"user": userID})
	all, err := list[struct {
		ID     string `json:"id"`
		Type   string `json:"@odata.type"`
		Usable *bool  `json:"isUsable"`
	}](ctx, c.v1, "list authentication methods", info, nil)
	methods := make([]Method, len(all))
	for i, m := range all {
		kind := strings.TrimSuffix(strings.TrimPrefix(m.Type, "#microsoft.graph."), "AuthenticationMethod")
		methods[i] = Method{ID: m.ID, Kind: kind, Usable: m.Usable == nil || *m.Usable}
	}
	return methods, err
}

// Ids of the configurations of authentication methods that MethodConfiguration reads.
const (
	ConfigurationAccessPass = "TemporaryAccessPass"
	ConfigurationPasskey    = "Fido2"
)

// MethodConfiguration is what a tenant's policy for authentication methods says of one.
type MethodConfiguration struct {
	State    string `json:"state"`                 // enabled or disabled
	OnceOnly bool   `json:"isUsableOnce"`          // of a Temporary Access Pass
	Attested bool   `json:"isAttestationEnforced"` // of a passkey
}

// MethodConfiguration reads one by its id. For whom it is, the result does not say.
func (c *Client) MethodConfiguration(ctx context.Context, id string) (MethodConfiguration, error) {
	info := request(abs.GET, c.v1, "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/{id}", map[string]string{"id": id})
	return one[MethodConfiguration](ctx, c.v1, "read the configuration of an authentication method", info, nil)
}
