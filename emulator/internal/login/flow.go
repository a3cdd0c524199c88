package login

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// flowLife is how long a page can stand open before its flow token is refused.
const flowLife = time.Hour

// authorize starts a sign-in.
func (s *Server) authorize(r *http.Request) answer {
	if err := r.ParseForm(); err != nil {
		return s.errorPage(r, "", fail(badRequest, "invalid_request", "The request cannot be read."))
	}
	form := r.Form
	tenant, err := s.tenantFor(at(r).Segment, s.byUserName(form.Get("login_hint")), s.byUserName("@"+form.Get("domain_hint")),
		s.byClient(form.Get("client_id")), s.byCookie(r))
	if err != nil && anyTenant(at(r).Segment) {
		// Nobody knows the tenant before the user has typed a name.
		return s.namelessPage(r, contextOf(r), "")
	}
	if err != nil {
		return s.errorPage(r, "", err)
	}
	return s.begin(r, tenant, at(r), form, nil)
}

// contextOf is the page field ctx: the whole request, so that a sign-in can begin once the
// tenant is known.
func contextOf(r *http.Request) string {
	return base64.RawURLEncoding.EncodeToString([]byte(r.URL.Path + "?" + r.Form.Encode()))
}

// begin makes the flow of an authorize request and answers with its first stage. typed is
// what the user did already, if anything.
func (s *Server) begin(r *http.Request, tenant string, where target, form url.Values, typed func(m *machine) *aadsts) answer {
	request, refused := parseAuthorize(where, form)
	request.UserAgent = r.UserAgent()
	var out answer
	err := s.store.With(tenant, func(t *store.Tenant) error {
		if request.CorrelationID == "" {
			request.CorrelationID = t.NewID()
		}
		f := newFlow(t, r, request)
		if _, err := checkClient(t, &f.Request); err != nil {
			return err
		}
		if refused != nil {
			out = s.clientError(r, t, f, refused)
			return nil
		}
		t.Flows.Put(f.Token, f)
		m, err := newMachine(t, f)
		if err != nil {
			return err
		}
		var shown *aadsts
		if typed != nil {
			shown = typed(m)
		}
		var failed error
		out, failed = s.show(r, m, shown)
		return failed
	})
	if err != nil {
		return s.errorPage(r, tenant, asAADSTS(err))
	}
	return out
}

// act runs one act of the user on a flow, and answers with the next stage. What act returns
// is shown on that page. The act must be one of the page that the flow stands at.
func (s *Server) act(r *http.Request, fields pageFields, pages []pageKind, act func(m *machine) *aadsts) answer {
	return s.onFlow(r, fields, pages, func(m *machine) (answer, error) {
		shown := act(m)
		m.load()
		return s.show(r, m, shown)
	})
}

// onFlow finds the flow whose token a form holds, checks what the page sent along with it,
// and answers with what handle makes of it. The flow must stand at one of the pages.
func (s *Server) onFlow(r *http.Request, fields pageFields, pages []pageKind, handle func(m *machine) (answer, error)) answer {
	if err := r.ParseForm(); err != nil {
		return s.errorPage(r, "", fail(badRequest, "invalid_request", "The request cannot be read."))
	}
	token := r.Form.Get(fields.flow)
	tenant, ok := s.byHandle(token)()
	if !ok {
		return s.errorPage(r, "", expiredFlow())
	}
	var out answer
	err := s.store.With(tenant, func(t *store.Tenant) error {
		m, err := s.machineOf(t, token)
		if err != nil {
			return err
		}
		if refused := fields.check(m.f, r.Form); refused != nil {
			return refused
		}
		if !slices.Contains(pages, pageKind(m.f.Page)) {
			return wrongPage()
		}
		out, err = handle(m)
		return err
	})
	if err != nil {
		return s.errorPage(r, tenant, asAADSTS(err))
	}
	return out
}

// wrongPage refuses what was sent to the address of another page than the one that the
// sign-in stands at (inferred: the number).
func wrongPage() *aadsts {
	return fail(badRequest, "invalid_request", "The request does not belong to the page that the sign-in stands at.")
}

// machineOf finds the flow of a page. A flow ends when it is completed, and grows old.
func (s *Server) machineOf(t *store.Tenant, token string) (*machine, error) {
	f, ok := t.Flows.Get(token)
	if !ok || t.Now().Sub(f.StartedAt) > flowLife {
		t.Flows.Delete(token)
		return nil, expiredFlow()
	}
	m, refused := newMachine(t, f)
	if refused != nil {
		return nil, refused
	}
	return m, nil
}

func expiredFlow() *aadsts {
	return fail(flowExpired, "invalid_request", "The flow token expired or was used before. Sign in again from the application.")
}

