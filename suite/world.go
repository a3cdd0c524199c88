package suite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"github.com/reprompt/reprompt/await"
	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/browser/entra"
	"github.com/reprompt/reprompt/fixtures"
	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/pool"
	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/signin"
	"github.com/reprompt/reprompt/verdict"
)

// world is one tenant as one scenario, or one command, works on it: its clock, its clients, its
// fixtures.
type world struct {
	place place
	runID string

	dial     *dialer
	tokens   *appTokens
	clock    await.Clock
	moved    *await.TestClock // clock, where it is a test clock; nil: a real one
	reader   *graph.Client
	fixtures *fixtures.Fixtures
	client   *signin.Client
	admin    entra.Admin
	// neighbours are other accounts that are signed in in the admin's browser.
	neighbours []entra.Admin
	// person is told which page waits for a person; nil where the harness answers itself.
	person func(page string)

	// turn is the place among the proofs beside this one; nil: it is alone.
	turn *pool.Turn
	// free is told that the proof lets the admin authenticate no more; nil: the turn is.
	free func()
	// approver decides about an activation that waits for approval; nil: nobody of this run does.
	approver func(ctx context.Context) error

	// permit says whether the signed-in admin may activate once more; nil: always.
	permit func(ctx context.Context, token secret.Text) error

	// session opens a session in a browser, which is started when it is needed first.
	session func(ctx context.Context) (*browser.Session, error)
	// refused are the hosts that the browser was not let to so far; nil where nothing is refused.
	refused func() []string
	// step is told of each step of a proof as it begins; nil: nobody is.
	step func(name string)
	// noted is told what goes into the evidence beside a proof; nil: nobody is.
	noted func(kind, text string)
	// busy takes the place of the clock of patience, in tests.
	busy await.Clock
	// offset is the tenant's clock minus the machine's, where no test clock is; resync measures it, or the
	// test clock's, anew.
	offset atomic.Int64
	resync func(ctx context.Context) error
	// leases keep other scenarios away from its roles and contexts; nil: there are none.
	leases fixtures.Leases
	// leave counts the world out of those that share a test clock.
	leave func()

	mu      sync.Mutex
	changed time.Time // when the fixtures last changed the tenant, by its clock; zero: never
	effects *effects  // awaits that the tenant obeys it; nil before
	track   *track
	// signedIn is what the admin signed in to last to undo something; the zero one before.
	signedIn signin.Result

	// lingers keeps the sessions of proofs open until closeSessions; open are those.
	lingers bool
	open    []*browser.Session
}

// worldOptions are what differs between the commands.
type worldOptions struct {
	runID    string
	journal  *fixtures.Journal
	realTime bool
	session  func(ctx context.Context) (*browser.Session, error)
	refused  func() []string
	track    *track
	// reads connects as the application that reads, not as the one that prepares.
	reads bool
	// human lets a person answer the sign-in pages.
	human bool
	// trace follows each proof step by step.
	trace bool
	// skew is Options.skew.
	skew func(await.Clock) await.Clock
	// watch is Options.watch.
	watch func(waited)
	// busy is world.busy.
	busy await.Clock
	// step is told of each step of a proof as it begins; nil: nobody is.
	step func(name string)
	// lingers is world.lingers.
	lingers bool
	// clock is the test clock that this world shares with others, for which somebody else counts it; nil: it
	// has one of its own.
	clock *await.TestClock
	// leases are fixtures.Fixtures.Leases.
	leases fixtures.Leases
}

