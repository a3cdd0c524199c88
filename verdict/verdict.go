package verdict

// Outcome is what a proof came to. There are three, never two.
type Outcome string

// The outcomes.
const (
	Enforced     Outcome = "enforced"
	NotEnforced  Outcome = "not-enforced"
	Inconclusive Outcome = "inconclusive"
)

// Rules is the version of the decision table. It is raised when a line of the table changes
// what an observation comes to, or a sentence of a verdict is put in other words: a verdict is
// verified whole. A code that no earlier observation comes to does not raise it.
//
// 2: a proof through the portal whose plain tokens were only validated is inconclusive.
const Rules = 2

// Code says what happened, without naming an object.
type Code string

// Reasons of Decide, in the order of the decision table.
const (
	PlainTokenAccepted Code = "PLAIN_TOKEN_ACCEPTED"

	SessionNotAlive     Code = "SESSION_NOT_ALIVE"
	SessionNotPrimed    Code = "SESSION_NOT_PRIMED"
	WithinReuseWindow   Code = "WITHIN_REUSE_WINDOW"
	SessionTooOld       Code = "SESSION_TOO_OLD"
	SessionProbeRefused Code = "SESSION_PROBE_REFUSED"
	ClientForcedPrompt  Code = "CLIENT_FORCED_PROMPT"
	AdminInUse          Code = "ADMIN_IN_USE"
	RoleAlreadyActive   Code = "ROLE_ALREADY_ACTIVE"
	RoleNotEligible     Code = "ROLE_NOT_ELIGIBLE"
	PageNotRecognised   Code = "PAGE_NOT_RECOGNISED"
	CredentialRejected  Code = "CREDENTIAL_REJECTED"
	TokenNotVerified    Code = "TOKEN_NOT_VERIFIED"
	TokenRevoked        Code = "TOKEN_REVOKED"
	OtherContextWanted  Code = "OTHER_CONTEXT_WANTED"
	TokenOfOtherUser    Code = "TOKEN_OF_OTHER_USER"
	TokenOfOtherSession Code = "TOKEN_OF_OTHER_SESSION"
	ClientWithoutCP1    Code = "CLIENT_WITHOUT_CP1"
	ChallengeLoop       Code = "CHALLENGE_LOOP"
	OtherPolicyPrompts  Code = "OTHER_POLICY_PROMPTS"
	DeviceRequired      Code = "DEVICE_REQUIRED"
	RiskRaised          Code = "RISK_RAISED"
	PolicyBlocksSignIn  Code = "POLICY_BLOCKS"
	HostRefused         Code = "HOST_REFUSED"
	Throttled           Code = "THROTTLED"
	TenantNotReady      Code = "TENANT_NOT_READY"
	ServiceFailed       Code = "SERVICE_FAILED"
	BrowserFailed       Code = "BROWSER_FAILED"
	ClockJumped         Code = "CLOCK_JUMPED"
	DeadlinePassed      Code = "DEADLINE_PASSED"

	ActivatedWithoutPrompt  Code = "ACTIVATED_WITHOUT_PROMPT"
	ContextNotRequired      Code = "CONTEXT_NOT_REQUIRED"
	PromptWithoutFreshToken Code = "PROMPT_WITHOUT_FRESH_TOKEN"
	FreshTokenWithoutPrompt Code = "FRESH_TOKEN_WITHOUT_PROMPT"
	StepUpSingleFactor      Code = "STEP_UP_SINGLE_FACTOR"
	StepUpMethodTooWeak     Code = "STEP_UP_METHOD_TOO_WEAK"
	Reprompted              Code = "REPROMPTED"
	TokenMalformed          Code = "TOKEN_MALFORMED"
	Unknown                 Code = "UNKNOWN"

	SteppedUpTokenReusable        Code = "STEPPED_UP_TOKEN_REUSABLE"
	SteppedUpRefreshTokenReusable Code = "STEPPED_UP_REFRESH_TOKEN_REUSABLE"

	PlainTokensOnlyValidated Code = "PLAIN_TOKENS_ONLY_VALIDATED"
	AdminUseNotChecked       Code = "ADMIN_USE_NOT_CHECKED"
	LogDisagrees             Code = "LOG_DISAGREES" // the log said otherwise; it never overrules
)

// Reason is what happened, in one sentence.
type Reason struct {
	Code Code   `json:"code"`
	Text string `json:"text"` // what was seen, for people; verify compares it as wording only
}

// CauseCode names a fault of the configuration.
type CauseCode string