// show answers with the flow's next stage: a page, a redirect to the client, or an error.
func (s *Server) show(r *http.Request, m *machine, shown *aadsts) (answer, error) {
	st, err := m.next()
	if err != nil {
		return answer{}, err
	}
	switch {
	case st.Page != "":
		if st.Err != nil {
			shown = st.Err
		}
		m.note(st)
		return s.page(r, m, st, shown)
	case st.Err != nil:
		m.t.Flows.Delete(m.f.Token)
		if m.user != nil {
			m.t.AddSignIn(m.row(st.Decision, store.Grant{}, st.Err))
		}
		return s.clientError(r, m.t, m.f, st.Err), nil
	}
	done, err := m.finish(st.Decision)
	if err != nil {
		return answer{}, err
	}
	return s.completed(r, m, done)
}

// note remembers that a page waits for the user, and logs the interruptions that the
// service logs.
func (m *machine) note(st stage) {
	m.f.Interactive = true
	switch st.Page {
	case pageCode, pagePush, pageMethods:
		m.interrupt(strongAuthInterrupt, "Strong Authentication is required.", st.Decision)
	case pageStay:
		m.interrupt(kmsiInterrupt, "This error occurred due to 'Keep me signed in' interrupt when the user was signing-in.", st.Decision)
	case pageConfirm:
		m.interrupt(cmsiInterrupt, "For security reasons, user confirmation is required for this request.", st.Decision)
	case pageBlocked, pageProofUp, pageChangePassword:
		m.interrupt(st.Err.Number, st.Err.Text, st.Decision)
	}
}

// completed sends the browser back to the client with the code, or ends the device code.
func (s *Server) completed(r *http.Request, m *machine, done finished) (answer, error) {
	cookies := sessionCookies(done.Session, m.f.Browser)
	if done.Code == "" {
		out := s.messagePage(r, m.t, "deviceDone")
		out.cookies = cookies
		return out, nil
	}
	parameters := url.Values{"code": {done.Code}, "session_state": {done.Session.ID}}
	if m.f.Request.State != "" {
		parameters.Set("state", m.f.Request.State)
	}
	if m.f.Request.WantsClientInfo {
		parameters.Set("client_info", clientInfo(done.User.ID, m.t.ID))
	}
	return s.toClient(r, m.t, m.f.Request, parameters, cookies), nil
}

// clientError reports a failure to the client's redirect URI (documented parameters).
func (s *Server) clientError(r *http.Request, t *store.Tenant, f *store.Flow, err *aadsts) answer {
	tr := trace{ID: t.NewID(), CorrelationID: f.Request.CorrelationID, At: t.Now(), Host: hostOf(r)}
	parameters := url.Values{
		"error": {err.OAuth}, "error_description": {err.describe(tr)}, "error_uri": {err.uri(tr)},
	}
	if err.Suberror != "" {
		parameters.Set("error_subcode", err.Suberror)
	}
	if f.Request.State != "" {
		parameters.Set("state", f.Request.State)
	}
	return s.toClient(r, t, f.Request, parameters, nil)
}

func (s *Server) toClient(r *http.Request, t *store.Tenant, to store.AuthorizeRequest, parameters url.Values, cookies []*http.Cookie) answer {
	if to.ResponseMode == "form_post" {
		out := s.formPost(t, to.RedirectURI, parameters)
		out.cookies = cookies
		return out
	}
	return redirect(to.RedirectURI, to.ResponseMode, parameters, cookies)
}

// clientInfo is what MSAL makes its home account id from.
func clientInfo(userID, tenantID string) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"uid":%q,"utid":%q}`, userID, tenantID))
}

// resume begins the sign-in of a page that was shown before the tenant was known, with what
// the user typed there.
func (s *Server) resume(r *http.Request, name string) answer {
	request, where, err := readContext(r.Form.Get("ctx"), hostOf(r))
	if err != nil {
		return s.errorPage(r, "", expiredFlow())
	}
	tenant, ok := s.byUserName(name)()
	if !ok {
		return s.namelessPage(r, r.Form.Get("ctx"), name)
	}
	return s.begin(r, tenant, where, request, func(m *machine) *aadsts { return m.typed(r.PostForm) })
}

func readContext(ctx, host string) (url.Values, target, error) {
	text, err := base64.RawURLEncoding.DecodeString(ctx)
	if err != nil {
		return nil, target{}, fmt.Errorf("read page context: %w", err)
	}
	u, err := url.Parse(string(text))
	if err != nil {
		return nil, target{}, fmt.Errorf("read page context: %w", err)
	}
	if !strings.HasPrefix(u.Path, "/") || u.Query().Get("client_id") == "" {
		return nil, target{}, errors.New("read page context: it is that of a sign-in, or none")
	}
	return u.Query(), target{Segment: "common", Host: host, V1: !strings.Contains(u.Path, "/v2.0/")}, nil
}
