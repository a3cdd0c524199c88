package suite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cucumber/godog"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/fixtures"
	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/lease"
	"github.com/reprompt/reprompt/steps"
	"github.com/reprompt/reprompt/verdict"
)

// severalAdmins is an embedded tenant behind its file, with so many test admins and a role that is there
// before any scenario.
func severalAdmins(t testing.TB, n int) (_ *config.Tenant, shared verdict.Role) {
	t.Helper()
	tenant := lab(t, false)
	configure(t, tenant, func(w *world, must func(error)) {
		makeAdmins(t, tenant, w, n)
		role, err := w.fixtures.CustomRole(t.Context(), fixtures.CustomRoleOptions{Name: "shared"})
		must(err)
		shared = verdict.Role{Name: role.DisplayName, DefinitionID: role.ID, DirectoryScopeID: "/"}
	})
	return tenant, shared
}

// ownTenant is the tenant of the scenario that a sentence belongs to.
func ownTenant(ctx context.Context) *tenant {
	given, _ := steps.TenantOf(ctx)
	return given.(*tenant)
}

// nothingLeft says that a run took everything back.
func nothingLeft(t testing.TB, s *Suite) {
	t.Helper()
	if pending, err := s.journal.Pending(); err != nil || len(pending) != 0 {
		t.Errorf("left in the journal: %v, %v", pending, err)
	}
}

// gate is what the sentences of these tests share.
type gate struct {
	role verdict.Role

	mu     sync.Mutex
	inside int
	most   int
	wrong  []string
	met    map[string]chan struct{}
}

func (g *gate) note(format string, args ...any) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.wrong = append(g.wrong, fmt.Sprintf(format, args...))
}

// came is closed once open was called with the name.
func (g *gate) came(name string) chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.met == nil {
		g.met = map[string]chan struct{}{}
	}
	if g.met[name] == nil {
		g.met[name] = make(chan struct{})
	}
	return g.met[name]
}

func (g *gate) open(name string) {
	came := g.came(name)
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-came:
	default:
		close(came)
	}
}

// await waits until all of the names were opened.
func (g *gate) await(ctx context.Context, names ...string) error {
	for _, name := range names {
		select {
		case <-g.came(name):
		case <-ctx.Done():
			return fmt.Errorf("%s never came: %w", name, context.Cause(ctx))
		}
	}
	return nil
}

// takeRole has the scenario be about the shared role, and makes sure that the one before has left nothing of it.
func (g *gate) takeRole(ctx context.Context) error {
	own := ownTenant(ctx)
	if err := own.Fixtures().ClaimRole(ctx, g.role.DefinitionID); err != nil {
		return err
	}
	g.mu.Lock()
	g.inside++
	g.most = max(g.most, g.inside)
	g.mu.Unlock()
	setting, err := own.reader.RoleSetting(ctx, g.role.DefinitionID)
	if err != nil {
		return err
	}
	held, err := own.reader.Eligibilities(ctx, graph.Holding{RoleDefinitionID: g.role.DefinitionID})
	if err != nil {
		return err
	}
	if setting.ContextEnabled || len(held) != 0 {
		g.note("the role was taken while it had the context %q and was held by %v", setting.ContextID, held)
	}
	return errors.Join(steps.UseRole(ctx, g.role), own.Fixtures().MakeEligible(ctx, g.role.DefinitionID))
}

func (g *gate) register(sc *godog.ScenarioContext) {
	sc.Given(`^the shared role$`, g.takeRole)
	sc.Given(`^it opens "([^"]+)"$`, func(name string) { g.open(name) })
	sc.Given(`^it waits for "([^"]+)"$`, func(ctx context.Context, name string) error { return g.await(ctx, name) })
	sc.After(func(ctx context.Context, _ *godog.Scenario, _ error) (context.Context, error) {
		given, ok := steps.TenantOf(ctx)
		if ok && slices.Contains(given.(*tenant).lent.holder.Has(), lease.Thing{Kind: fixtures.KindRole, ID: g.role.DefinitionID}) {
			g.mu.Lock()
			g.inside--
			g.mu.Unlock()
		}
		return ctx, nil
	})
}

// onLine opens a gate when a line is written that contains a text.
func (g *gate) onLine(gates map[string]string) *said {
	return &said{each: func(line string) {
		for text, name := range gates {
			if strings.Contains(line, text) {
				g.open(name)
			}
		}
	}}
}

// mustTakeTurns runs two scenarios at a time that want the gate's role, and fails where they have it together, or
// where one of them does not pass.
func (g *gate) mustTakeTurns(t *testing.T, tenant *config.Tenant, progress *said, text string) (*Suite, *Result) {
	t.Helper()
	s := open(t, Options{
		Tenant: tenant, Concurrency: 2, Progress: progress, Paths: []string{featureFile(t, text)}, sentences: g.register,
		RunOptions: RunOptions{StepTimeout: time.Minute},
	})
	result, err := s.Run(t.Context())
	if err != nil || result.Passed != 2 {
		t.Fatalf("%+v, %v\n%s", result, err, progress.String())
	}
	if g.most != 1 || len(g.wrong) > 0 {
		t.Errorf("%d had the role at a time; %q", g.most, g.wrong)
	}
	return s, result
}
