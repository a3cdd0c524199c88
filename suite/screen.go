package suite

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"
)

// Screen is where progress goes: a terminal, below whose text some lines are drawn again and again, or
// anything else that is written to. It may be written to by others meanwhile, who then write above those
// lines. It is safe for concurrent use.
type Screen struct {
	// size is that of the terminal at the moment, in columns and rows; nil where nothing can be redrawn.
	size   func() (columns, rows int)
	colour bool

	mu    sync.Mutex
	w     io.Writer
	lines []string // what is drawn
	shown int      // how many of them stand on the terminal
}

// NewScreen is the screen that w is. Lines are redrawn on a terminal that is not "dumb" (TERM),
// and coloured there unless NO_COLOR is set (https://no-color.org).
func NewScreen(w io.Writer) *Screen {
	if known, ok := w.(*Screen); ok {
		return known
	}
	s := &Screen{w: w}
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) || os.Getenv("TERM") == "dumb" {
		return s
	}
	s.size = func() (int, int) { return terminalSize(file) }
	s.colour = os.Getenv("NO_COLOR") == ""
	return s
}

// Where a terminal does not say how large it is.
const (
	usualColumns = 80
	usualRows    = 24
)

func terminalSize(file *os.File) (columns, rows int) {
	columns, rows, err := term.GetSize(int(file.Fd()))
	if err != nil || columns < 1 || rows < 1 {
		return usualColumns, usualRows
	}
	return columns, rows
}

// live reports whether lines are redrawn.
func (s *Screen) live() bool { return s.size != nil }

// Write implements io.Writer: the text stands above what is drawn.
func (s *Screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.lines) == 0 {
		return s.w.Write(p)
	}
	var b strings.Builder
	s.eraseLocked(&b)
	b.Write(p)
	if !strings.HasSuffix(b.String(), "\n") {
		b.WriteByte('\n') // else the lines would be drawn behind it
	}
	s.drawLocked(&b)
	_, err := io.WriteString(s.w, b.String()) // at once: a half drawn screen flickers
	return len(p), err
}

// draw puts lines in the place of those that were drawn before; none takes them away.
func (s *Screen) draw(lines []string) {
	if !s.live() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	s.eraseLocked(&b)
	s.lines = lines
	s.drawLocked(&b)
	_, _ = io.WriteString(s.w, b.String()) // nobody is told that a terminal went away
}

// eraseLocked goes to where the lines begin and takes everything below away. A terminal that became
// narrower meanwhile wraps what was drawn, which then stands on more rows.
func (s *Screen) eraseLocked(b *strings.Builder) {
	if s.shown == 0 {
		return
	}
	columns, _ := s.size()
	up := -1 // the cursor stands on the last of them
	for _, line := range s.lines[:s.shown] {
		up += max(1, (width(plain(line))+columns-1)/columns)
	}
	b.WriteString("\r")
	if up > 0 {
		fmt.Fprintf(b, "\x1b[%dA", up)
	}
	b.WriteString("\x1b[J")
	s.shown = 0
}

// drawLocked draws as many lines as there are rows: what has left the terminal cannot be taken back.
func (s *Screen) drawLocked(b *strings.Builder) {
	if !s.live() || len(s.lines) == 0 {
		return
	}
	columns, rows := s.size()
	s.shown = min(len(s.lines), max(1, rows-1))
	for i, line := range s.lines[:s.shown] {
		if i > 0 {
			b.WriteString("\n")
		}
		s.lines[i] = clip(line, columns-1) // drawn as wide as it was cut
		b.WriteString(s.lines[i])
	}
}

// Colours, by what they are for.
const (
	noColour = ""
	green    = "32"
	red      = "31"
	yellow   = "33"
	faint    = "2"
	bold     = "1"
)

func (s *Screen) paint(colour, text string) string {
	if !s.colour || colour == noColour {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// plain is a line without its colours.
func plain(line string) string {
	if !strings.Contains(line, "\x1b") {
		return line
	}
	var b strings.Builder
	for rest := line; ; {
		before, after, found := strings.Cut(rest, "\x1b[")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		_, rest, _ = strings.Cut(after, "m")
	}
}

// width is how many columns a terminal needs for a text without colours.
func width(text string) int {
	n := 0
	for _, r := range text {
		n += columnsOf(r)
	}
	return n
}

// columnsOf is how wide a terminal draws a letter: those of East Asia and pictures take two columns, what
// is put on top of another none. Where a terminal thinks otherwise, two is the safe side.
func columnsOf(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case r >= 0x1100 && r <= 0x115f, r >= 0x2e80 && r <= 0xa4cf, r >= 0xac00 && r <= 0xd7a3, r >= 0xf900 && r <= 0xfaff,
		r >= 0xfe30 && r <= 0xfe6f, r >= 0xff00 && r <= 0xff60, r >= 0xffe0 && r <= 0xffe6, r >= 0x1f300 && r <= 0x1faff, r >= 0x20000 && r <= 0x3fffd:
		return 2
	default:
		return 1
	}
}

// clip cuts a line to the columns of the screen: a line that wraps cannot be taken back. A colour that
// is cut off is ended.
func clip(line string, columns int) string {
	if width(plain(line)) <= columns {
		return line
	}
	if columns < 1 {
		return ""
	}
	var b strings.Builder
	left, coloured := columns-1, false
	for i := 0; i < len(line); {
		if code, found := strings.CutPrefix(line[i:], "\x1b["); found {
			inside, _, _ := strings.Cut(code, "m")
			b.WriteString("\x1b[" + inside + "m")
			coloured = inside != "0"
			i += len("\x1b[") + len(inside) + len("m")
			continue
		}
		r, size := utf8.DecodeRuneInString(line[i:])
		if left -= columnsOf(r); left < 0 {
			break
		}
		b.WriteRune(r)
		i += size
	}
	b.WriteString("…")
	if coloured {
		b.WriteString("\x1b[0m")
	}
	return b.String()
}
