package suite

import "strings"

// Fold breaks the lines of a text that are wider than the terminal between words, and lets what follows begin
// hang columns from the left. A command at the end of a line stays whole, since it is there to be copied; so does
// a word that is too long. Where the screen is no terminal the text is as it was.
func (s *Screen) Fold(text string, hang int) string {
	if !s.live() {
		return text
	}
	columns, _ := s.size()
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = fold(line, columns, hang)
	}
	return strings.Join(lines, "\n")
}

// fold breaks one line. Colours take no room.
func fold(line string, columns, hang int) string {
	if width(plain(line)) <= columns || columns <= 2*hang {
		return line
	}
	text, command := line, ""
	if at := strings.LastIndex(line, "with: "); at >= 0 { // "undo it with: reprompt cleanup --tenant FILE"
		text, command = line[:at+len("with:")], line[at+len("with: "):]
	}
	var b strings.Builder
	at := 0 // the column
	put := func(word string) {
		need := width(plain(word))
		if at > hang && strings.TrimSpace(word) != "" && at+need > columns {
			b.WriteString("\n" + strings.Repeat(" ", hang))
			word = strings.TrimLeft(word, " ")
			at, need = hang, width(plain(word))
		}
		b.WriteString(word)
		at += need
	}
	for _, word := range words(text) {
		put(word)
	}
	if command != "" {
		put(" " + command)
	}
	return b.String()
}

// words are the words of a line, each with the spaces before it.
func words(line string) []string {
	var all []string
	for rest := line; rest != ""; {
		begins := len(rest) - len(strings.TrimLeft(rest, " "))
		ends := strings.IndexByte(rest[begins:], ' ')
		if ends < 0 {
			return append(all, rest)
		}
		all, rest = append(all, rest[:begins+ends]), rest[begins+ends:]
	}
	return all
}
