package signin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// measurements is how often Offset asks; the middle one of three is not moved by one slow answer.
const measurements = 3

// Offset is the clock of the sign-in host minus the machine's, by the Date header of three
// answers that no cache gave, the middle one of three. A Date has one-second grain, so the
// result is right to half a second and half a round trip.
func (c *Client) Offset(ctx context.Context) (time.Duration, error) {
	offsets := make([]time.Duration, measurements)
	for i := range offsets {
		offset, err := c.measure(ctx)
		if err != nil {
			return 0, fmt.Errorf("measure clock of the sign-in host: %w", err)
		}
		offsets[i] = offset
	}
	slices.Sort(offsets)
	return offsets[measurements/2], nil
}

// measure compares the middle of the second that the host names with the middle of the request.
func (c *Client) measure(ctx context.Context) (time.Duration, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.endpoint("/v2.0/.well-known/openid-configuration"), nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Cache-Control", "no-cache, no-store")
	sent := c.machineNow()
	resp, err := c.http().Do(req)
	if err != nil {
		return 0, err
	}
	received := c.machineNow()
	if err := resp.Body.Close(); err != nil {
		return 0, err
	}
	if age := resp.Header.Get("Age"); age != "" && age != "0" {
		return 0, fmt.Errorf("the answer is %s s old, from a cache on the way; take %s out of that cache", age, req.URL.Host)
	}
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return 0, errors.New("the answer has no Date that can be read")
	}
	middle := sent.Add(received.Sub(sent) / 2)
	return date.Add(time.Second / 2).Sub(middle), nil
}

func (c *Client) machineNow() time.Time {
	if c.MachineNow == nil {
		return time.Now()
	}
	return c.MachineNow()
}
