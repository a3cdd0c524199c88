package evidence

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Event is one line of events.ndjson. SHA256 is that of the line's own JSON without the field
// sha256; Prev is SHA256 of the line before, 64 zeros in the first. So no line can be changed,
// taken out or put in between without changing every later one.
//
// The chain shows that the lines belong together in this order, not when they were written.
type Event struct {
	N    int    `json:"n"`    // from 1
	Kind string `json:"kind"` // what it is: step, wait, page, challenge, token, replay, effect-seen, screenshot, …
	Text string `json:"text"` // what happened, in words
	// At is the tenant's clock; nil for a screenshot, whose time is not told.
	At *time.Time `json:"at"`
	// Path is the picture of a screenshot, inside the run's folder.
	Path string `json:"path,omitempty"`
	// Picture is the SHA-256 of that picture: another one cannot stand in its place.
	Picture string `json:"picture_sha256,omitempty"`
	Prev    string `json:"prev"`             // sha256 of the event before; of the first, 64 zeros
	SHA256  string `json:"sha256,omitempty"` // of this line without this member, in hexadecimal
}

// Kinds of events that this package itself writes; the others come from the Recorder's caller.
const (
	kindScreenshot = "screenshot"
	kindFailed     = "failed"
)

// Kinds of events that say what became of a change that was made before the proof, once Graph showed it. The
// kind and not the text says which it is: the report colours by it.
const (
	Effect        = "effect"          // nobody looked; in bundles from before the other two, any of the three
	EffectSeen    = "effect-seen"     // the tenant was seen to obey it
	EffectNotSeen = "effect-not-seen" // it was not, in time: the tenant is not ready
)

// chainStart stands for the line before the first.
var chainStart = strings.Repeat("0", 2*sha256.Size)

// sealed is the event with its digest, and its line.
func (e Event) sealed() (Event, []byte, error) {
	e.SHA256 = ""
	bare, err := json.Marshal(e)
	if err != nil {
		return e, nil, fmt.Errorf("encode event: %w", err)
	}
	e.SHA256 = Digest(bare)
	line, err := json.Marshal(e)
	return e, append(line, '\n'), err
}

func readEvent(line []byte, n int, prev string) (Event, error) {
	var event Event
	if err := json.Unmarshal(line, &event); err != nil {
		return event, fmt.Errorf("read event %d: %w", n, err)
	}
	_, again, err := event.sealed()
	switch {
	case err != nil:
		return event, err
	case event.N != n || event.Prev != prev:
		return event, fmt.Errorf("event %d does not follow the one before it: a line was changed, added or taken out", n)
	case !bytes.Equal(again, line):
		return event, fmt.Errorf("event %d does not have the digest that it states", n)
	}
	return event, nil
}

// eventLog appends events to one file. Its caller holds a lock.
type eventLog struct {
	full  string // path in the file system
	guard *guard
	count int    // events that were written
	last  string // digest of the last of them; empty before the first
}

// append writes one event. What the guard refuses is replaced by a note that something was
// withheld, and the refusal is returned.
func (l *eventLog) append(e Event) error {
	e.N, e.Prev = l.count+1, l.head()
	refused := l.guard.check([]byte(e.Kind + "\n" + e.Text))
	if refused != nil {
		e.Text = withheld
	}
	event, line, err := e.sealed()
	if err != nil {
		return err
	}
	if err := appendFile(l.full, line); err != nil {
		return fmt.Errorf("write event: %w", err)
	}
	l.count, l.last = l.count+1, event.SHA256
	return refused
}

// head is the digest of the last line; of the line before the first where there is none.
func (l *eventLog) head() string {
	return cmp.Or(l.last, chainStart)
}

func appendFile(full string, line []byte) error {
	if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(full, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := file.Write(line); err != nil {
		_ = file.Close() // the write's error says more
		return err
	}
	return file.Close()
}

// Digest is the SHA-256 of content in lower-case hexadecimal, as every record states it.
func Digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
