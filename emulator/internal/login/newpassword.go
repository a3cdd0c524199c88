package login

import (
	"encoding/json"
	"net/http"
	"unicode"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// passwordStep is the body of SSPR/Begin and SSPR/Poll (observed).
type passwordStep struct {
	FlowToken   string `json:"FlowToken"`
	Ctx         string `json:"Ctx"`
	OldPassword string `json:"OldPassword"`
	NewPassword string `json:"NewPassword"`
}

// passwordResult is their answer (observed). The real service changes the password in a job
// of its own, which the page polls for.
type passwordResult struct {
	IsJobPending      bool   `json:"IsJobPending"`
	ErrorMessage      string `json:"ErrorMessage,omitempty"`
	ErrorCode         int    `json:"ErrorCode,omitempty"`
	FlowToken         string `json:"FlowToken"`
	Ctx               string `json:"Ctx"`
	CoupledDataCenter string `json:"CoupledDataCenter"`
	CoupledScaleUnit  string `json:"CoupledScaleUnit"`
}

// beginPassword changes the password of a user who must.
func (s *Server) beginPassword(r *http.Request) answer {
	return s.passwordStep(r, func(m *machine, step passwordStep, result *passwordResult) *aadsts {
		if err := checkPassword(m.user, step.OldPassword, m.t.Now(), lockoutThreshold(m.f.Request.Host)); err != nil {
			return err
		}
		if err := acceptable(step.OldPassword, step.NewPassword); err != nil {
			return err
		}
		now := m.t.Now()
		m.user.Password, m.user.MustChange, m.user.PasswordChangedAt = step.NewPassword, false, now
		m.f.NewPassword, result.IsJobPending = true, true
		// What was typed proves the user as of now; older sessions end with the old password.
		m.did(store.MethodPassword, now)
		return nil
	})
}

func (s *Server) pollPassword(r *http.Request) answer {
	return s.passwordStep(r, func(*machine, passwordStep, *passwordResult) *aadsts { return nil })
}

// endPassword goes on with the sign-in, once the password was changed.
func (s *Server) endPassword(r *http.Request) answer {
	return s.act(r, loginFields, []pageKind{pageChangePassword}, func(m *machine) *aadsts {
		if !m.f.NewPassword {
			return fail(passwordExpired, "interaction_required", "The password is expired.")
		}
		return nil
	})
}

// passwordLength is the shortest password of a cloud account (documented).
const passwordLength = 8

// acceptable applies the documented policy for passwords of cloud accounts: eight characters,
// three of the four kinds, and not the old one.
func acceptable(old, next string) *aadsts {
	kinds := map[string]bool{}
	for _, c := range next {
		switch {
		case unicode.IsLower(c):
			kinds["lower"] = true
		case unicode.IsUpper(c):
			kinds["upper"] = true
		case unicode.IsDigit(c):
			kinds["digit"] = true
		default:
			kinds["symbol"] = true
		}
	}
	if len([]rune(next)) < passwordLength || len(kinds) < 3 || next == old {
		return fail(passwordTooWeak, "invalid_grant", "The new password does not meet the password policy: eight characters or more, of three kinds, and another one than before.")
	}
	return nil
}

func (s *Server) passwordStep(r *http.Request, handle func(*machine, passwordStep, *passwordResult) *aadsts) answer {
	var step passwordStep
	if err := json.NewDecoder(http.MaxBytesReader(nil, r.Body, 1<<16)).Decode(&step); err != nil {
		return jsonAnswer(http.StatusBadRequest, passwordResult{ErrorCode: badRequest, ErrorMessage: "The request cannot be read."})
	}
	result := passwordResult{FlowToken: step.FlowToken, Ctx: step.Ctx, CoupledDataCenter: "EMBEDDED", CoupledScaleUnit: "a"}
	tenant, ok := s.byHandle(step.FlowToken)()
	if !ok {
		result.ErrorCode, result.ErrorMessage = flowExpired, expiredFlow().Text
		return jsonAnswer(http.StatusOK, result)
	}
	err := s.store.With(tenant, func(t *store.Tenant) error {
		m, err := s.machineOf(t, step.FlowToken)
		if err != nil {
			return err
		}
		refused := checkContext(m.f, step.Ctx)
		if refused == nil && (m.f.Page != string(pageChangePassword) || m.user == nil) {
			refused = wrongPage()
		}
		if refused == nil {
			refused = handle(m, step, &result)
		}
		if refused != nil {
			return refused
		}
		return nil
	})
	if err != nil {
		refused := asAADSTS(err)
		result.ErrorCode, result.ErrorMessage = refused.Number, refused.Text
	}
	return jsonAnswer(http.StatusOK, result)
}
