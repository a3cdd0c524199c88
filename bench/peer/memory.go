package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// watcher samples the memory of a process and of all that it started.
type watcher struct {
	stop chan struct{}
	done chan sample
}

// watch begins to sample, ten times a second.
func watch(pid int) watcher {
	w := watcher{stop: make(chan struct{}), done: make(chan sample)}
	go func() {
		var peak sample
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				peak.grow(measure(pid))
			case <-w.stop:
				w.done <- peak
				return
			}
		}
	}()
	return w
}

func (w watcher) end() sample {
	close(w.stop)
	return <-w.done
}

func (s *sample) grow(now sample) {
	s.own, s.all = max(s.own, now.own), max(s.all, now.all)
	if len(now.flags) > 0 {
		s.flags = now.flags
	}
}

// measure adds up the tree below a process. What runs a browser's program belongs to the browser.
func measure(pid int) (s sample) {
	for _, p := range tree(pid) {
		args := arguments(p)
		pss := proportional(p)
		s.all += pss
		if len(args) == 0 || !strings.Contains(filepath.Base(args[0]), "chrom") {
			s.own += pss
			continue
		}
		if !slices.ContainsFunc(args, func(a string) bool { return strings.HasPrefix(a, "--type=") }) {
			s.grow(sample{flags: flagsOf(args)}) // one that is about to end, or has just begun, shows none
		}
	}
	return s
}

// flagsOf leaves out what each driver says in its own way: the pipe, the profile, the page.
func flagsOf(args []string) (flags []string) {
	for _, a := range args[1:] {
		if strings.HasPrefix(a, "--") && !strings.HasPrefix(a, "--remote-debugging") && !strings.HasPrefix(a, "--user-data-dir") && !strings.HasPrefix(a, "--proxy") {
			flags = append(flags, a)
		}
	}
	return flags
}

// tree is a process and its descendants.
func tree(pid int) []int {
	children := map[int][]int{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // a well-formed pattern
	for _, stat := range stats {
		text, err := os.ReadFile(stat)
		if err != nil {
			continue // it ended meanwhile
		}
		var state string
		var parent int
		if _, err := fmt.Sscan(string(text[bytes.LastIndexByte(text, ')')+1:]), &state, &parent); err != nil {
			continue
		}
		child, _ := strconv.Atoi(filepath.Base(filepath.Dir(stat))) // digits, by the pattern
		children[parent] = append(children[parent], child)
	}
	all := []int{pid}
	for i := 0; i < len(all); i++ {
		all = append(all, children[all[i]]...)
	}
	return all
}

func arguments(pid int) []string {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)) // empty where it ended meanwhile
	return strings.FieldsFunc(string(text), func(r rune) bool { return r == 0 })
}

// proportional is the proportional set size in KiB.
func proportional(pid int) (pss int64) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid)) // empty where it ended meanwhile
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "Pss:"); ok {
			pss, _ = strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
		}
	}
	return pss
}
