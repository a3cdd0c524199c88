package evidence

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/reprompt/reprompt/verdict"
)

// ProveSchema names the format of the object that `reprompt prove --json` prints. Fields and
// codes are only ever added to it.
const ProveSchema = "reprompt/prove/v1"

// Proof is one proof as it is told to a terminal or another program.
type Proof struct {
	// Way, Require, Role, Admin and TenantID say what was asked for; known even when
	// Observation is nil. What is empty is unknown.
	Way      verdict.Way
	Require  verdict.Require
	Role     verdict.Role
	Admin    verdict.Admin
	TenantID string
	Target   Target // empty when nothing was seen of the tenant

	Observation *verdict.Observation // nil when the proof did not begin
	Verdict     *verdict.Verdict     // nil when nothing was decided
	// Restored is nil when nothing had to be restored.
	Restored *bool
	// Evidence is the run's folder; empty when none was written.
	Evidence string
	// Err is why there is no verdict, or what went wrong after it; nil when nothing did.
	Err error
}

// proveLine is the object, in the order in which it is printed.
type proveLine struct {
	Schema           string             `json:"schema"`
	Rules            int                `json:"rules"`
	Verdict          *verdict.Outcome   `json:"verdict"`
	Way              *string            `json:"way"`
	Role             *string            `json:"role"`
	RoleDefinitionID *string            `json:"role_definition_id"`
	DirectoryScopeID *string            `json:"directory_scope_id"`
	Context          *string            `json:"context"`
	Require          *string            `json:"require"`
	Admin            *verdict.Admin     `json:"admin"`
	TenantID         *string            `json:"tenant_id"`
	Target           *string            `json:"target"`
	Reasons          []verdict.Reason   `json:"reasons"`
	Causes           []verdict.Cause    `json:"causes"`
	Witnesses        *verdict.Witnesses `json:"witnesses"`
	Controls         []verdict.Control  `json:"controls"`
	Activations      []proveActivation  `json:"activations"`
	Replays          []proveReplay      `json:"replays"`
	Scope            *proveScope        `json:"scope"`
	Prediction       *provePrediction   `json:"prediction"`      // what Microsoft's What-If foretold
	PredictionNote   *string            `json:"prediction_note"` // why it foretold nothing
	Started          *time.Time         `json:"started"`
	Finished         *time.Time         `json:"finished"`
	Restored         *bool              `json:"restored"`
	Evidence         *string            `json:"evidence"`
	Error            *string            `json:"error"`
}

type proveActivation struct {
	N              int        `json:"n"`
	AuthAge        *float64   `json:"auth_age_s"`
	Prompted       *bool      `json:"prompted"`
	Factors        []string   `json:"factors"`
	AuthTimeBefore *time.Time `json:"auth_time_before"`
	AuthTimeAfter  *time.Time `json:"auth_time_after"`
	TokenHost      *string    `json:"token_host"`
	UTIDigest      *string    `json:"uti_digest"` // SHA-256 of the activating token's uti
}

type proveReplay struct {
	Token  verdict.ReplayToken  `json:"token"`
	Mode   string               `json:"mode"`
	Answer verdict.ReplayAnswer `json:"answer"`
	Age    *float64             `json:"age_s"`
}

type proveScope struct {
	Eligible   int                  `json:"eligible"`
	Covered    int                  `json:"covered"`
	NotCovered []verdict.NotCovered `json:"not_covered"`
	NarrowedBy []verdict.Narrowing  `json:"narrowed_by"`
}

type provePrediction struct {
	Prompt   bool          `json:"prompt"`    // whether a sign-in would be asked for
	Policies []provePolicy `json:"policies"`  // those that would apply
	CameTrue *bool         `json:"came_true"` // null where the screen saw neither
}

