package suite

import "testing"

// A line that is too wide is broken between words, below its text; what is to be copied stays whole.
func TestALineIsFoldedBelowItsText(t *testing.T) {
	for name, row := range map[string]struct{ line, want string }{
		"it fits":                 {"failed   The other way", "failed   The other way"},
		"between words":           {"  why:   the verdict is enforced, expected not", "  why:   the verdict is\n         enforced, expected\n         not"},
		"colours take no room":    {"\x1b[31mfailed\x1b[0m   One and two and three", "\x1b[31mfailed\x1b[0m   One and two and three"},
		"two columns each":        {"passed   日本語日本語 日本語日本", "passed   日本語日本語\n         日本語日本"},
		"a word that is too long": {"report:  /a/very/long/path/that/has/no/end", "report:  /a/very/long/path/that/has/no/end"},
		"a command":               {"  why:   left; undo it with: reprompt cleanup --tenant t.yaml", "  why:   left; undo it with:\n         reprompt cleanup --tenant t.yaml"},
	} {
		if got := fold(row.line, 30, 9); got != row.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, row.want)
		}
	}
	if got := fold("a b c d e f g h i j k l m n o p", 16, 9); got != "a b c d e f g h i j k l m n o p" {
		t.Errorf("on a terminal without room: %q", got)
	}
	if got := NewScreen(nil).Fold("a long line that nobody reads on a terminal", 2); got != "a long line that nobody reads on a terminal" {
		t.Errorf("no terminal: %q", got)
	}
}
