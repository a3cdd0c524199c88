package login

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// authStep is the body of BeginAuth and EndAuth (observed).
type authStep struct {
	AuthMethodID       string `json:"AuthMethodId"`
	Method             string `json:"Method"`
	Ctx                string `json:"Ctx"`
	FlowToken          string `json:"FlowToken"`
	SessionID          string `json:"SessionId"`
	AdditionalAuthData string `json:"AdditionalAuthData"`
}

// authResult is their answer (observed). Entropy is the number to match.
type authResult struct {
	Success       bool   `json:"Success"`
	ResultValue   string `json:"ResultValue"`
	Message       string `json:"Message"`
	AuthMethodID  string `json:"AuthMethodId"`
	ErrCode       int    `json:"ErrCode"`
	Retry         bool   `json:"Retry"`
	FlowToken     string `json:"FlowToken"`
	Ctx           string `json:"Ctx"`
	SessionID     string `json:"SessionId"`
	CorrelationID string `json:"CorrelationId"`
	Timestamp     string `json:"Timestamp"`
	Entropy       int    `json:"Entropy"`
}

// beginAuth sends the notification, or says that a code may come.
func (s *Server) beginAuth(r *http.Request) answer {
	return s.authStep(r, func(m *machine, step authStep, result *authResult) {
		byCode := step.AuthMethodID == proofNames[store.MethodTOTP] && m.user.TOTPSecret != ""
		byPush := step.AuthMethodID == proofNames[store.MethodPush] && m.user.Push != nil
		switch {
		case byCode:
			result.Success, result.ResultValue, result.SessionID = true, "Success", m.t.NewID()
			return
		case !byPush:
			result.ResultValue, result.Message = "AuthenticationMethodFailed", "The method is not registered."
			return
		}
		push := m.newPush()
		var number int
		fmt.Sscan(push.Number, &number)
		result.Success, result.ResultValue, result.SessionID, result.Entropy = true, "Success", push.ID, number
	})
}

// newPush asks the authenticator for the number that the page shows: two digits (documented
// as number matching).
func (m *machine) newPush() *store.Push {
	push := &store.Push{
		ID: m.t.NewID(), UserID: m.user.ID, Flow: m.f.Token, CreatedAt: m.t.Now(),
		Number: fmt.Sprint(10 + m.t.Rand.IntN(90)), State: store.PushPending,
	}
	m.t.Pushes.Put(push.ID, push)
	m.f.PushID = push.ID
	return push
}

// pushLife is how long a notification can be answered (inferred).
const pushLife = time.Minute

// late: nobody answered while the notification could be answered.
func (m *machine) late(push *store.Push) bool {
	return push.State == store.PushPending && m.t.Now().Sub(push.CreatedAt) >= pushLife
}

// endAuth says whether the notification was answered, or whether the code that came along
// is right (observed: clients without a page send it so).
func (s *Server) endAuth(r *http.Request) answer {
	return s.authStep(r, func(m *machine, step authStep, result *authResult) {
		if step.AuthMethodID == proofNames[store.MethodTOTP] {
			m.tookCode(step.AdditionalAuthData, result)
			return
		}
		push, ok := m.t.Pushes.Get(m.f.PushID)
		switch {
		case !ok || push.State == store.PushDenied:
			result.ResultValue, result.ErrCode = "PhoneAppDenied", secondFactorFailed
		case m.late(push):
			result.ResultValue, result.ErrCode = "PhoneAppNoResponse", secondFactorFailed
		case push.State == store.PushApproved:
			result.Success, result.ResultValue = true, "Success"
		default:
			result.ResultValue, result.Retry = "AuthenticationPending", true
		}
	})
}

// tookCode checks a code that ProcessAuth will stand for.
func (m *machine) tookCode(code string, result *authResult) {
	err := m.codeError(code)
	if err != nil {
		result.ResultValue, result.Message, result.ErrCode = "OathCodeIncorrect", m.refused(err).Text, secondFactorFailed
		return
	}
	m.f.CodeSent = true
	result.Success, result.ResultValue = true, "Success"
}

func (s *Server) authStep(r *http.Request, handle func(*machine, authStep, *authResult)) answer {
	var step authStep
	if err := json.NewDecoder(http.MaxBytesReader(nil, r.Body, 1<<16)).Decode(&step); err != nil {
		return jsonAnswer(http.StatusBadRequest, authResult{ResultValue: "InvalidRequest", Message: err.Error()})
	}
	tenant, ok := s.byHandle(step.FlowToken)()
	if !ok {
		return jsonAnswer(http.StatusOK, authResult{ResultValue: "FlowTokenExpired", ErrCode: flowExpired})
	}
	result := authResult{AuthMethodID: step.AuthMethodID, FlowToken: step.FlowToken, Ctx: step.Ctx, SessionID: step.SessionID}
	err := s.store.With(tenant, func(t *store.Tenant) error {
		m, err := s.machineOf(t, step.FlowToken)
		if err != nil {
			return err
		}
		if refused := checkContext(m.f, step.Ctx); refused != nil {
			return refused
		}
		if m.user == nil || !slices.Contains([]pageKind{pageCode, pagePush, pageMethods}, pageKind(m.f.Page)) {
			return wrongPage()
		}
		result.CorrelationID, result.Timestamp = m.f.Request.CorrelationID, t.Now().Format("2006-01-02T15:04:05.000Z")
		handle(m, step, &result)
		return nil
	})
	if err != nil {
		refused := asAADSTS(err)
		result.ResultValue, result.Message, result.ErrCode = "FlowTokenExpired", refused.Text, refused.Number
	}
	return jsonAnswer(http.StatusOK, result)
}

// credentialType tells a script what an account can sign in with (observed).
func (s *Server) credentialType(r *http.Request) answer {
	var asked struct {
		UserName  string `json:"username"`
		FlowToken string `json:"flowToken"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(nil, r.Body, 1<<16)).Decode(&asked); err != nil {
		return textAnswer(http.StatusBadRequest, "read the request: "+err.Error())
	}
	name := strings.TrimSpace(asked.UserName)
	result := map[string]any{"Username": name, "Display": name, "IfExistsResult": 1, "ThrottleStatus": 0, "FlowToken": asked.FlowToken}
	if tenant, ok := s.byUserName(name)(); ok {
		// A tenant deleted in between has no such account.
		_ = s.store.With(tenant, func(t *store.Tenant) error {
			if user, ok := t.UserByUPN(name); ok {
				v := &view{Flow: asked.FlowToken, HasWord: user.Password != "", HasKey: len(user.Passkeys) > 0, HasPass: usablePass(user, t.Now())}
				for key, value := range v.credentialType() {
					result[key] = value
				}
			}
			return nil
		})
	}
	return jsonAnswer(http.StatusOK, result)
}