type provePolicy struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// ProveLine writes the object of ProveSchema on one line with its newline. Every field is
// always there, null when it is not known; a list is null when it is not known and empty when
// it is known to be empty. Times are RFC 3339, UTC, of the tenant's clock, to the second.
func ProveLine(p Proof) ([]byte, error) {
	line := proveLine{
		Schema: ProveSchema, Rules: verdict.Rules,
		Way: known(string(p.Way)), Role: known(p.Role.Name), RoleDefinitionID: known(p.Role.DefinitionID),
		DirectoryScopeID: known(p.Role.DirectoryScopeID), Require: known(string(p.Require)), TenantID: known(p.TenantID),
		Target: known(string(p.Target)), Restored: p.Restored, Evidence: known(p.Evidence),
	}
	if p.Admin != (verdict.Admin{}) {
		line.Admin = &p.Admin
	}
	if p.Err != nil {
		line.Error = known(p.Err.Error())
	}
	if p.Observation != nil {
		line.observed(*p.Observation)
	}
	if p.Verdict != nil {
		line.decided(*p.Verdict)
	}
	content, err := json.Marshal(line)
	if err != nil {
		return nil, fmt.Errorf("encode the proof: %w", err)
	}
	return append(content, '\n'), nil
}

func (l *proveLine) observed(o verdict.Observation) {
	if o.Setting.RequiresContext() {
		l.Context = &o.Setting.ContextID
	}
	l.Started, l.Finished = second(o.Started), second(o.Finished)
	l.foretold(o)
	l.Activations, l.Replays = []proveActivation{}, []proveReplay{}
	for _, a := range o.Activations {
		l.Activations = append(l.Activations, proveActivation{
			N: a.N, AuthAge: seconds(a.AuthAge), Prompted: prompted(a), Factors: a.Factors(),
			AuthTimeBefore: second(a.AuthTimeBefore), AuthTimeAfter: second(a.AuthTimeAfter),
			TokenHost: known(a.TokenHost), UTIDigest: utiDigest(a),
		})
	}
	for _, r := range o.Replays {
		l.Replays = append(l.Replays, proveReplay{Token: r.Token, Mode: r.Mode, Answer: r.Answer, Age: seconds(r.Age)})
	}
}

func (l *proveLine) foretold(o verdict.Observation) {
	p := o.Prediction
	if !p.Given() {
		if p != nil {
			l.PredictionNote = known(p.Text)
		}
		return
	}
	l.Prediction = &provePrediction{Prompt: p.Prompt(), Policies: []provePolicy{}, CameTrue: o.CameTrue()}
	for _, policy := range p.Applies {
		l.Prediction.Policies = append(l.Prediction.Policies, provePolicy{ID: policy.ID, Name: policy.Name})
	}
}

func (l *proveLine) decided(v verdict.Verdict) {
	l.Rules, l.Verdict, l.Reasons, l.Causes = v.Rules, &v.Outcome, v.Reasons, v.Causes
	l.Witnesses, l.Controls = &v.Witnesses, v.Controls
	if v.Scope.Known() {
		s := v.Scope
		l.Scope = &proveScope{Eligible: s.Eligible, Covered: s.Covered, NotCovered: s.NotCovered, NarrowedBy: s.NarrowedBy}
	}
}

// prompted is nil when the screen saw neither.
func prompted(a verdict.Activation) *bool {
	screen := verdict.ScreenOf(a)
	if screen == verdict.NotObserved {
		return nil
	}
	was := screen == verdict.ScreenPrompted
	return &was
}

func utiDigest(a verdict.Activation) *string {
	if a.Token == nil || a.Token.UTI == "" {
		return nil
	}
	sum := Digest([]byte(a.Token.UTI))
	return &sum
}

func known(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// seconds is nil for a duration that was not observed.
func seconds(d time.Duration) *float64 {
	if d == 0 {
		return nil
	}
	s := d.Round(time.Millisecond).Seconds()
	return &s
}

func second(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	at = at.UTC().Truncate(time.Second)
	return &at
}
