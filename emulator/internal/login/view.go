package login

import (
	"crypto/rand"
	"encoding/base64"
	randv2 "math/rand/v2"
	"net/http"
	"net/url"
	"slices"

	"github.com/reprompt/reprompt/emulator/internal/cloud"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// page makes the view of a stage. It draws what the page needs from the tenant (a challenge,
// a canary) and copies every value out.
func (s *Server) page(r *http.Request, m *machine, st stage, shown *aadsts) (answer, error) {
	v := s.newView(r, m.t, st.Page, shown)
	m.f.Pages++
	m.f.Page = string(st.Page)
	v.Flow, v.Context, v.App = m.f.Token, m.f.Context, m.app.DisplayName
	v.Canary, v.API, v.Cross = newCanary(m.f, canaryForm), newCanary(m.f, canaryAPI), newCanary(m.f, canaryCross)
	v.Prefill = firstOf(m.f.NotUser, m.f.Request.LoginHint)
	v.Scopes = m.f.Request.Scopes
	v.Trace.CorrelationID = m.f.Request.CorrelationID
	if m.user != nil {
		m.describeUser(v, st)
	}
	v.Alone = m.goesOn(st.Page)
	v.Second = m.session != nil || len(m.f.Done) > 0
	v.SkipDays, v.PushLate = st.SkipDays, m.f.PushLate
	if st.Page == pagePush && v.PushLate && shown != nil {
		v.ErrorText = v.T("errNoAnswer")
	}
	if st.Page == pagePicker {
		v.Tiles = m.tiles()
	}
	return pageAnswer(v), nil
}

// newView fills in what every page has.
func (s *Server) newView(r *http.Request, t *store.Tenant, kind pageKind, shown *aadsts) *view {
	c := cloudOf(r)
	v := &view{
		Kind: kind, Lang: t.Language, Tenant: t.DisplayName, Status: http.StatusOK, Error: shown,
		Canary: t.NewSecret(24), Host: c.Login, Fido: c.Fido, Segment: "common", Variant: t.Variant,
		Trace: trace{ID: t.NewID(), At: t.Now(), Host: c.Login}, Nonce: newNonce(),
	}
	v.Trace.CorrelationID = v.Trace.ID
	v.ErrorText = errorText(v.Lang, shown)
	return v
}

// describeUser shows whose credentials are asked for, and which the account has.
func (m *machine) describeUser(v *view, st stage) {
	v.Account = m.user.UPN
	v.HasPass, v.HasWord, v.HasKey = usablePass(m.user, m.t.Now()), m.user.Password != "", len(m.user.Passkeys) > 0
	offered := st.Methods
	if st.Page == pageFirstFactors {
		v.Choices = firstFactorChoices(v)
	} else {
		for i, method := range offered {
			v.Choices = append(v.Choices, choice{proofNames[method], text(v.Lang, proofNames[method]), i == 0})
		}
	}
	shuffle(v.Choices, m.t.Variant)
	v.More = len(offered) > 1 || st.Page == pagePassword && (v.HasPass || v.HasKey)
	m.offerPasskey(v)
}

// offerPasskey draws the challenge of a ceremony that the page can lead to. The page that
// runs it shows the one that was drawn before.
func (m *machine) offerPasskey(v *view) {
	if !v.HasKey {
		return
	}
	if m.f.Challenge == "" {
		m.f.Challenge = newChallenge(m.t, m.t.Now())
	}
	v.Challenge = m.f.Challenge
	for _, key := range m.user.Passkeys {
		v.Allow = append(v.Allow, base64.RawURLEncoding.EncodeToString(key.CredentialID))
	}
}

func firstFactorChoices(v *view) []choice {
	var list []choice
	for _, row := range []struct {
		has   bool
		value string
	}{{v.HasWord, "Password"}, {v.HasKey, "FidoKey"}, {v.HasPass, "AccessPass"}} {
		if row.has {
			list = append(list, choice{row.value, text(v.Lang, row.value), len(list) == 0})
		}
	}
	return list
}

// shuffle orders a list by the variant's seed: the real service does not promise an order.
func shuffle[T any](list []T, seed uint64) {
	source := rand2(seed)
	source.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
}

func (m *machine) tiles() []tile {
	var tiles []tile
	for _, session := range liveSessions(m.t, m.f.Browser) {
		if user, ok := m.t.Users.Get(session.UserID); ok {
			tiles = append(tiles, tile{session.ID, user.DisplayName, user.UPN, text(m.t.Language, "signedIn")})
		}
	}
	shuffle(tiles, m.t.Variant)
	return tiles
}

// namelessPage asks for a user name while the tenant is not known yet.
func (s *Server) namelessPage(r *http.Request, ctx, typed string) answer {
	c := cloudOf(r)
	v := &view{
		Kind: pageUserName, Lang: "en", Status: http.StatusOK, Context: ctx, Prefill: typed,
		Host: c.Login, Fido: c.Fido, Segment: "common", Trace: s.plainTrace(r), Nonce: newNonce(),
	}
	if typed != "" {
		v.Error = fail(unknownUser, "invalid_grant", "The user account does not exist.")
		v.ErrorText = errorText(v.Lang, v.Error)
	}
	return pageAnswer(v)
}

// errorPage shows a failure that must not be sent to a client. tenant may be empty.
func (s *Server) errorPage(r *http.Request, tenant string, err *aadsts) answer {
	c := cloudOf(r)
	v := &view{
		Kind: pageError, Lang: "en", Error: err, ErrorText: err.Text, Host: c.Login, Fido: c.Fido, Segment: "common",
		Trace: s.plainTrace(r), Nonce: newNonce(),
	}
	if tenant != "" {
		// Without the tenant the page is shown in English with the machine's time.
		_ = s.store.With(tenant, func(t *store.Tenant) error {
			v = s.newView(r, t, pageError, err)
			return nil
		})
	}
	v.Status = http.StatusOK // observed: error pages are answered with 200
	if err.Status >= http.StatusInternalServerError {
		v.Status = err.Status
	}
	return pageAnswer(v)
}

// messagePage shows a text that ends something: signed out, device signed in.
func (s *Server) messagePage(r *http.Request, t *store.Tenant, message string) answer {
	v := s.newView(r, t, pageMessage, nil)
	v.Message = message
	return pageAnswer(v)
}

// formPost is the page that posts the answer to the client by itself.
func (s *Server) formPost(t *store.Tenant, to string, parameters url.Values) answer {
	v := &view{Kind: pageFormPost, Lang: t.Language, Status: http.StatusOK, Target: to, Nonce: newNonce(), Host: cloud.Public().Login}
	for name := range parameters {
		v.Fields = append(v.Fields, field{name, parameters.Get(name)})
	}
	slices.SortFunc(v.Fields, func(a, b field) int { return len(a.Name) - len(b.Name) })
	return pageAnswer(v)
}

func newNonce() string {
	return rand.Text()
}

func rand2(seed uint64) *randv2.Rand { return randv2.New(randv2.NewPCG(seed, 0x7265707)) }
