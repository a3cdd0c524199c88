package main

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
)

// The terminal's size, in characters.
const (
	columns = 120
	rows    = 22
)

// frame is what the terminal showed from an instant on.
type frame struct {
	at    time.Duration // since the program began
	lines [][]run
}

// run is a piece of a line in one colour.
type run struct {
	text   string
	colour vt10x.Color
	bold   bool
}

// record runs a program in a terminal and returns what that showed, a frame for each change.
func record(ctx context.Context, dir, program string, args ...string) ([]frame, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Args[0] = filepath.Base(program) // as it is called where it is installed: hints name it so
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "TERM=xterm-256color", "XDG_STATE_HOME="+dir, "NO_COLOR=")
	cmd.Env = slices.DeleteFunc(cmd.Env, func(v string) bool {
		return strings.HasPrefix(v, "NO_COLOR=") || strings.HasPrefix(v, "CI=") || strings.HasPrefix(v, "GITHUB_")
	})
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: rows, Cols: columns})
	if err != nil {
		return nil, err
	}
	defer tty.Close()
	screen, began := vt10x.New(vt10x.WithSize(columns, rows)), time.Now()
	var frames []frame
	for buffer := make([]byte, 32<<10); ; {
		n, err := tty.Read(buffer)
		if n > 0 {
			if _, err := screen.Write(buffer[:n]); err != nil {
				return nil, err
			}
			frames = add(frames, frame{time.Since(began), linesOf(screen)})
		}
		if errors.Is(err, io.EOF) || errors.Is(err, syscall.EIO) { // how Linux ends a terminal
			return frames, cmd.Wait()
		}
		if err != nil {
			return nil, err
		}
	}
}

// fastest is how soon frames follow one another: what comes sooner takes the place of the one before.
const fastest = 120 * time.Millisecond

func add(frames []frame, next frame) []frame {
	if n := len(frames); n > 0 && next.at-frames[n-1].at < fastest {
		frames[n-1].lines = next.lines
		return frames
	}
	return append(frames, next)
}

// bold is vt10x's mark of a bright character.
const bold = 1 << 2

func linesOf(screen vt10x.Terminal) [][]run {
	screen.Lock()
	defer screen.Unlock()
	lines := make([][]run, 0, rows)
	for y := range rows {
		var line []run
		for x := range columns {
			cell := screen.Cell(x, y)
			if cell.Char == 0 {
				cell.Char = ' '
			}
			r := run{string(cell.Char), cell.FG, cell.Mode&bold != 0}
			if n := len(line); n > 0 && line[n-1].colour == r.colour && line[n-1].bold == r.bold {
				line[n-1].text += r.text
			} else {
				line = append(line, r)
			}
		}
		if n := len(line); n > 0 {
			line[n-1].text = strings.TrimRight(line[n-1].text, " ")
		}
		lines = append(lines, line)
	}
	for len(lines) > 0 && blank(lines[len(lines)-1]) {
		lines = lines[:len(lines)-1]
	}
	return lines
}

func blank(line []run) bool {
	return !slices.ContainsFunc(line, func(r run) bool { return strings.TrimSpace(r.text) != "" })
}

// colours are those that the program uses, on a dark ground.
var colours = map[vt10x.Color]string{1: "#ff8f86", 2: "#5fd18a", 3: "#f0c05a", 4: "#7db8ff", 6: "#7fd6d6", 8: "#9da9b7", 9: "#ff8f86", 10: "#5fd18a", 11: "#f0c05a", 12: "#7db8ff"}

// Sizes of the drawing, in pixels.
const (
	charWidth, lineHeight = 8.4, 20.0
	margin, titleHeight   = 18.0, 34.0
)

// draw plays the frames once and stays at the last, which is also what whoever wants no motion sees.
func draw(command string, frames []frame) []byte {
	most := 0
	for _, f := range frames {
		most = max(most, len(f.lines))
	}
	height := titleHeight + 2*margin + float64(most)*lineHeight
	width := 2*margin + columns*charWidth
	var b strings.Builder
	last := frames[len(frames)-1]
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" role="img" aria-label=%s font-family="ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', Consolas, monospace" font-size="14">`+"\n",
		width, height, quoted("A terminal in which "+command+" runs and prints its verdict"))
	fmt.Fprintf(&b, "<style>text{fill:#e8ecf1;white-space:pre}.f{visibility:hidden}@media (prefers-reduced-motion:no-preference){.f{animation:s var(--l) linear var(--a) 1}.last{animation:h var(--a) linear 0s 1}@keyframes s{from,to{visibility:visible}}@keyframes h{from,to{visibility:hidden}}}</style>\n")
	fmt.Fprintf(&b, `<rect width="%.0f" height="%.0f" rx="10" fill="#161b22"/><circle cx="22" cy="18" r="6" fill="#ff8f86"/><circle cx="42" cy="18" r="6" fill="#f0c05a"/><circle cx="62" cy="18" r="6" fill="#5fd18a"/>`+"\n", width, height)
	fmt.Fprintf(&b, `<text x="%.0f" y="%.0f"><tspan fill="#5fd18a">$</tspan> %s</text>`+"\n", margin, titleHeight+margin, escaped(command))
	for i, f := range frames {
		class, until := "f", last.at
		if i+1 < len(frames) {
			until = frames[i+1].at
		} else {
			class = "last"
		}
		fmt.Fprintf(&b, `<g class="%s" style="--a:%dms;--l:%dms">`, class, f.at.Milliseconds(), (until - f.at).Milliseconds())
		for y, line := range f.lines {
			drawLine(&b, line, titleHeight+margin+float64(y+1)*lineHeight)
		}
		b.WriteString("</g>\n")
	}
	b.WriteString("</svg>\n")
	return []byte(b.String())
}

func drawLine(b *strings.Builder, line []run, y float64) {
	if blank(line) {
		return
	}
	fmt.Fprintf(b, `<text x="%.0f" y="%.0f">`, margin, y)
	for _, r := range line {
		var style string
		if colour, known := colours[r.colour]; known {
			style = fmt.Sprintf(` fill="%s"`, colour)
		}
		if r.bold {
			style += ` font-weight="700"`
		}
		if style == "" {
			b.WriteString(escaped(r.text))
		} else {
			fmt.Fprintf(b, "<tspan%s>%s</tspan>", style, escaped(r.text))
		}
	}
	b.WriteString("</text>")
}

func escaped(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a builder takes all
	return strings.ReplaceAll(b.String(), "&#34;", `"`)
}

func quoted(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text))
	return `"` + b.String() + `"`
}
