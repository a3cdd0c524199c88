package graphapi

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
)

// largestBatch is the documented limit of a JSON batch.
const largestBatch = 20

// batch answers POST /$batch: each request by itself, in order; one that depends on a
// failed one is answered 424 (documented).
func (s *server) batch(ctx context.Context, in incoming) reply {
	requests, err := batchRequests(in.body)
	if err != nil {
		return errorReply(err, in.id, s.timeOf(in.token.TenantID))
	}
	status := map[string]int{}
	responses := []*document.Object{}
	for _, request := range requests {
		if ctx.Err() != nil {
			break // the client is gone
		}
		id := request.String("id")
		out := s.batchOne(in, request, status)
		status[id] = out.status
		responses = append(responses, batchResponse(id, out))
	}
	return reply{status: http.StatusOK, body: document.Of("responses", responses)}
}

func batchRequests(body *document.Object) ([]*document.Object, error) {
	v, _ := body.Get("requests")
	list, ok := v.([]any)
	if !ok || len(list) == 0 {
		return nil, badRequest("Invalid batch payload format.")
	}
	if len(list) > largestBatch {
		return nil, badRequest("Number of batch request steps exceeds the maximum value of %d.", largestBatch)
	}
	seen := map[string]bool{}
	var requests []*document.Object
	for _, e := range list {
		request, ok := e.(*document.Object)
		if !ok || request.String("id") == "" || request.String("url") == "" || request.String("method") == "" {
			return nil, badRequest("Invalid batch payload format.")
		}
		if seen[request.String("id")] {
			return nil, badRequest("Request ids must be unique within the batch.")
		}
		seen[request.String("id")] = true
		requests = append(requests, request)
	}
	return requests, nil
}

func (s *server) batchOne(in incoming, request *document.Object, status map[string]int) reply {
	for _, dependency := range request.Strings("dependsOn") {
		if code, ok := status[dependency]; !ok || code >= http.StatusBadRequest {
			failed := &apiError{status: http.StatusFailedDependency, code: "FailedDependency", message: "A request that this one depends on failed."}
			return errorReply(failed, in.id, s.timeOf(in.token.TenantID))
		}
	}
	_, version, _, _ := splitVersion(in.path)
	u, err := url.Parse("/" + version + "/" + strings.TrimPrefix(request.String("url"), "/"))
	if err != nil {
		return errorReply(badRequest("Invalid url in batch request %s.", request.String("id")), in.id, s.timeOf(in.token.TenantID))
	}
	inner := in
	inner.method = strings.ToUpper(request.String("method"))
	inner.path, inner.rawQuery = u.EscapedPath(), u.RawQuery
	inner.body, inner.header = request.Object("body"), http.Header{}
	headers := request.Object("headers")
	for _, name := range headers.Keys() {
		inner.header.Set(name, headers.String(name))
	}
	return s.answer(inner)
}

func batchResponse(id string, r reply) *document.Object {
	headers := &document.Object{}
	if r.body != nil {
		headers.Set("Content-Type", "application/json")
	}
	if challenge := r.header.Get("WWW-Authenticate"); challenge != "" {
		headers.Set("WWW-Authenticate", challenge)
	}
	out := document.Of("id", id, "status", r.status, "headers", headers)
	if r.body != nil {
		out.Set("body", r.body)
	} else if r.text != "" {
		out.Set("body", r.text)
	}
	return out
}