// Causes of Diagnose.
const (
	ContextMissing             CauseCode = "CONTEXT_MISSING"
	ContextNotPublished        CauseCode = "CONTEXT_NOT_PUBLISHED"
	RoleSettingNoContext       CauseCode = "ROLE_SETTING_NO_CONTEXT"
	PolicyMissing              CauseCode = "POLICY_MISSING"
	PolicyDisabled             CauseCode = "POLICY_DISABLED"
	PolicyReportOnly           CauseCode = "POLICY_REPORT_ONLY"
	PolicyUserNotCovered       CauseCode = "POLICY_USER_NOT_COVERED"
	PolicyUserExcluded         CauseCode = "POLICY_USER_EXCLUDED"
	PolicyScopedToInactiveRole CauseCode = "POLICY_SCOPED_TO_INACTIVE_ROLE"
	PolicyConditionNarrows     CauseCode = "POLICY_CONDITION_NARROWS"
	PolicyGrantTooWeak         CauseCode = "POLICY_GRANT_TOO_WEAK"
	PolicyBlocks               CauseCode = "POLICY_BLOCKS"
	SignInFrequencyMissing     CauseCode = "SIGN_IN_FREQUENCY_MISSING"
	SignInFrequencyDisabled    CauseCode = "SIGN_IN_FREQUENCY_DISABLED"
	SignInFrequencyTimeBased   CauseCode = "SIGN_IN_FREQUENCY_TIME_BASED"
	SignInFrequencySecondary   CauseCode = "SIGN_IN_FREQUENCY_SECONDARY_ONLY"
	CauseRoleAlreadyActive     CauseCode = "ROLE_ALREADY_ACTIVE"
	CauseRoleNotEligible       CauseCode = "ROLE_NOT_ELIGIBLE"
	EligibilityScoped          CauseCode = "ELIGIBILITY_SCOPED"
	UnprotectedPath            CauseCode = "UNPROTECTED_PATH"
	ApprovalRequired           CauseCode = "APPROVAL_REQUIRED"
	PolicyDemandsDevice        CauseCode = "POLICY_DEMANDS_DEVICE"
	PolicyMethodMissing        CauseCode = "POLICY_METHOD_MISSING"
	PolicyPromptsElsewhere     CauseCode = "POLICY_PROMPTS_ELSEWHERE"
)

// Cause is a fault of the configuration: which object, what is wrong, how to mend it.
type Cause struct {
	Code   CauseCode `json:"code"`
	Object string    `json:"object"` // Graph path of the object at fault
	Text   string    `json:"text"`   // what is wrong, for people
	Mend   string    `json:"mend"`   // how to mend it
}

// Witnesses are the three accounts of one activation, each by itself.
type Witnesses struct {
	Screen string `json:"screen"` // prompted, not-prompted, not-observed
	Token  string `json:"token"`  // fresh, stale, fresh-without-context, not-observed
	Log    string `json:"log"`    // required, previously-satisfied, not-observed
}

// Control is something that had to hold for a verdict to mean anything.
type Control struct {
	Name string `json:"name"` // which control
	Held bool   `json:"held"` // false also where it could not be checked
	Text string `json:"text"` // what was seen of it
}

// Scope says for whom and when else the observation speaks. Where the configuration could not
// be read its slices are nil and its numbers mean nothing: see Known.
type Scope struct {
	Eligible   int          `json:"eligible"` // how many accounts may activate the role
	Covered    int          `json:"covered"`  // how many of them the policies ask as they asked the admin
	NotCovered []NotCovered `json:"not_covered"`
	NarrowedBy []Narrowing  `json:"narrowed_by"`
	OtherPaths []OtherPath  `json:"other_paths"`
}

// NotCovered is an eligible principal whom no right policy covers.
type NotCovered struct {
	ID  string `json:"id"`  // object id
	Why string `json:"why"` // what lets this account pass unasked
}

// Narrowing is a condition that this sign-in met but another might not.
type Narrowing struct {
	Policy    string `json:"policy"`    // object id
	Condition string `json:"condition"` // in words
}

// Verdict is what Decide came to.
type Verdict struct {
	Rules     int       `json:"rules"` // version of the decision table
	Outcome   Outcome   `json:"verdict"`
	Reasons   []Reason  `json:"reasons"`
	Causes    []Cause   `json:"causes"`
	Witnesses Witnesses `json:"witnesses"`
	Controls  []Control `json:"controls"`
	Scope     Scope     `json:"scope"`
	// Summary is the verdict in one sentence, for people.
	Summary string `json:"summary"`
}
