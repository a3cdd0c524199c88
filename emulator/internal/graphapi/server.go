package graphapi

import (
	"errors"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/graphapi/odata"
	"github.com/reprompt/reprompt/emulator/internal/pim"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

type server struct {
	store      *store.Store
	verifier   Verifier
	operations []*operation
}

// New returns Microsoft Graph for every tenant of the store. The tenant of a request is
// the one that its access token names. Each answer's request-id is random; everything
// else that varies comes from the tenant's seed.
func New(st *store.Store, v Verifier) http.Handler {
	return &server{store: st, verifier: v, operations: operations()}
}

// Operations lists what is served, as "GET v1.0 /users/{user}", sorted.
func Operations() []string {
	var out []string
	for _, op := range operations() {
		for _, v := range []struct {
			bit  versions
			name string
		}{{v1, "v1.0"}, {beta, "beta"}} {
			if op.versions&v.bit != 0 {
				out = append(out, op.method+" "+v.name+" "+op.path)
			}
		}
	}
	slices.Sort(out)
	return out
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	allowOrigin(w, r)
	if r.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	id := newIDs(r.Header)
	s.serve(r, id).write(w, id)
}

func (s *server) serve(r *http.Request, id ids) reply {
	in := incoming{
		method: r.Method, host: r.Host, path: r.URL.EscapedPath(), rawQuery: r.URL.RawQuery,
		header: r.Header, id: id,
	}
	if in.host == "" {
		in.host = r.URL.Host
	}
	if r.Body != nil && r.Method != http.MethodGet {
		body, err := readBody(r)
		if err != nil {
			return errorReply(err, id, time.Now())
		}
		in.body = body
	}
	token, err := s.authenticate(r)
	if err != nil {
		return errorReply(err, id, time.Now())
	}
	in.token = token
	if _, _, rest, ok := splitVersion(in.path); ok && strings.EqualFold(rest, "/$batch") && in.method == http.MethodPost {
		return s.batch(r.Context(), in)
	}
	return s.answer(in)
}

func (s *server) authenticate(r *http.Request) (Token, error) {
	raw, err := bearer(r)
	if err != nil {
		return Token{}, err
	}
	token, err := s.verifier.Verify(r.Context(), raw)
	if err != nil {
		return Token{}, invalidToken("Access token validation failure. Invalid token.")
	}
	return token, nil
}

// incoming is one request, by itself or out of a batch.
type incoming struct {
	method, host, path, rawQuery string
	header                       http.Header
	body                         *document.Object
	token                        Token
	id                           ids
}

// answer finds the operation and runs it with the lock of the tenant held.
func (s *server) answer(in incoming) reply {
	now := time.Now()
	var out reply
	err := s.store.With(in.token.TenantID, func(t *store.Tenant) error {
		now = t.Now()
		var err error
		out, err = s.run(t, in)
		return err
	})
	if errors.Is(err, store.ErrNoTenant) {
		err = invalidToken("The tenant of the token is not known.")
	}
	if err != nil {
		return errorReply(err, in.id, now)
	}
	return out
}

func (s *server) run(t *store.Tenant, in incoming) (reply, error) {
	host := strings.ToLower(strings.TrimSuffix(in.host, ":443"))
	// Before the token is looked at: an activation that has ended makes it old.
	pim.Settle(t)
	if err := checkToken(t, in.token, host); err != nil {
		return reply{}, err
	}
	version, name, path, ok := splitVersion(in.path)
	if !ok {
		return reply{}, invalidVersion()
	}
	op, vars, err := s.find(in.method, version, path)
	if err != nil {
		return reply{}, err
	}
	if err := op.grant.check(t, in.token, vars); err != nil {
		return reply{}, err
	}
	if err := checkPrecondition(in); err != nil {
		return reply{}, err
	}
	c := &call{
		t: t, now: t.Now(), token: in.token, beta: version == beta, vars: vars,
		base: "https://" + host + "/" + name, ip: clientAddress,
		eventual: strings.EqualFold(in.header.Get("ConsistencyLevel"), "eventual"),
	}
	if err := c.read(op, in); err != nil {
		return reply{}, err
	}
	r, err := op.handle(c)
	if err != nil {
		return reply{}, err
	}
	return render(c, op, path, in.rawQuery, r)
}

// checkPrecondition: none of the objects has an etag, in the examples of the reference
// neither, so that a client that names one names a stale one (documented: 412 for a
// precondition that does not match; inferred: that it is looked at here).
func checkPrecondition(in incoming) error {
	if etag := in.header.Get("If-Match"); etag != "" && etag != "*" {
		return &apiError{status: http.StatusPreconditionFailed, code: "resourceModified", message: "The precondition If-Match: " + etag + " does not match the current state of the resource."}
	}
	return nil
}

// clientAddress is where every request of the embedded tenant comes from.
const clientAddress = "127.0.0.1"

// read parses the query options and checks the body.
func (c *call) read(op *operation, in incoming) (err error) {
	values, err := parseQuery(in.rawQuery)
	if err != nil {
		return err
	}
	if c.query, err = odata.Parse(values); err != nil {
		return badRequest("%s", sentence(err))
	}
	if op.body == nil {
		return nil
	}
	if in.body == nil {
		return badRequest("Empty Payload. JSON content expected.")
	}
	c.body, err = op.body.shape.conform(op.body.name, "", in.body)
	return err
}

// sentence is an error's text as the service begins one.
func sentence(err error) string {
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// list checks the query options against the type and answers the list.
func (c *call) list(of *entity, items []*document.Object) (result, error) {
	return c.stream(of, slices.Values(items))
}

// stream is list for many objects, which are made only as far as the answer needs them.
func (c *call) stream(of *entity, items iter.Seq[*document.Object]) (result, error) {
	if err := of.check(c.query); err != nil {
		return result{}, err
	}
	if err := of.checkAdvanced(c); err != nil {
		return result{}, err
	}
	return many(of, items), nil
}

// counting turns a list into the number of its objects (documented: …/$count answers it as
// text, and wants ConsistencyLevel: eventual).
func counting(list func(*call) (result, error)) func(*call) (result, error) {
	return func(c *call) (result, error) {
		if !c.eventual {
			return result{}, directoryBadRequest("$count is not currently supported.")
		}
		c.query.Count = true
		r, err := list(c)
		if err != nil {
			return result{}, err
		}
		return result{status: http.StatusOK, text: strconv.Itoa(len(matching(r.list, c.query.Filter, 0)))}, nil
	}
}

// one checks the query options against the type and answers the object.
func (c *call) one(of *entity, o *document.Object) (result, error) {
	if err := of.check(c.query); err != nil {
		return result{}, err
	}
	return one(of, o), nil
}

// timeOf is the time of a tenant, or the machine's where there is none.
func (s *server) timeOf(tenant string) (now time.Time) {
	if s.store.With(tenant, func(t *store.Tenant) error { now = t.Now(); return nil }) != nil {
		return time.Now()
	}
	return now
}