// newWorld connects to a tenant. It asks for the time and for nothing else.
func newWorld(ctx context.Context, p place, o worldOptions) (*world, error) {
	dial, err := newDialer(p.proxy, p.caPEM)
	if err != nil {
		return nil, required(err)
	}
	dial.watch = o.watch
	if o.watch != nil && p.control != nil {
		p.control = p.control.timed(o.watch)
	}
	dial.traced = o.trace
	w := &world{
		place: p, runID: o.runID, dial: dial, session: o.session, refused: o.refused, leave: func() {}, track: o.track, busy: o.busy, step: o.step,
		lingers: o.lingers, leases: o.leases,
	}
	w.client = &signin.Client{
		Authority: p.authority, TenantID: p.tenantID, ClientID: p.harnessID, RedirectURI: p.harnessRedirect,
		Scopes: []string{p.graph + "/.default"}, HTTP: dial.client(), Now: func() time.Time { return w.clock.Now() },
	}
	w.admin = p.admin()
	if o.human {
		w.admin = entra.Admin{UPN: p.adminUPN}
		w.person = w.waitsForPerson
	}
	p.rememberCodes(o.journal)
	if err := w.setClock(ctx, o); err != nil {
		dial.close()
		return nil, err
	}
	if o.skew != nil {
		w.clock = o.skew(w.clock)
	}
	if err := w.connectGraph(o.reads); err != nil {
		dial.close()
		return nil, err
	}
	w.fixtures = w.newFixtures(o.journal)
	return w, nil
}

// rememberCodes keeps a one-time code from being sent twice over processes, too: it is good
// once, and a repetition is one more failed sign-in of the account. A tenant of this process is
// nobody else's. The journal gets a digest of account and time, nothing of the seed or the code.
func (p place) rememberCodes(journal *fixtures.Journal) {
	if p.file == "" || journal == nil {
		return
	}
	account := strings.Join([]string{"one-time code", p.tenantID, strings.ToLower(p.adminUPN)}, "\x00")
	p.used.Once = func(at time.Time) (bool, error) {
		return journal.Once(account+"\x00"+at.UTC().Format(time.RFC3339), at)
	}
}

// setClock takes the test clock where there is one, else the machine's clock plus the offset of
// the sign-in host's.
func (w *world) setClock(ctx context.Context, o worldOptions) error {
	if w.place.control != nil && !o.realTime {
		return w.setTestClock(ctx, o.clock)
	}
	offset, err := w.client.Offset(ctx)
	if err != nil {
		if cause := w.unreachable(err); cause != nil {
			return cause
		}
		return requiredf("reach the sign-in host: %w; check the network and the proxy", err)
	}
	w.offset.Store(int64(offset))
	w.resync = func(ctx context.Context) error {
		offset, err := w.client.Offset(ctx)
		if err == nil {
			w.offset.Store(int64(offset))
		}
		return err
	}
	w.clock = w.realClock(&w.offset)
	return nil
}

// setTestClock takes a test clock that others have, too, or one of its own.
func (w *world) setTestClock(ctx context.Context, shared *await.TestClock) error {
	clock := shared
	if clock == nil {
		clock = w.place.control.clock(w.place.tenantID)
	}
	if err := clock.Sync(ctx); err != nil {
		return requiredf("reach the test clock: %w; is `reprompt emulator` still running?", err)
	}
	w.clock, w.moved, w.resync = patientClock{clock}, clock, clock.Sync
	if shared != nil {
		w.clock = patientClock{clock.Shown(func(why string, remaining time.Duration) { w.tracked().wait(why, remaining) })}
		return nil
	}
	w.leave = clock.Join()
	return nil
}

// realClock is the machine's clock plus the tenant's offset; its waits are shown on the world's track.
func (w *world) realClock(offset *atomic.Int64) await.Clock {
	return patientClock{await.RealClock{
		Offset:   func() time.Duration { return time.Duration(offset.Load()) },
		Progress: func(why string, remaining time.Duration) { w.tracked().wait(why, remaining) },
	}}
}

// beside is the same tenant for one of several proofs: with a test admin, a run id and a turn of its own.
// Clock, connections and what reads Graph are shared.
func (w *world) beside(p place, runID string, turn *pool.Turn) *world {
	other := &world{
		place: p, runID: runID, dial: w.dial, tokens: w.tokens, clock: w.clock, moved: w.moved, resync: w.resync, step: w.step, reader: w.reader, client: w.client,
		admin: p.admin(), session: w.session, refused: w.refused, busy: w.busy, leave: func() {}, turn: turn,
	}
	if w.moved == nil {
		other.clock = other.realClock(&w.offset)
	}
	if w.person != nil {
		other.admin = entra.Admin{UPN: p.adminUPN}
		other.person = other.waitsForPerson
	}
	other.fixtures = other.newFixtures(w.fixtures.Journal)
	return other
}

