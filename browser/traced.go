package browser

import (
	"context"
	"net/url"

	"github.com/reprompt/reprompt/telemetry"
)

// navigation is the span of a navigation; see package telemetry.
func navigation(ctx context.Context, address string) (context.Context, *telemetry.Span) {
	host := "about:blank"
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		host = u.Hostname()
	}
	return telemetry.Start(ctx, "navigate "+host, telemetry.String("url.full", telemetry.Address(address)), telemetry.String("server.address", host))
}
