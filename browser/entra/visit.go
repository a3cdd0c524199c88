package entra

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/secret"
)

// Visit is one page of a sign-in that the browser stood on, or that went by. Times are the
// tenant's clock.
type Visit struct {
	// At is when the page was recognised.
	At time.Time
	// Page is its name in this package, PGID its own, Host where it came from.
	Page, PGID, Host string
	// Factor is the credential that it asks for; empty where it is no prompt.
	Factor string
	// StoodStill is true when the page waited until it was acted on, false when it went on by
	// itself.
	StoodStill bool
	// Sent is true when the credential was seen leaving in a request, at SentAt.
	Sent   bool
	SentAt time.Time
	// Screenshot of the page before it was acted on, with credential fields masked; nil when
	// none was wanted or could be taken.
	Screenshot []byte
}

// sentWatch watches for a credential leaving the browser.
type sentWatch struct {
	watch *browser.Watch
}

// watchSent begins before the page is acted on. value is what has to leave; empty when only
// the browser knows it (the signature of a passkey, an approved notification).
func watchSent(tap *browser.Wiretap, factor string, value secret.Text) *sentWatch {
	return &sentWatch{watch: tap.Watch(browser.Sent, func(e browser.Exchange) bool {
		return carries(e, factor, value)
	})}
}

// seen ends the watch and returns when the credential left, by this machine's clock.
func (w *sentWatch) seen() (time.Time, bool) {
	if w == nil {
		return time.Time{}, false
	}
	defer w.watch.Stop()
	e, ok := w.watch.Take()
	return e.At, ok
}

// carries reports whether a request carries a credential of the factor.
func carries(e browser.Exchange, factor string, value secret.Text) bool {
	if len(e.PostData) == 0 {
		return false
	}
	return slices.ContainsFunc(carriers[factor], func(name string) bool {
		got := carried(e, name)
		return got != "" && (value.Empty() || got == value.Reveal())
	})
}

// carried is the value of a form field, or of a member of a JSON body.
func carried(e browser.Exchange, name string) string {
	if form := e.Form(); form != nil {
		return form.Get(name)
	}
	if !strings.Contains(e.RequestHeaders.Get("Content-Type"), "json") {
		return ""
	}
	var members map[string]any
	if json.Unmarshal(e.PostData, &members) != nil {
		return ""
	}
	text, _ := members[name].(string)
	return text
}
