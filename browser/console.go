package browser

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/cdp/jsonv2"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
)

// mostMessages bounds what Console keeps: a page that writes in a loop must not fill the memory.
const mostMessages = 1000

// Message is a line of a page's console. Pages write what they like: it may hold secrets.
type Message struct {
	// At is when it was written, by this machine's clock.
	At time.Time
	// Level is log, debug, info, warning or error.
	Level string
	// Text is what was written, its parts joined by spaces.
	Text string
	// TargetKind says where it was written: one of the Kind constants.
	TargetKind string
}

// console keeps the messages of a session.
type console struct {
	mu       sync.Mutex
	kept     bool
	messages []Message
}

// KeepConsole keeps what pages that come from now on write to their consoles, what the browser
// itself says there, and exceptions that nobody caught. Pages can notice that somebody listens.
func (s *Session) KeepConsole() {
	s.console.mu.Lock()
	s.console.kept = true
	s.console.mu.Unlock()
	s.mu.Lock()
	there := slices.Clone(s.attachments) // a blank tab that was opened ahead
	s.mu.Unlock()
	for _, a := range there {
		s.console.listen(a)
	}
}

// Console are the first messages that were kept, in the order in which they came.
func (s *Session) Console() []Message {
	s.console.mu.Lock()
	defer s.console.mu.Unlock()
	return append([]Message(nil), s.console.messages...)
}

// listen asks a target for its messages before its first instruction.
func (c *console) listen(a *attachment) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept {
		post(a.route, cdplog.Enable, cdp.Empty{})
		post(a.route, runtime.Enable, cdp.Empty{})
	}
}

// event takes a message, on the reading goroutine.
func (c *console) event(a *attachment, method string, params jsonv2.Value) {
	m := Message{At: time.Now().UTC(), TargetKind: a.kind}
	switch method {
	case cdplog.EntryAdded.Method:
		event, ok := decode[cdplog.EventEntryAdded](params)
		if !ok || event.Entry == nil {
			return
		}
		m.Level, m.Text = level(string(event.Entry.Level)), event.Entry.Text
	case runtime.ConsoleAPICalled.Method:
		event, ok := decode[runtime.EventConsoleAPICalled](params)
		if !ok {
			return
		}
		m.Level, m.Text = level(string(event.Type)), textsOf(event.Args)
	case runtime.ExceptionThrown.Method:
		event, ok := decode[runtime.EventExceptionThrown](params)
		if !ok || event.ExceptionDetails == nil {
			return
		}
		m.Level, m.Text = "error", exceptionText(event.ExceptionDetails)
	default:
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept && len(c.messages) < mostMessages {
		c.messages = append(c.messages, m)
	}
}

func exceptionText(of *runtime.ExceptionDetails) string {
	if of.Exception != nil && of.Exception.Description != "" {
		return of.Text + " " + of.Exception.Description
	}
	return of.Text
}

// level is one of five words for the many of the protocol.
func level(said string) string {
	switch said {
	case "debug", "info", "error":
		return said
	case "verbose":
		return "debug"
	case "warning", "warn":
		return "warning"
	case "assert":
		return "error"
	}
	return "log"
}

// textsOf are the arguments of a call as the console shows them: values as they are, of objects what
// they are.
func textsOf(args []*runtime.RemoteObject) string {
	var parts []string
	for _, arg := range args {
		var text string
		switch {
		case arg == nil:
			continue
		case json.Unmarshal(arg.Value, &text) == nil && text != "":
		case len(arg.Value) > 0:
			text = string(arg.Value)
		case arg.Description != "":
			text = arg.Description
		default:
			text = string(arg.Type)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " ")
}
