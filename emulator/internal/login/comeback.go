package login

import (
	"net/http"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// reprocess shows the page again at which a sign-in stands, found by the context that its
// refresh and cancel links carry; with skipmfaregistration it puts the registration of a
// second factor off (both observed).
func (s *Server) reprocess(r *http.Request) answer {
	query := r.URL.Query()
	ctx := query.Get("ctx")
	tenant, ok := s.byHandle(ctx)()
	if !ok {
		if _, _, err := readContext(ctx, hostOf(r)); err == nil && ctx != "" {
			return s.namelessPage(r, ctx, "")
		}
		return s.errorPage(r, "", expiredFlow())
	}
	var out answer
	err := s.store.With(tenant, func(t *store.Tenant) error {
		m, err := s.machineOf(t, flowOfContext(t, ctx))
		if err != nil {
			return err
		}
		if query.Get("skipmfaregistration") == "1" {
			if refused := m.postpone(query.Get("flowtoken")); refused != nil {
				return refused
			}
		}
		m.f.Primary, m.f.Secondary, m.f.ListMethods = "", "", false
		out, err = s.show(r, m, nil)
		return err
	})
	if err != nil {
		return s.errorPage(r, tenant, asAADSTS(err))
	}
	return out
}

// flowOfContext is the token of the flow whose pages carry the context.
func flowOfContext(t *store.Tenant, ctx string) string {
	for _, f := range t.Flows.List() {
		if f.Context == ctx {
			return f.Token
		}
	}
	return ""
}

// postpone puts the registration off where the page that stands offers it.
func (m *machine) postpone(flowToken string) *aadsts {
	if flowToken != m.f.Token {
		return userContext("Token values do not match", "")
	}
	if m.f.Page != string(pageProofUp) || m.user == nil {
		return wrongPage()
	}
	if st := m.registration(emptyDecision); st.SkipDays == 0 {
		return fail(enrollmentNeeded, "interaction_required", "The registration cannot be put off any longer.")
	}
	m.f.Postponed = true
	return nil
}
