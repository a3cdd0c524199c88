package graphapi

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/pim"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// reply is an answer ready to be written; the lock is not held any more.
type reply struct {
	status int
	body   *document.Object // nil: no body
	text   string           // a body that is no JSON
	header http.Header
}

// request ids, as the service gives them to every answer.
type ids struct{ request, client string }

func newIDs(h http.Header) ids {
	id := ids{request: store.RandomID(), client: h.Get("client-request-id")}
	if id.client == "" {
		id.client = id.request
	}
	return id
}

// guid writes 16 bytes as Graph writes ids.
func guid(id [16]byte) string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

// render applies the query options to a handler's result.
func render(c *call, op *operation, path, rawQuery string, r result) (reply, error) {
	if r.object == nil && r.list == nil {
		return reply{status: r.status, text: r.text}, nil
	}
	context := r.context
	if context == "" {
		context = strings.TrimPrefix(path, "/")
	}
	if r.list == nil {
		body, err := r.of.project(c, r.object, c.query)
		if err != nil {
			return reply{}, err
		}
		return reply{status: r.status, body: withContext(c, entityContext(c, op, context, r), body)}, nil
	}
	cut, err := r.of.paginate(r.list, c.query)
	if err != nil {
		return reply{}, err
	}
	items := make([]*document.Object, len(cut.items))
	for i, o := range cut.items {
		if items[i], err = r.of.project(c, o, c.query); err != nil {
			return reply{}, err
		}
	}
	body := &document.Object{}
	if r.of.counted(c) {
		body.Set("@odata.count", cut.total)
	}
	if cut.next != "" {
		body.Set("@odata.nextLink", nextLink(c.base, path, rawQuery, cut.next))
	}
	body.Set("value", items)
	return reply{status: r.status, body: withContext(c, context+selection(c), body)}, nil
}

// entityContext is the context of a single object: its collection and "/$entity".
func entityContext(c *call, op *operation, context string, r result) string {
	if r.context != "" {
		return context
	}
	if last := op.segments[len(op.segments)-1]; strings.HasPrefix(last, "{") {
		context = context[:strings.LastIndexByte(context, '/')]
	}
	return context + selection(c) + "/$entity"
}

// selection is the part of the context that tells $select and $expand (documented:
// "(policy(rules()))").
func selection(c *call) string {
	var parts []string
	parts = append(parts, c.query.Select...)
	for _, x := range c.query.Expand {
		part := x.Property + "("
		for i, inner := range x.Query.Expand {
			if i > 0 {
				part += ","
			}
			part += inner.Property + "()"
		}
		parts = append(parts, part+")")
	}
	if len(parts) == 0 {
		return ""
	}
	return "(" + strings.Join(parts, ",") + ")"
}

// withContext puts the context in front.
func withContext(c *call, context string, o *document.Object) *document.Object {
	out := document.Of("@odata.context", c.base+"/$metadata#"+context)
	for _, k := range o.Keys() {
		v, _ := o.Get(k)
		out.Set(k, v)
	}
	return out
}

// errorReply is the vendor's envelope of an error.
func errorReply(err error, id ids, now time.Time) reply {
	e := asAPIError(err)
	inner := document.Of("date", now.UTC().Format("2006-01-02T15:04:05"), "request-id", id.request, "client-request-id", id.client)
	r := reply{
		status: e.status, header: http.Header{},
		body: document.Of("error", document.Of("code", e.code, "message", e.message, "innerError", inner)),
	}
	if e.authenticate != "" {
		r.header.Set("WWW-Authenticate", e.authenticate)
	}
	if e.allow != "" {
		r.header.Set("Allow", e.allow)
	}
	return r
}

func asAPIError(err error) *apiError {
	var api *apiError
	var refused *pim.Error
	switch {
	case errors.As(err, &api):
		return api
	case errors.As(err, &refused):
		return &apiError{status: refused.Status, code: refused.Code, message: refused.Message}
	}
	return &apiError{status: http.StatusInternalServerError, code: "InternalServerError", message: err.Error()}
}

// write sends the reply with the headers that every answer has.
func (r reply) write(w http.ResponseWriter, id ids) {
	h := w.Header()
	for k, v := range r.header {
		h[k] = v
	}
	h.Set("request-id", id.request)
	h.Set("client-request-id", id.client)
	h.Set("Cache-Control", "no-cache")
	h.Set("OData-Version", "4.0")
	if r.text != "" {
		h.Set("Content-Type", "text/plain")
		w.WriteHeader(r.status)
		_, _ = io.WriteString(w, r.text)
		return
	}
	if r.body == nil {
		w.WriteHeader(r.status)
		return
	}
	h.Set("Content-Type", "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8")
	w.WriteHeader(r.status)
	// The client may be gone; there is nobody to tell.
	_, _ = w.Write(r.body.Raw())
}

// unescape turns a path segment into what the client meant.
func unescape(segment string) (string, error) {
	s, err := url.PathUnescape(segment)
	if err != nil {
		return "", badRequest("Invalid path segment %q.", segment)
	}
	return s, nil
}
