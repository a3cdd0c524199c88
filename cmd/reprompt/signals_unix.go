//go:build !windows

package main

import (
	"os"
	"syscall"
)

// interrupts are what asks a run to end: Ctrl-C, and SIGTERM of whoever supervises it.
var interrupts = []os.Signal{os.Interrupt, syscall.SIGTERM}
