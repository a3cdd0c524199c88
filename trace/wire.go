package trace

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/tokens"
)

const (
	// mostCalls bounds what a Wire keeps.
	mostCalls = 5000
	// largestRead is how much of a body is read to say what it was: token answers and errors are smaller.
	largestRead = 256 << 10
)

// Wire hears what this program's own clients send under a context of its own (Within): of several proofs that
// share a client each is told its own. It is safe for concurrent use.
type Wire struct {
	mu   sync.Mutex
	sent []sent
}

// sent is a call and when it went out, by the machine's clock.
type sent struct {
	at   time.Time
	call evidence.TraceCall
}

type wireKey struct{}

// Within has the wire hear what is sent under the context.
func (w *Wire) Within(ctx context.Context) context.Context {
	return context.WithValue(ctx, wireKey{}, w)
}

// Transport lets the wires of the requests' contexts hear what goes through another transport, and changes
// nothing of it.
func Transport(base http.RoundTripper) http.RoundTripper { return heard{base} }

func (w *Wire) since(machine time.Time) []sent {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(w.sent), func(s sent) bool { return s.at.Before(machine) })
}

// heard is a transport that wires hear.
type heard struct{ base http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (h heard) RoundTrip(req *http.Request) (*http.Response, error) {
	wire, ok := req.Context().Value(wireKey{}).(*Wire)
	if !ok {
		return h.base.RoundTrip(req)
	}
	x := exchange{at: time.Now(), from: "client", method: req.Method, address: req.URL.String(), contentType: req.Header.Get("Content-Type")}
	x.bearer = secret.New(browser.Exchange{RequestHeaders: req.Header}.Bearer())
	if req.Body != nil && req.Body != http.NoBody {
		req = req.Clone(req.Context()) // the caller's own may not be changed, and its GetBody may share what Body reads
		x.body, req.Body = ahead(req.Body)
	}
	resp, err := h.base.RoundTrip(req)
	x.answered = time.Now()
	if err != nil {
		x.failed = causeOf(err)
	} else {
		x.status, x.requestID, x.answerType = resp.StatusCode, resp.Header.Get("request-id"), resp.Header.Get("Content-Type")
		x.answer, resp.Body = ahead(resp.Body)
	}
	wire.keep(x)
	return resp, err
}

// causeOf is the innermost error: those around it may name an address with its query.
func causeOf(err error) string {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return withoutQueries(err.Error())
}

// ahead reads the beginning of a body and puts it back.
func ahead(body io.ReadCloser) ([]byte, io.ReadCloser) {
	begin, err := io.ReadAll(io.LimitReader(body, largestRead))
	rest := io.Reader(body)
	if err != nil {
		rest = failing{err}
	}
	return begin, struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(begin), rest), body}
}

// failing fails as the body that was read ahead did.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func (w *Wire) keep(x exchange) {
	call := callOf(x)
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.sent) < mostCalls {
		w.sent = append(w.sent, sent{x.at, call})
	}
}

// exchange is one request and its answer, of the browser or of a client. It holds secrets and is for
// callOf alone.
type exchange struct {
	at, answered                       time.Time
	from, method, address, contentType string
	bearer                             secret.Text
	body, answer                       []byte
	status                             int
	failed, requestID, answerType      string
}

// untold are the kinds of resources of which a portal has hundreds and nothing is learnt.
var untold = []string{"Image", "Stylesheet", "Font", "Media", "Script", "Manifest", "Ping", "Preflight"}

// isTold reports whether a request of the browser is worth telling of.
func isTold(e browser.Exchange) bool {
	return e.Method != http.MethodOptions && !slices.Contains(untold, e.Resource) && bare(e.URL) != ""
}

func exchangeOf(e browser.Exchange) exchange {
	return exchange{
		at: e.At, answered: e.Answered, from: e.TargetKind, method: e.Method, address: e.URL, contentType: e.RequestHeaders.Get("Content-Type"),
		bearer: secret.New(e.Bearer()), body: e.PostData, answer: e.Body, status: e.Status, failed: e.Failed,
		requestID: e.ResponseHeaders.Get("request-id"), answerType: e.ResponseHeaders.Get("Content-Type"),
	}
}