func (w *world) waitsForPerson(page string) {
	w.tracked().does("waiting for a person at the window: " + page)
}

func (w *world) connectGraph(reads bool) error {
	signIn := w.place.app
	if reads {
		signIn = w.place.reader
	}
	w.tokens = w.applicationTokens(signIn)
	reader, err := graph.New(graph.Options{
		HTTP: w.dial.client(), BaseURL: w.place.graphBase, Token: w.tokens.get,
		Clock: w.patience(), Pace: w.place.pace,
	})
	if err != nil {
		return required(err)
	}
	w.reader = reader
	return nil
}

func (w *world) applicationTokens(signIn applicationSignIn) *appTokens {
	return &appTokens{
		scope: w.place.graph + "/.default", now: w.clock.Now, reach: w.reach,
		credential: func() (azcore.TokenCredential, error) {
			return signIn(w.place.authority, w.place.tenantID, w.dial.client())
		},
	}
}

// patience is the clock by which Graph is waited for where it is too busy: the machine's also on an
// embedded tenant, whose clock must not move because a server is busy.
func (w *world) patience() await.Clock {
	if w.busy != nil {
		return w.busy
	}
	return throttledClock{await.RealClock{
		Progress: func(why string, remaining time.Duration) { w.tracked().wait(why, remaining) },
	}}
}

// lookEvery is the pause between two looks at an embedded tenant, which counts no requests. A
// real one is looked at as rarely as the fixtures say by themselves.
const lookEvery = 20 * time.Millisecond

// labWithin bounds the wait for a change of an embedded tenant whose file names no waits.propagation: it is
// not made to lag. A twentieth of it is spent on looking for a change of which no answer came.
const labWithin = 10 * time.Second

func (w *world) newFixtures(journal *fixtures.Journal) *fixtures.Fixtures {
	f := &fixtures.Fixtures{
		Graph: w.reader, Journal: journal, Clock: w.clock, RunID: w.runID,
		TenantID: w.place.tenantID, AdminID: w.place.adminID, Domain: w.place.madeDomain(), BreakGlass: w.place.breakGlass,
		Within: w.place.propagation, Effect: w.inForce, Deactivate: w.deactivate,
		OwnRequests: w.ownRequests, Leases: w.leases, ClientID: w.place.harnessID, Scopes: harnessScopes,
		Awaiting: func(what string) { w.tracked().does("waiting for " + what) },
	}
	if w.fixtures != nil {
		f.Remember(w.fixtures)
	}
	if w.place.control != nil {
		f.Every, f.Lab, f.Within = lookEvery, true, cmp.Or(w.place.propagation, labWithin)
	}
	return f
}

// role finds the one role of a display name or id, or says which the person may have meant.
func (w *world) role(ctx context.Context, name string) (verdict.Role, error) {
	found, err := w.reader.Role(ctx, name)
	if unknown := new(graph.UnknownRoleError); errors.As(err, &unknown) {
		return verdict.Role{}, required(fmt.Errorf("%w%s", err, w.roleLike(ctx, name)))
	}
	if ambiguous := new(graph.AmbiguousRoleError); errors.As(err, &ambiguous) {
		return verdict.Role{}, required(err)
	}
	if err != nil {
		return verdict.Role{}, requiredf("look the role %q up: %w", name, err)
	}
	return verdict.Role{Name: found.DisplayName, DefinitionID: found.ID, DirectoryScopeID: "/"}, nil
}

// roleLike suggests among the roles that the admin may activate: only those can be proved.
func (w *world) roleLike(ctx context.Context, typed string) string {
	eligible, err := w.reader.Eligibilities(ctx, graph.Holding{PrincipalID: w.place.adminID})
	if err != nil {
		return ""
	}
	var names []string
	for _, instance := range eligible {
		if role, err := w.reader.RoleDefinition(ctx, instance.RoleDefinitionID); err == nil {
			names = append(names, role.DisplayName)
		}
	}
	if like := nearest(typed, names); like != "" {
		return fmt.Sprintf("; did you mean %q?", like)
	}
	return ""
}

func (w *world) tracked() *track {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.track
}

func (w *world) setTrack(t *track) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.track = t
}

func (w *world) close() {
	w.leave()
	w.dial.close()
}
