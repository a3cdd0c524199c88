//go:build unix

package secret

import (
	"errors"
	"fmt"
	"syscall"
)

// NoDumps keeps the memory of this process out of core dumps, also those of the processes that it
// starts, and, on Linux, out of the reach of debuggers of the same account. Call it first thing in main.
//
// It does not keep memory out of the swap space, and not from root.
func NoDumps() error {
	err := syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
	if err = errors.Join(err, notDumpable()); err != nil {
		return fmt.Errorf("turn core dumps off: %w", err)
	}
	return nil
}