// callOf is what may be told of an exchange.
func callOf(x exchange) evidence.TraceCall {
	call := evidence.TraceCall{
		From: x.from, Method: x.method, Status: x.status, Failed: x.failed, Request: identifier(x.requestID),
		Values: map[string]string{}, Names: []string{}, Contexts: []string{},
	}
	if !x.answered.IsZero() {
		call.Took = max(0, x.answered.Sub(x.at).Round(time.Millisecond))
	}
	query := url.Values{}
	if address, err := url.Parse(x.address); err == nil {
		call.Host, call.Path = address.Host, address.EscapedPath()
		query = address.Query()
	}
	tell(&call, query)
	if strings.Contains(x.contentType, "json") {
		tellBody(&call, x.body)
	} else if form, err := url.ParseQuery(string(x.body)); err == nil && strings.Contains(x.contentType, "form-urlencoded") {
		tell(&call, form)
	}
	slices.Sort(call.Names)
	call.Names = slices.Compact(call.Names)
	call.Carried = claimsOf(x.bearer.Reveal())
	if strings.Contains(x.answerType, "json") {
		tellAnswer(&call, x.answer)
	}
	return call
}

// told are the parameters whose values may be told: what is asked for, of nobody's.
var told = []string{
	"client_id", "response_type", "response_mode", "scope", "prompt", "max_age", "grant_type", "api-version",
	"$select", "$filter", "$expand", "$top", "$orderby", "$count",
}

// toldMembers are those of a JSON body.
var toldMembers = []string{"action", "roleDefinitionId", "directoryScopeId", "isValidationOnly", "assignmentState", "type"}

var parameterName = regexp.MustCompile(`^[$@A-Za-z][A-Za-z0-9_.$@-]{0,40}$`)

// mostNames bounds the names that one call is told with.
const mostNames = 60

func tellName(call *evidence.TraceCall, name string) {
	if len(call.Names) < mostNames && parameterName.MatchString(name) {
		call.Names = append(call.Names, name)
	}
}

func tell(call *evidence.TraceCall, values url.Values) {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		tellName(call, name)
		if slices.Contains(told, name) {
			call.Values[name] = values.Get(name)
		}
	}
	call.Contexts = append(call.Contexts, tokens.ContextsOf(values.Get("claims"))...)
}

// tellBody tells the names of a JSON object's members, and of some what they are.
func tellBody(call *evidence.TraceCall, body []byte) {
	var members map[string]any
	if json.Unmarshal(body, &members) != nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		tellName(call, name)
		switch value := members[name].(type) {
		case string:
			if slices.Contains(toldMembers, name) {
				call.Values[name] = value
			}
		case bool:
			if slices.Contains(toldMembers, name) {
				call.Values[name] = map[bool]string{true: "true", false: "false"}[value]
			}
		}
	}
}

// tellAnswer tells the code of an error, of Graph's form or of OAuth's, and the claims of an access token.
func tellAnswer(call *evidence.TraceCall, answer []byte) {
	var body struct {
		Error       json.RawMessage `json:"error"`
		AccessToken string          `json:"access_token"`
	}
	if json.Unmarshal(answer, &body) != nil {
		return
	}
	var code string
	var wrapped struct {
		Code string `json:"code"`
	}
	if json.Unmarshal(body.Error, &code) != nil && json.Unmarshal(body.Error, &wrapped) == nil {
		code = wrapped.Code
	}
	call.Code = identifier(code)
	call.Received = claimsOf(body.AccessToken)
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,80}$`)

// identifier is a word that names an error or a request; anything else is not told.
func identifier(text string) string {
	if !plainWord.MatchString(text) {
		return ""
	}
	return text
}

// claimsOf are the claims of an access token that evidence may hold; nil where it cannot be read.
func claimsOf(token string) *tokens.AccessClaims {
	if token == "" {
		return nil
	}
	claims, err := tokens.ReadAccess(secret.New(token))
	if err != nil {
		return nil
	}
	return &claims
}
