package evidence

// controlProves says of each control of package verdict what it proves: which other explanation of what
// was seen it rules out.
var controlProves = map[string]string{
	"proof-completed":           "No step is missing.",
	"requirement-known":         "What has to count was fixed before anything was seen.",
	"role-setting-read":         "What the activation is asked for is what the tenant says.",
	"id-token-verified":         "The claims are the tenant's own: the signature was checked while the run lasted.",
	"session-alive":             "The prompt did not come from a session that had ended.",
	"session-primed":            "The prompt did not come from a factor or an acceptance that was still owed: only freshness was left to ask for.",
	"outside-reuse-windows":     "No earlier sign-in could still have counted.",
	"younger-than-an-hour":      "A frequency of an hour or more could not look like \"every time\".",
	"session-kept":              "What came after the step-up is of the admin and the session that signed in.",
	"admin-not-in-use":          "Nobody else's sign-in or activation with the account could suppress the prompt.",
	"probes-agree":              "auth_time means what it is taken for.",
	"steps-in-order":            "Cause came before effect.",
	"step-up-not-forced":        "The prompt was the tenant's will and not the client's.",
	"role-not-active-before":    "The role became active by this activation.",
	"role-eligible":             "The admin was entitled to ask.",
	"client-answers-challenges": "A refusal was PIM's, and not for want of a client that can be challenged.",
	"first-plain-token-refused": "A token from the first sign-in, such as a thief may hold, was not enough.",
	"fresh-plain-token-refused": "Nor was one that was minted a moment before.",
}

// What each witness proves, and what it does not.
const (
	screenProves = "Proves that a credential was asked for, and sent, between the challenge and the token. Not which policy asked."
	tokenProves  = "Proves, by verified ID tokens of the harness's own client, that the session authenticated anew. Not what it was asked for."
	logProves    = "Proves what the tenant itself wrote down: which context, and that the frequency was every time. It comes late and never overrules."
)
