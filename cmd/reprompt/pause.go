package main

import (
	"bufio"
	"context"
	"fmt"
	"sync"

	"github.com/reprompt/reprompt/suite"
)

// pauseUntilEnter keeps a scenario that failed as it is until a person has seen enough: one at a time,
// where several run. Lines that were typed while nothing was paused do not count.
func (p *program) pauseUntilEnter() func(context.Context, suite.ScenarioResult) {
	var one sync.Mutex
	var reading sync.Once
	enter := make(chan struct{}, 1)
	read := func() { // it ends with the process: a read of a terminal cannot be broken off
		for lines := bufio.NewScanner(p.stdin); lines.Scan(); {
			select {
			case enter <- struct{}{}:
			default: // somebody pressed it already
			}
		}
		close(enter) // nobody is left to press Enter
	}
	return func(ctx context.Context, failed suite.ScenarioResult) {
		one.Lock()
		defer one.Unlock()
		reading.Do(func() { go read() })
		select {
		case <-enter: // typed before
		default:
		}
		fmt.Fprintf(p.stderr, "paused: %s failed: %s\n", failed.Name, failed.Error)
		fmt.Fprintln(p.stderr, "        look at its window; press Enter to close it, undo what was made, and go on")
		select {
		case <-enter:
		case <-ctx.Done():
		}
	}
}
