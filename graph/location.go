package graph

import "context"

// Location is a named location of Conditional Access, by addresses or by countries.
type Location struct {
	ID   string `json:"id"`
	Name string `json:"displayName"`
}

// Locations returns all named locations of the tenant.
func (c *Client) Locations(ctx context.Context) ([]Location, error) {
	info, err := c.identity.ConditionalAccess().NamedLocations().ToGetRequestInformation(ctx, nil)
	return list[Location](ctx, c.v1, "list conditional access locations", info, err)
}
