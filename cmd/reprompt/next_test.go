package main

import "testing"

// In a clone the program is bin/reprompt: a hint that says reprompt cannot be typed there.
func TestHintsCanBeTypedAsTheyStand(t *testing.T) {
	for called, want := range map[string]string{
		"reprompt":               "reprompt",
		"bin/reprompt":           "bin/reprompt",
		"./reprompt":             "./reprompt",
		"/opt/my tools/reprompt": "'/opt/my tools/reprompt'",
	} {
		if got := calledAs(called); got != want {
			t.Errorf("called as %s: %s, want %s", called, got, want)
		}
	}
}
