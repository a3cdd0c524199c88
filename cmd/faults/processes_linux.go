package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// canLook says whether processes can be seen here.
func canLook() error { return nil }

// setChildSubreaper is PR_SET_CHILD_SUBREAPER of prctl(2).
const setChildSubreaper = 36

// adoptOrphans makes this process the parent of every descendant whose own parent ends, so that none is
// overlooked.
func adoptOrphans() error {
	if _, _, failed := syscall.RawSyscall(syscall.SYS_PRCTL, setChildSubreaper, 1, 0); failed != 0 {
		return failed
	}
	return nil
}

// process is a running process.
type process struct {
	pid     int
	parent  int
	command string
}

// ownProcesses are the descendants of this process that run.
func ownProcesses() []process {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil
	}
	ours := map[int]bool{os.Getpid(): true}
	var all []process
	for _, name := range stats {
		if p, ok := readProcess(name); ok {
			all = append(all, p)
		}
	}
	var own []process
	for grown := true; grown; {
		grown = false
		for _, p := range all {
			if ours[p.parent] && !ours[p.pid] {
				ours[p.pid], grown = true, true
				own = append(own, p)
			}
		}
	}
	return own
}

// readProcess reads /proc/PID/stat; one that is dead and not collected does not count.
func readProcess(name string) (process, bool) {
	stat, err := os.ReadFile(name)
	if err != nil {
		return process{}, false // it ended meanwhile
	}
	pid, err := strconv.Atoi(filepath.Base(filepath.Dir(name)))
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest) // state, parent
	if err != nil || len(fields) < 2 || fields[0] == "Z" {
		return process{}, false
	}
	parent, err := strconv.Atoi(fields[1])
	command, unread := os.ReadFile(filepath.Join(filepath.Dir(name), "cmdline"))
	return process{pid, parent, strings.ReplaceAll(string(command), "\x00", " ")}, err == nil && unread == nil
}

// killBrowser kills the browser itself, not its children.
func killBrowser() {
	for _, p := range ownProcesses() {
		if strings.Contains(p.command, "--remote-debugging-pipe") && !strings.Contains(p.command, "--type=") {
			_ = syscall.Kill(p.pid, syscall.SIGKILL) // it may have ended meanwhile
		}
	}
}

// crashTabs kills the processes behind the pages.
func crashTabs() {
	for _, p := range ownProcesses() {
		if strings.Contains(p.command, "--type=renderer") {
			_ = syscall.Kill(p.pid, syscall.SIGKILL) // as above
		}
	}
}
