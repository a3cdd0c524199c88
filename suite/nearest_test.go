package suite

import "testing"

func TestNearest(t *testing.T) {
	roles := []string{"Application Administrator", "Application Developer", "Cloud Application Administrator", "Global Reader"}
	for typed, want := range map[string]string{
		"Aplication Administrator":   "Application Administrator",
		"application administrator":  "Application Administrator",
		"Application Administrators": "Application Administrator",
		"Global Reder":               "Global Reader",
		"Janitor":                    "",
		"cloud":                      "Cloud Application Administrator",
		"appl":                       "",
		"clo":                        "",
		"":                           "",
	} {
		if got := nearest(typed, roles); got != want {
			t.Errorf("nearest(%q) = %q, want %q", typed, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"kitten", "sitting", 3}, {"flaw", "lawn", 2}, {"ä", "a", 1}} {
		if got := distance(tt.a, tt.b); got != tt.want {
			t.Errorf("distance(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}
