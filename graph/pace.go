package graph

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/reprompt/reprompt/await"
)

// paceOfConditionalAccess is the time between two calls. Graph takes one request a second for
// Conditional Access and Identity Protection, of all applications of a tenant together, and says
// nothing of when to come back (documented). The tenth more is for the way there.
const paceOfConditionalAccess = 1100 * time.Millisecond

// Pace keeps the Conditional Access calls to one tenant apart, over all clients that share it. It
// may be used by several goroutines. It does not see what other programs call.
type Pace struct {
	// Clock is what the time between two calls is measured with and waited for; nil means the
	// machine's.
	Clock await.Clock

	mu   sync.Mutex
	next time.Time // the earliest instant that is not taken yet
}

// wait returns when it is this call's turn. A nil Pace does not wait.
func (p *Pace) wait(ctx context.Context, path string) error {
	if p == nil || !ofConditionalAccess(path) {
		return nil
	}
	clock := orMachine(p.Clock)
	p.mu.Lock()
	turn := clock.Now()
	if p.next.After(turn) {
		turn = p.next
	}
	p.next = turn.Add(paceOfConditionalAccess)
	p.mu.Unlock()
	return clock.Wait(ctx, turn, "the next Conditional Access call (Graph takes one a second)")
}

// ofConditionalAccess reports whether a path of Graph, with its version, counts against the limit.
func ofConditionalAccess(path string) bool {
	path = strings.ToLower(path)
	return strings.Contains(path, "/identity/conditionalaccess/") || strings.Contains(path, "/identityprotection/")
}

func orMachine(clock await.Clock) await.Clock {
	if clock == nil {
		return await.Machine()
	}
	return clock
}
