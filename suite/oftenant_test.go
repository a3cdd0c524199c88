package suite

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/secret"
)

// countingGraph notes when each Conditional Access call came, and refuses one that comes within a second of
// the one before, without a Retry-After, as Graph does.
type countingGraph struct {
	mu      sync.Mutex
	came    []time.Time
	refused int
}

func (g *countingGraph) RoundTrip(r *http.Request) (*http.Response, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	status, now := http.StatusOK, time.Now()
	if n := len(g.came); n > 0 && now.Sub(g.came[n-1]) < time.Second {
		status, g.refused = http.StatusTooManyRequests, g.refused+1
	}
	g.came = append(g.came, now)
	return &http.Response{
		StatusCode: status, Request: r, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(`{"value":[]}`)),
	}, nil
}

// paced is a tenant file of a tenant with a real clock.
func paced(id string) *config.Tenant {
	return &config.Tenant{Cloud: config.Public, TenantID: id, HarnessApp: config.HarnessApp{ClientID: "client"}, ReaderApp: &config.Application{ClientID: "reader"}}
}

// Scenarios, proofs and a watch on one tenant at the same time, each of which has read the file for itself,
// together call Conditional Access less than once a second; another tenant waits for none of them.
func TestEverythingOnOneTenantKeepsItsPaceTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const side, calls = 4, 5
		one, other := &countingGraph{}, &countingGraph{}
		var all sync.WaitGroup
		failed := make(chan error, 2*side*calls)
		call := func(id string, to *countingGraph, times int) {
			client, err := graph.New(graph.Options{
				HTTP: &http.Client{Transport: to}, Pace: placeOfFile(paced(id)).pace, Seed: 1,
				Token: func(context.Context, string) (secret.Text, error) { return secret.New("t"), nil },
			})
			if err != nil {
				failed <- err
				return
			}
			for range times {
				if _, err := client.Contexts(t.Context()); err != nil {
					failed <- err
				}
			}
		}
		began := time.Now()
		for range side {
			all.Go(func() { call("11111111-0000-0000-0000-000000000001", one, calls) })
		}
		all.Go(func() { call("11111111-0000-0000-0000-000000000002", other, 1) })
		all.Wait()
		close(failed)
		for err := range failed {
			t.Error(err)
		}
		if len(one.came) != side*calls || one.refused > 0 {
			t.Errorf("%d calls, %d of them refused; want %d and none", len(one.came), one.refused, side*calls)
		}
		for i := 1; i < len(one.came); i++ {
			if gap := one.came[i].Sub(one.came[i-1]); gap <= time.Second {
				t.Errorf("call %d came %s after the one before", i+1, gap)
			}
		}
		if len(other.came) != 1 || !other.came[0].Equal(began) {
			t.Errorf("the other tenant was called at %v, want at once", other.came)
		}
	})
}

// A refusal stops nobody from coming back: whoever is refused waits its own while, and keeps the common pace.
func TestARefusedCallComesBackAtThePaceOfAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &countingGraph{}
		foreign := func() { // another application, which this process cannot see
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://graph.microsoft.com/v1.0/x", http.NoBody)
			if err != nil {
				t.Error(err)
				return
			}
			response, err := g.RoundTrip(r)
			if err == nil {
				err = response.Body.Close()
			}
			if err != nil {
				t.Error(err)
			}
		}
		foreign()
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				client, err := graph.New(graph.Options{
					HTTP: &http.Client{Transport: g}, Pace: placeOfFile(paced("11111111-0000-0000-0000-000000000003")).pace, Seed: 2,
					Token: func(context.Context, string) (secret.Text, error) { return secret.New("t"), nil },
				})
				if err == nil {
					_, err = client.Contexts(t.Context())
				}
				if err != nil && !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if g.refused != 1 || len(g.came) != 5 { // the foreign one, three, and the one that was refused again
			t.Errorf("%d calls, %d refused", len(g.came), g.refused)
		}
		for i := 2; i < len(g.came); i++ {
			if gap := g.came[i].Sub(g.came[i-1]); gap <= time.Second {
				t.Errorf("call %d came %s after the one before", i+1, gap)
			}
		}
	})
}
