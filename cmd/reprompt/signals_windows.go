package main

import (
	"os"
	"syscall"
)

// interrupts are what asks a run to end. The runtime makes os.Interrupt of Ctrl-C and Ctrl-Break, and
// SIGTERM of a console that is closed, a logoff and a shutdown (documented in os/signal); Windows ends the
// process a few seconds after those, and what was not undone by then is in the journal.
var interrupts = []os.Signal{os.Interrupt, syscall.SIGTERM}
