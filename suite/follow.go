package suite

import (
	"context"

	"github.com/reprompt/reprompt/activation"
	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/trace"
)

// following is the trace of one proof; nil where none is kept, which all its methods take.
type following struct {
	tracer   *trace.Tracer
	wire     *trace.Wire // hears this proof alone, whatever goes on beside it
	sessions []*browser.Session
}

// follow begins to trace a proof in a session that has no tab yet, where traces are kept.
func (w *world) follow(session *browser.Session) *following {
	if !w.dial.traced {
		return nil
	}
	f := &following{wire: &trace.Wire{}}
	f.tracer = trace.New(w.clock, f.wire)
	f.also(session)
	return f
}

// also traces one more session.
func (f *following) also(session *browser.Session) {
	if f != nil {
		session.KeepConsole()
		f.sessions = append(f.sessions, session)
	}
}

// within is the context of the proof: what the program's own clients send under it belongs to its trace.
func (f *following) within(ctx context.Context) context.Context {
	if f == nil {
		return ctx
	}
	return f.wire.Within(ctx)
}

// in has a proof followed.
func (f *following) in(deps activation.Deps) activation.Deps {
	if f != nil {
		deps.Tracer, deps.Clock = f.tracer, f.tracer.Clock()
	}
	return deps
}

// keep hands the trace to the evidence.
func (f *following) keep(scenario *evidence.Scenario) {
	if f != nil {
		f.tracer.Keep(scenario, f.sessions...)
	}
}
