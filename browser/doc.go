// Package browser drives one Chromium over the DevTools protocol. It knows no page of
// anybody: package entra, below it, does.
//
// # Shape
//
// A Browser is a process. A Session is an isolated browser context in it: cookies, storage
// and passkeys of one admin, and one Wiretap. A Tab is a top-level page of a session; popups
// become tabs of the session by themselves. A Document is what a tab shows between two
// navigations.
//
//	b, err := browser.Start(ctx, browser.Options{Installation: installation})
//	s, err := b.NewSession(ctx)
//	t, err := s.NewTab(ctx)
//	doc, err := t.Navigate(ctx, "https://example.com/")
//	err = doc.Eval(ctx, `document.querySelector("form").submit()`, nil)
//	doc, err = t.AwaitDocument(ctx, doc)
//
// # How it waits
//
// Nothing here polls or sleeps. Every state is kept by the events of the browser, which are
// handled in the order in which they arrive; an awaiting caller names the document that it
// acted on and is woken when that document is replaced, so nothing can be missed between
// acting and awaiting. A wait ends with its context.
//
// # How nothing escapes
//
// The browser pauses every new page, popup, cross-origin frame and worker before its first
// instruction (Target.setAutoAttach, flattened, waiting for the debugger). It is resumed once
// the wiretap listens and the passkeys are in place. Therefore the wiretap sees the first
// request of each, and a popup that asks for a passkey as it loads finds one.
//
// The transport is chromedp's pipe and the commands are cdproto's typed ones. chromedp's own
// Target is not used: it drops the messages of sessions that it did not attach itself, which
// are exactly those of frames and workers.
//
// # What it does not do
//
// It never opens a debugging port: whoever can reach such a port owns the admin's session. Connect drives a
// browser that somebody else opened one for, over chromedp's WebSocket in place of the pipe.
// On Windows it starts none, because the pipe needs inherited file descriptors; it connects to one.
package browser
