package evidence

import (
	"strings"
	"unicode"
)

// longestPrinted bounds what is shown of a text out of a bundle, in runes.
const longestPrinted = 300

// printable makes a text out of a bundle fit for a terminal: one line, no control characters and
// nothing that changes the direction of writing, not endlessly long. Whoever made the bundle chose it.
func printable(text string) string {
	shown := 0
	return strings.Map(func(r rune) rune {
		shown++
		switch {
		case shown > longestPrinted+1:
			return -1
		case shown == longestPrinted+1:
			return '…'
		case unicode.IsPrint(r):
			return r
		default:
			return '\uFFFD'
		}
	}, text)
}
