package browser

import "time"

// Wait is something that a caller waited for.
type Wait struct {
	// What is a command of the protocol, or one of the constants below.
	What         string
	Began, Ended time.Time
	// Address of a navigation, with its query: a secret.
	Address string
}

// What a wait may be for, beside commands.
const (
	WaitNavigation = "navigation" // Tab.Navigate, with the command and the document that are in it
	WaitDocument   = "document"   // the next document of a tab, which is there then, and may still load
	WaitRequest    = "request"    // a request of a page: nobody need have waited for it
)

// Watch has f hear of everything that callers wait for from then on, several at a time. It is for measurements.
func (b *Browser) Watch(f func(Wait)) { b.conn.watching.Store(&f) }

// waited tells of a wait that ends now.
func (c *conn) waited(what string, began time.Time, address string) {
	if f := c.watching.Load(); f != nil {
		(*f)(Wait{what, began, time.Now(), address})
	}
}
