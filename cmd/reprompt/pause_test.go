package main

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/suite"
)

// told sends what is written to it.
type told chan string

// Write implements io.Writer.
func (c told) Write(p []byte) (int, error) {
	c <- string(p)
	return len(p), nil
}

func TestAPauseEndsWithEnter(t *testing.T) {
	typed, keyboard := io.Pipe()
	screen := make(told)
	pause := (&program{stdin: typed, stderr: screen}).pauseUntilEnter()
	for range 2 {
		ended := make(chan struct{})
		go func() {
			pause(t.Context(), suite.ScenarioResult{Name: "one", Error: "it broke"})
			close(ended)
		}()
		if first, second := <-screen, <-screen; first != "paused: one failed: it broke\n" || !strings.Contains(second, "press Enter") {
			t.Errorf("it says %q and %q", first, second)
		}
		select {
		case <-ended:
			t.Fatal("it went on before Enter")
		default:
		}
		if _, err := io.WriteString(keyboard, "\n"); err != nil {
			t.Fatal(err)
		}
		<-ended
	}
}

func TestAPauseEndsWithTheRunAndWithoutAPerson(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	forever, keyboard := io.Pipe()
	defer keyboard.Close()
	(&program{stdin: forever, stderr: io.Discard}).pauseUntilEnter()(ctx, suite.ScenarioResult{})
	(&program{stdin: strings.NewReader(""), stderr: io.Discard}).pauseUntilEnter()(t.Context(), suite.ScenarioResult{})
}
