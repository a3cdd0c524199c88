package graph

import "context"

// Owners returns the direct owners of a group. IsNotFound tells that id is no group.
func (c *Client) Owners(ctx context.Context, groupID string) ([]Object, error) {
	info, err := c.groups.ByGroupId(groupID).Owners().ToGetRequestInformation(ctx, nil)
	return objects(list[objectJSON](ctx, c.v1, "list group owners", info, err))
}
