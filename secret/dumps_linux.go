package secret

import "syscall"

// notDumpable is for systems that hand a dump to a program, which the limit alone does not stop (core(5)).
// The processes that this one starts are dumpable again: theirs is the limit (prctl(2)).
func notDumpable() error {
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_DUMPABLE, 0, 0); errno != 0 {
		return errno
	}
	return nil
}
