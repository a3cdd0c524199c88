package entra

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
)

// PageNotRecognised is a page that is none of the table, or that did not go on.
type PageNotRecognised struct {
	// PGID is the page's own name for itself, empty where it has none.
	PGID, Title string
	// URL without query and fragment.
	URL string
	// What is known of it, in words.
	What string
	// Screenshot is a PNG with credential fields masked; nil when none could be taken.
	Screenshot []byte
	// Captured is the page without its secrets, from which a row of the table can be made; nil
	// when it could not be read.
	Captured *Captured
}

// Error implements error.
func (e *PageNotRecognised) Error() string {
	return fmt.Sprintf("recognise page %s (pgid %q, title %q, table of %s): %s", e.URL, e.PGID, e.Title, PagesVersion, e.What)
}

// CredentialRejected is a sign-in page that did not take a credential. The credential is not
// sent again: mend it first.
type CredentialRejected struct {
	// Factor that was rejected; "user name" for the account itself.
	Factor string
	// Text of the page, in its language.
	Text       string
	Screenshot []byte
}

// Error implements error.
func (e *CredentialRejected) Error() string {
	return fmt.Sprintf("sign in: the %s was rejected (%s); it is not sent again until it is mended", e.Factor, e.Text)
}

// Blocked is a sign-in that ended on a page from which nothing leads on: Conditional Access
// refused, a registration or a consent is demanded, an error.
type Blocked struct {
	// Page is the page's name in this package.
	Page string
	// AADSTS is the number of the error; 0 where the page gave none.
	AADSTS int
	// Text of the page.
	Text       string
	Screenshot []byte
}

// Error implements error.
func (e *Blocked) Error() string {
	if e.AADSTS == 0 {
		return fmt.Sprintf("sign in: stopped at the page %q: %s", e.Page, e.Text)
	}
	return fmt.Sprintf("sign in: stopped at the page %q: AADSTS%d: %s", e.Page, e.AADSTS, e.Text)
}

// NotSilent is a silent request that was answered with a page for a person.
type NotSilent struct {
	PGID       string
	URL        string // without query and fragment
	Screenshot []byte
}

// Error implements error.
func (e *NotSilent) Error() string {
	return fmt.Sprintf("sign in silently: a page stood still at %s (pgid %q) instead", e.URL, e.PGID)
}

var aadsts = regexp.MustCompile(`AADSTS(\d+)`)

// aadstsOf is the number in an error text; 0 when it has none.
func aadstsOf(text string) int {
	match := aadsts.FindStringSubmatch(text)
	if match == nil {
		return 0
	}
	number, err := strconv.Atoi(match[1])
	if err != nil {
		return 0
	}
	return number
}

// throttledBy reports whether the sign-in host refuses because it has too much to do: by HTTP
// status, or by the documented numbers 90033 (the directory is unavailable) and 90055 (too many
// requests).
func throttledBy(s snapshot) bool {
	number := aadstsOf(s.Exception)
	return s.Status == http.StatusTooManyRequests || number == 90033 || number == 90055
}

// blockedBy reports whether an error text is Conditional Access refusing, by the documented
// numbers: 53000-53004 and 530002-530035 (device, location, policy), 50105 (not assigned).
func blockedBy(text string) bool {
	number := aadstsOf(text)
	return number >= 53000 && number <= 53004 || number >= 530002 && number <= 530035 || number == 50105
}
