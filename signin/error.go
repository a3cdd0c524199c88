package signin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// Error is a refusal of the authorize or the token endpoint.
type Error struct {
	Code        string // OAuth error: "interaction_required"
	Description string // the host's whole text, with trace and correlation id
	AADSTS      int    // 50058; 0 when the host named none
	Suberror    string // "" when there is none
	Claims      string // claims to ask for next, as JSON; "" when there are none
	Status      int    // HTTP status of the token endpoint; 0 for the authorize endpoint
}

// Error is the code, the number and the first line of the description.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("the sign-in host refused: " + e.Code)
	if e.Suberror != "" {
		b.WriteString(" (" + e.Suberror + ")")
	}
	if e.Status != 0 {
		fmt.Fprintf(&b, ", HTTP %d", e.Status)
	}
	first, _, _ := strings.Cut(e.Description, "\n")
	first, _, _ = strings.Cut(first, "Trace ID:") // on the same line in some answers (observed)
	if first = strings.TrimSpace(first); first != "" {
		b.WriteString(": " + first)
	}
	return b.String()
}

// dead are the AADSTS numbers that say that the session is not there or not valid, whatever the
// policies (documented, but for 160021):
//
//	50058  the session is not enough for single sign-on: nobody is signed in
//	50132  the session is not valid: its credentials were changed or expired
//	50133  the session is not valid: it was revoked
//	50173  the grant is revoked, a fresh one is needed
//	160021 no session has the sid that was asked for (observed)
var dead = map[int]bool{50058: true, 50132: true, 50133: true, 50173: true, 160021: true}

// SessionDead reports whether the refusal says that no session is there. Otherwise something else
// refused: a policy that wants another factor (50074, 50076, 50078, 50079) or a younger session
// (70043, 70044), a device, a consent. A bare login_required, without a number, counts as dead.
func (e *Error) SessionDead() bool {
	if e.AADSTS == 0 {
		return e.Code == "login_required"
	}
	return dead[e.AADSTS]
}

// number finds the AADSTS number at the start of a description.
var number = regexp.MustCompile(`AADSTS(\d{1,9})`)

func aadsts(description string) int {
	match := number.FindStringSubmatch(description)
	if match == nil {
		return 0
	}
	n, err := strconv.Atoi(match[1])
	if err != nil {
		return 0
	}
	return n
}

// authorizeError reads the refusal out of the query of the redirect.
func authorizeError(q url.Values) *Error {
	e := &Error{
		Code: q.Get("error"), Description: q.Get("error_description"),
		AADSTS: aadsts(q.Get("error_description")), Suberror: q.Get("error_subcode"), Claims: q.Get("claims"),
	}
	if e.Suberror == "" {
		e.Suberror = q.Get("suberror")
	}
	if help, err := url.Parse(q.Get("error_uri")); err == nil && e.AADSTS == 0 { // …/error?code=50079
		e.AADSTS = aadsts("AADSTS" + help.Query().Get("code"))
	}
	return e
}

// tokenError reads the refusal out of the body of the token endpoint.
func tokenError(status int, body []byte) *Error {
	var answer struct {
		Code        string `json:"error"`
		Description string `json:"error_description"`
		Numbers     []int  `json:"error_codes"`
		Suberror    string `json:"suberror"`
		Claims      string `json:"claims"`
	}
	if json.Unmarshal(body, &answer) != nil || answer.Code == "" {
		return &Error{Code: "no OAuth error", Description: http.StatusText(status), Status: status}
	}
	e := &Error{
		Code: answer.Code, Description: answer.Description, AADSTS: aadsts(answer.Description),
		Suberror: answer.Suberror, Claims: answer.Claims, Status: status,
	}
	if len(answer.Numbers) > 0 {
		e.AADSTS = answer.Numbers[0]
	}
	return e
}
