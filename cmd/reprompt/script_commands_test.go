package main

import (
	"context"
	"errors"
	"os/exec"
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/reprompt/reprompt/await"
)

// status runs reprompt and asserts its exit code:
//
//	status 2 reprompt prove
//
// Standard output and error are then there for stdout and stderr.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status CODE COMMAND [ARGS...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
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

// awaiting waits until a file that a background command writes is there.
func awaiting(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: awaiting FILE")
	}
	_, err := await.Until(context.Background(), await.Options{What: args[0], Within: time.Minute, Every: 20 * time.Millisecond},
		func(context.Context) (struct{}, bool, string, error) {
			err := exec.Command("test", "-s", ts.MkAbs(args[0])).Run()
			return struct{}{}, err == nil, "it is not there", nil
		})
	ts.Check(err)
}
