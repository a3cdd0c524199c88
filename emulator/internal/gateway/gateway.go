// Package gateway stands in front of every service of the embedded tenant. For each request
// it finds the tenant, applies the faults that the control listener asked for, routes by
// host name, stamps the tenant's time, and records the exchange.
//
// # Tenant of a request
//
// The path segment (tenant id or verified domain), else the bearer token's tid, else the
// domain of a user name, else the handle in a flow token, code or session cookie, else the
// only tenant there is.
//
// # Date
//
// The Date header is the tenant's time once the tenant is known, so that a client which
// follows it keeps the tenant's clock; else the machine's.
//
// # Unmodelled
//
// A service that has no model for a request answers 501; the exchange is then recorded as
// unmodelled. A 501 that a fault injected is not.
package gateway

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/cloud"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// Gateway is the handler of everything inside the proxy's tunnels, and of the tenant's own
// address.
type Gateway struct {
	store    *store.Store
	services map[cloud.Part]http.Handler
	latency  func() time.Duration
	replicas replicas
}

// New returns a gateway to the services. latency says how long the next answer takes, on
// top of the work itself; nil means no time.
func New(st *store.Store, services map[cloud.Part]http.Handler, latency func() time.Duration) *Gateway {
	if latency == nil {
		latency = func() time.Duration { return 0 }
	}
	return &Gateway{store: st, services: services, latency: latency}
}

// ServeHTTP answers one request.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host := strings.ToLower(strings.TrimSuffix(r.Host, ":443"))
	exchange := store.Exchange{At: time.Now().UTC(), Method: r.Method, URL: "https://" + host + r.URL.EscapedPath()}
	exchange.Tenant, _ = g.tenantOf(r)
	fault, faulty, stale, why := store.Fault{}, false, false, "Injected by the control listener."
	latency := g.latency()
	if exchange.Tenant != "" {
		// A tenant deleted in between has neither clock nor faults.
		_ = g.store.With(exchange.Tenant, func(t *store.Tenant) error {
			exchange.At = t.Now()
			latency += t.Latency()
			stale = r.Method == http.MethodGet && t.Stale(host, r.URL.Path)
			if fault, faulty = t.TakeFault(host, r.Method, r.URL.Path); !faulty && limited(host, r.URL.Path) && !t.TakeConditionalAccess() {
				fault, faulty, why = tooMany, true, "The tenant takes one request per second for Conditional Access."
			}
			return nil
		})
	}
	out := &recorder{ResponseWriter: w}
	defer func() {
		exchange.Status = out.status
		exchange.Unmodelled = out.status == http.StatusNotImplemented && !faulty
		g.store.Record(exchange)
	}()
	w.Header().Set("Date", exchange.At.Format(http.TimeFormat))
	pause(r.Context(), latency)
	if faulty {
		g.disturb(out, r, host, fault, why)
		return
	}
	if stale {
		g.serveStale(out, r, host, exchange.Tenant)
		return
	}
	g.serve(out, r, host)
}

func (g *Gateway) serve(w http.ResponseWriter, r *http.Request, host string) {
	part, ok := partOf(host, r.URL.Path)
	if !ok {
		http.Error(w, "the embedded tenant does not answer for "+host, http.StatusMisdirectedRequest)
		return
	}
	service, ok := g.services[part]
	if !ok {
		http.Error(w, fmt.Sprintf("the embedded tenant has no %s service", part), http.StatusNotImplemented)
		return
	}
	service.ServeHTTP(w, r)
}

// partOf is the part of the tenant that a request is for.
func partOf(host, path string) (cloud.Part, bool) {
	_, part, ok := cloud.Of(host)
	if part == cloud.Direct {
		part = cloud.OfPath(path)
	}
	return part, ok
}

// tooMany is the answer over the limit for Conditional Access.
var tooMany = store.Fault{Kind: store.FaultStatus, Status: http.StatusTooManyRequests}

// limitedPaths are those of Graph's Conditional Access and Identity Protection (documented:
// one request per second and tenant, of all applications).
var limitedPaths = []string{"/identity/conditionalaccess", "/policies/conditionalaccesspolicies", "/identityprotection"}

func limited(host, path string) bool {
	if part, _ := partOf(host, path); part != cloud.Graph {
		return false
	}
	path = strings.ToLower(path)
	_, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return slices.ContainsFunc(limitedPaths, func(p string) bool { return strings.HasPrefix("/"+rest, p) })
}

// disturb applies a fault. A reset is HTTP/2's stream reset, or a closed connection.
func (g *Gateway) disturb(w *recorder, r *http.Request, host string, f store.Fault, why string) {
	if f.Acted {
		g.serve(&kept{answer: answer{header: http.Header{}}}, r, host)
	}
	switch f.Kind {
	case store.FaultStatus:
		writeFault(w, r, host, f, why)
	case store.FaultReset, store.FaultUnreachable:
		panic(http.ErrAbortHandler)
	case store.FaultTruncate:
		cut := &truncated{ResponseWriter: w}
		g.serve(cut, r, host)
		cut.half()
	case store.FaultDelay:
		pause(r.Context(), f.Delay)
		g.serve(w, r, host)
	}
}

// writeFault answers in the shape that the host's service has for errors.
func writeFault(w http.ResponseWriter, r *http.Request, host string, f store.Fault, why string) {
	if f.RetryAfter != "" {
		w.Header().Set("Retry-After", f.RetryAfter)
	}
	code := cmp.Or(codes[f.Status], "ServiceUnavailable")
	body := map[string]any{"error": map[string]string{"code": code, "message": why}}
	if part, _ := partOf(host, r.URL.Path); part == cloud.Login || part == cloud.Fido {
		body = map[string]any{"error": "temporarily_unavailable", "error_description": "AADSTS90033: " + why, "error_codes": []int{90033}}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.WriteHeader(f.Status)
	// The client may have gone away; there is nobody to tell.
	_ = json.NewEncoder(w).Encode(body)
}

// codes are Graph's codes of errors that a fault injects; what is not here is ServiceUnavailable.
var codes = map[int]string{
	http.StatusUnauthorized:        "InvalidAuthenticationToken",
	http.StatusTooManyRequests:     "TooManyRequests",
	http.StatusInternalServerError: "InternalServerError",
	http.StatusBadGateway:          "BadGateway",
	http.StatusGatewayTimeout:      "GatewayTimeout",
}

// pause holds an answer back for as long as was asked for, or until the client has gone:
// latency and delay are what is being emulated here, nothing is waited for.
func pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	<-ctx.Done()
}

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// truncated keeps an answer back and then sends the first half of it, under the length of
// the whole.
type truncated struct {
	http.ResponseWriter
	status int
	body   []byte
}

func (w *truncated) WriteHeader(status int) { w.status = status }

func (w *truncated) Write(b []byte) (int, error) {
	w.body = append(w.body, b...)
	return len(b), nil
}

func (w *truncated) half() {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(w.body)))
	w.ResponseWriter.WriteHeader(w.status)
	// The write is cut short on purpose; whether the client is still there does not matter.
	_, _ = w.ResponseWriter.Write(w.body[:len(w.body)/2])
	if err := http.NewResponseController(w.ResponseWriter).Flush(); err != nil {
		panic(http.ErrAbortHandler)
	}
	panic(http.ErrAbortHandler)
}
