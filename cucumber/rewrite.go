package cucumber

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// ErrCutOff says that messages do not reach the end of their run.
var ErrCutOff = errors.New("cucumber messages: the run's end is missing")

// Whole reports whether messages are there from meta to the end of the run: a caller may have written
// something else to the same place, or nothing.
func Whole(lines []byte) error {
	if !bytes.HasPrefix(lines, []byte(`{"meta":`)) {
		return errors.New("cucumber messages: they do not begin with meta")
	}
	all := bytes.Split(bytes.TrimSuffix(lines, []byte("\n")), []byte("\n"))
	if !bytes.HasPrefix(all[len(all)-1], []byte(`{"testRunFinished":`)) {
		return ErrCutOff
	}
	return nil
}

// Rewrite passes every text in the messages through change, which must return those it does not mind as
// they are. The error names the first line that is no JSON object.
func Rewrite(lines []byte, change func(string) string) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	for n, line := range bytes.Split(bytes.TrimSuffix(lines, []byte("\n")), []byte("\n")) {
		decoder := json.NewDecoder(bytes.NewReader(line))
		decoder.UseNumber()
		var message map[string]any
		if err := decoder.Decode(&message); err != nil {
			return nil, fmt.Errorf("read cucumber messages, line %d: %w", n+1, err)
		}
		if err := encoder.Encode(rewritten(message, change)); err != nil {
			return nil, fmt.Errorf("write cucumber messages: %w", err)
		}
	}
	return out.Bytes(), nil
}

func rewritten(value any, change func(string) string) any {
	switch v := value.(type) {
	case string:
		return change(v)
	case []any:
		for i := range v {
			v[i] = rewritten(v[i], change)
		}
	case map[string]any:
		for key := range v {
			v[key] = rewritten(v[key], change)
		}
	}
	return value
}
