package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/reprompt/reprompt/await"
)

// commands are what the scripts need beyond testscript's own.
var commands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"status":    status,
	"awaiting":  awaiting,
	"interrupt": interrupt,
	"bundle":    bundle,
	"flip":      flip,
	"forge":     forge,
	"terminal":  terminal,
	"nowhere":   nowhere,
	"graph":     labGraph,
	"control":   labControl,

	"guide":       guide,
	"certificate": certificate,
}

// status runs a command and asserts its exit code. stdout and stderr look at what it printed.
//
//	status 2 reprompt prove
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status CODE COMMAND [ARGS...]")
	}
	assertExit(ts, args[0], ts.Exec(args[1], args[2:]...))
}

func assertExit(ts *testscript.TestScript, code string, err error) {
	want, bad := strconv.Atoi(code)
	ts.Check(bad)
	got := 0
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// awaiting waits until a file that another process writes is there, and matches.
//
//	awaiting lab/tenant.yaml .
func awaiting(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: awaiting GLOB REGEXP")
	}
	ts.Check(awaitText(ts, args[0], args[1]))
}

func awaitText(ts *testscript.TestScript, glob, pattern string) error {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return err
	}
	_, err = await.Until(context.Background(), await.Options{What: pattern + " in " + glob, Within: time.Minute, Every: 10 * time.Millisecond},
		func(context.Context) (struct{}, bool, string, error) {
			files, err := filepath.Glob(ts.MkAbs(glob))
			for _, file := range files {
				if text, err := os.ReadFile(file); err == nil && re.Match(text) {
					return struct{}{}, true, "", nil
				}
			}
			return struct{}{}, false, "no such text", err
		})
	return err
}

// interrupt runs a command, sends it as many interrupts as TIMES says once a file that it writes
// matches, and asserts its exit code. What it printed is in the files out and err.
//
//	interrupt 130 1 evidence/*/scenarios/*/events.ndjson 'activate the role' reprompt prove …
func interrupt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 5 {
		ts.Fatalf("usage: interrupt CODE TIMES GLOB REGEXP COMMAND [ARGS...]")
	}
	times, err := strconv.Atoi(args[1])
	ts.Check(err)
	cmd := exec.Command(args[4], args[5:]...)
	if cmd.Path, err = lookIn(ts.Getenv("PATH"), args[4]); err != nil {
		ts.Fatalf("%v", err)
	}
	out, err := os.Create(ts.MkAbs("out"))
	ts.Check(err)
	defer out.Close()
	errOut, err := os.Create(ts.MkAbs("err"))
	ts.Check(err)
	defer errOut.Close()
	cmd.Dir, cmd.Stdout, cmd.Stderr = ts.MkAbs("."), out, errOut
	cmd.Env = environment(ts, "PATH", "HOME", "XDG_STATE_HOME", "REPROMPT_BROWSER", "TMPDIR")
	ts.Check(cmd.Start())
	err = awaitText(ts, args[2], args[3])
	for n := 0; n < times && err == nil; n++ {
		if err = cmd.Process.Signal(os.Interrupt); err == nil {
			err = awaitText(ts, "err", "interrupted") // two signals at once may arrive as one
		}
	}
	if err != nil {
		_ = cmd.Process.Kill()
	}
	ended := cmd.Wait()
	ts.Logf("[stdout]\n%s[stderr]\n%s", ts.ReadFile("out"), ts.ReadFile("err"))
	ts.Check(err)
	assertExit(ts, args[0], ended)
}

func lookIn(path, name string) (string, error) {
	for _, dir := range filepath.SplitList(path) {
		if file := filepath.Join(dir, name); exec.Command("test", "-x", file).Run() == nil {
			return file, nil
		}
	}
	return "", exec.ErrNotFound
}

func environment(ts *testscript.TestScript, names ...string) []string {
	var env []string
	for _, name := range names {
		if value := ts.Getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	return env
}
