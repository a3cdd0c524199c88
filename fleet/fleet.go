package fleet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"
)

// Tenant is one tenant of the list.
type Tenant struct {
	Name   string // unique; names its folder
	Labels map[string]string
}

// Role is the proof of one role.
type Role struct {
	Role     string        `json:"role"` // display name
	RoleID   string        `json:"role_definition_id"`
	Verdict  string        `json:"verdict"`        // empty: none
	Clean    bool          `json:"clean"`          // it speaks for everyone who may activate the role
	Summary  string        `json:"summary"`        // one sentence
	At       time.Time     `json:"at,omitzero"`    // by the tenant's clock
	Noted    time.Time     `json:"noted,omitzero"` // by the machine's clock
	Took     time.Duration `json:"took_ns"`
	Evidence string        `json:"evidence"` // the folder of the bundle
	Error    string        `json:"error"`    // why there is no verdict; empty: there is one
	Overdue  bool          `json:"overdue"`  // its last verdict is older than is allowed
}

// Prover proves tenants. It is used by several goroutines.
type Prover interface {
	// Prove proves the roles of a tenant and writes the bundle below a folder. The roles are there also
	// when it failed, as far as they are known. The error may be a *NotRestoredError.
	Prove(ctx context.Context, t Tenant, dir string) (tenantID string, roles []Role, err error)
	// Kept are the proofs of a finished bundle below a folder; none where there is none.
	Kept(t Tenant, dir string) (tenantID string, roles []Role, err error)
}

// NotRestoredError says that a tenant could not be restored.
type NotRestoredError struct{ Err error }

// Error implements error.
func (e *NotRestoredError) Error() string { return e.Err.Error() }

// Unwrap returns the reason.
func (e *NotRestoredError) Unwrap() error { return e.Err }

// DefectError says that proving a tenant ended in a defect of ours.
type DefectError struct{ What, Stack string }

// Error implements error.
func (e *DefectError) Error() string { return "a defect of reprompt itself: " + e.What }

// Options say how to go through the list.
type Options struct {
	// Dir is the folder of the run; made when it is not there.
	Dir string
	// ID names the run.
	ID string
	// AtOnce is how many tenants are proved at a time; 0 means 1.
	AtOnce int
	// Resume takes what has a finished bundle in Dir instead of proving it again.
	Resume bool
	// Overdue is how old the last verdict of a role may be, by the machine's clock, before it is told; 0 means
	// that age is no matter. A finished bundle that is older is not taken by Resume.
	Overdue time.Duration
	// Earlier is an earlier run over the same tenants, from which it is known when roles that come to no verdict
	// this time were proved last; nil: there is none.
	Earlier *Summary
	// Strict counts a verdict that does not speak for everyone as not as demanded.
	Strict bool
	// Known is called with each tenant before any is proved: nothing is known of it but what Earlier knows; may be
	// nil.
	Known func(Result)
	// Ended is called after each tenant, one call at a time; may be nil.
	Ended func(Result)
	// Redact takes secrets out of what an error said; nil: nothing is taken.
	Redact func(string) string
	// Now is the machine's clock; nil means time.Now.
	Now func() time.Time
}

// Run proves every tenant and returns the summary, which is there also when ctx ended before it was
// through. The error says what of the run itself went wrong, never what did with a tenant.
func Run(ctx context.Context, tenants []Tenant, prover Prover, o Options) (*Summary, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the run: %w; choose another with --evidence", err)
	}
	r := &run{Options: o, prover: prover, summary: newSummary(o, tenants), earlier: o.Earlier.byName()}
	for i := range r.summary.Tenants {
		t := &r.summary.Tenants[i]
		t.age(o.Now(), o.Overdue, r.earlier[t.Name])
		if o.Known != nil {
			o.Known(*t)
		}
	}
	r.summary.count(o.Strict)
	if err := r.summary.write(o.Dir); err != nil {
		return r.summary, err
	}
	next := make(chan int)
	var workers sync.WaitGroup
	for range max(1, min(o.AtOnce, len(tenants))) {
		workers.Go(func() {
			for i := range next {
				r.one(ctx, i, tenants[i])
			}
		})
	}
	for i := range tenants {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	workers.Wait()
	return r.summary, r.finish()
}

// run is one run while it goes on.
type run struct {
	Options
	prover Prover

	mu      sync.Mutex
	summary *Summary
	earlier map[string]Result // by name
	err     error             // the first that writing the summary came to
}

// one proves one tenant, or takes what is there already.
func (r *run) one(ctx context.Context, i int, t Tenant) {
	if ctx.Err() != nil {
		return
	}
	began := r.Now()
	result := Result{Name: t.Name, Labels: t.Labels, State: Proved}
	dir := filepath.Join(r.Dir, t.Name)
	var err error
	if r.Resume {
		if result.TenantID, result.Roles, err = r.prover.Kept(t, dir); err == nil && len(result.Roles) > 0 && !r.late(result.Roles) {
			result.State = Kept
			r.note(i, result)
			return
		}
	}
	if err == nil {
		result.TenantID, result.Roles, err = r.guarded(ctx, t, dir)
	}
	result.Seconds = r.Now().Sub(began).Seconds()
	for i, role := range result.Roles {
		if role.Verdict != "" && role.Noted.IsZero() {
			result.Roles[i].Noted = r.Now().UTC()
		}
	}
	result.judge(err, ctx.Err() != nil)
	r.note(i, result)
}

// guarded keeps a defect in one tenant from ending the others.
func (r *run) guarded(ctx context.Context, t Tenant, dir string) (id string, roles []Role, err error) {
	defer func() {
		if what := recover(); what != nil {
			err = &DefectError{fmt.Sprint(what), string(debug.Stack())}
		}
	}()
	return r.prover.Prove(ctx, t, dir)
}

// note puts a result into the summary and on disk.
func (r *run) note(i int, result Result) {
	if r.Redact != nil {
		result.Error = r.Redact(result.Error)
		for n := range result.Roles {
			result.Roles[n].Error = r.Redact(result.Roles[n].Error)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	result.age(r.Now(), r.Overdue, r.earlier[result.Name])
	r.summary.Tenants[i] = result
	r.summary.count(r.Strict)
	r.err = errors.Join(r.err, r.summary.write(r.Dir))
	if r.Ended != nil {
		r.Ended(result)
	}
}

func (r *run) finish() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	finished := r.Now().UTC()
	r.summary.Finished = &finished
	return errors.Join(r.err, r.summary.write(r.Dir))
}
