package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// commandWithin bounds a command.
const commandWithin = time.Minute

// Command is a program, run without a shell, that gets the notification on its standard input. Of the
// environment it gets only inherited and REPROMPT_EVENT: that of this program may hold the secrets that
// a tenant file names.
type Command struct {
	Args []string // the program and its arguments
	Dir  string   // the folder that it is run in; empty: the working folder
}

// inherited are the variables that a program needs to run at all.
var inherited = []string{"PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR", "SYSTEMROOT", "TEMP", "TMP", "USERPROFILE"}

// send runs the program once. What it prints is not kept.
func (c *Command) send(ctx context.Context, e Event, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, commandWithin)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.Args[0], c.Args[1:]...)
	cmd.Dir, cmd.Stdin, cmd.WaitDelay = c.Dir, bytes.NewReader(body), time.Second
	cmd.Env = []string{"REPROMPT_EVENT=" + string(e.Kind)}
	for _, name := range inherited {
		if value, ok := os.LookupEnv(name); ok {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	err := cmd.Run()
	if ctx.Err() != nil {
		return fmt.Errorf("run %s: it did not end within %s", c.Args[0], commandWithin)
	}
	if missing := new(exec.Error); errors.As(err, &missing) {
		return &RefusedError{To: c.Args[0], Text: missing.Err.Error()}
	}
	if first, _, _ := strings.Cut(strings.TrimSpace(said.String()), "\n"); err != nil && first != "" {
		return fmt.Errorf("run %s: %w: %s", c.Args[0], err, first)
	}
	if err != nil {
		return fmt.Errorf("run %s: %w", c.Args[0], err)
	}
	return nil
}
