package config

import "fmt"

// Error is what is wrong with a tenant file, and how to mend it. It never shows a secret.
type Error struct {
	File         string
	Line, Column int    // from 1; 0 when the file as a whole is meant
	Text         string // what is wrong
	Mend         string // what to do
}

// Error is one line, FILE:LINE:COLUMN: what is wrong; how to mend it.
func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s; %s", e.File, e.Text, e.Mend)
	}
	return fmt.Sprintf("%s:%d:%d: %s; %s", e.File, e.Line, e.Column, e.Text, e.Mend)
}
