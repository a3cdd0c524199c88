package graph

import "context"

// Ids of the built-in authentication strengths (observed in live tenants).
const (
	StrengthMFA               = "00000000-0000-0000-0000-000000000002"
	StrengthPasswordlessMFA   = "00000000-0000-0000-0000-000000000003"
	StrengthPhishingResistant = "00000000-0000-0000-0000-000000000004"
)

// Strength is an authentication strength: which combinations of methods satisfy it.
type Strength struct {
	ID                  string   `json:"id"`
	Name                string   `json:"displayName"`
	PolicyType          string   `json:"policyType"` // builtIn or custom
	AllowedCombinations []string `json:"allowedCombinations"`
}

// Strengths returns all authentication strengths, built in and custom.
func (c *Client) Strengths(ctx context.Context) ([]Strength, error) {
	info, err := c.policies.AuthenticationStrengthPolicies().ToGetRequestInformation(ctx, nil)
	return list[Strength](ctx, c.v1, "list authentication strengths", info, err)
}
