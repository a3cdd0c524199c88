package suite

import (
	"os"
	"syscall"
)

// What a socket says: Windows has numbers of its own (WSAEADDRINUSE, WSAECONNREFUSED), and those that
// package syscall calls by the names of Unix never come. What a file system does that takes no writes has
// one, too (ERROR_WRITE_PROTECT).
const (
	addressInUse       = syscall.Errno(10048)
	connectionRefused  = syscall.Errno(10061)
	readOnlyFileSystem = syscall.Errno(19)
)

// stateHome is where programs keep what has to survive them and stays on this machine: %LocalAppData%.
// The roaming folder would carry the journal to machines whose run it is not.
func stateHome() (string, error) { return os.UserCacheDir() }
