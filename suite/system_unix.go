//go:build !windows

package suite

import (
	"os"
	"path/filepath"
	"syscall"
)

// What a socket says, and what a file system does.
const (
	addressInUse       = syscall.EADDRINUSE
	connectionRefused  = syscall.ECONNREFUSED
	readOnlyFileSystem = syscall.EROFS
)

// stateHome is where programs keep what has to survive them, when XDG_STATE_HOME names no other place
// (XDG Base Directory Specification).
func stateHome() (string, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(home, ".local", "state"), nil
}
