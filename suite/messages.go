package suite

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/cucumber/godog"

	"github.com/reprompt/reprompt/cucumber"
	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/steps"
	"github.com/reprompt/reprompt/verdict"
)

// messagesName is the file of the evidence that holds the run in Cucumber Messages.
const messagesName = "cucumber.ndjson"

// transcript collects what godog's formatter writes.
type transcript struct {
	mutex sync.Mutex
	text  bytes.Buffer
	// aside reads back what was put aside; nil while everything is in text.
	aside func() ([]byte, error)
}

// Write implements io.Writer.
func (m *transcript) Write(p []byte) (int, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.text.Write(p)
}

func (m *transcript) bytes() ([]byte, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.aside != nil {
		return m.aside()
	}
	return m.text.Bytes(), nil
}

// rest puts aside what was written, without what must not be kept. What cannot be put there stays in memory:
// whoever keeps the messages is told why.
func (m *transcript) rest(run *evidence.Run) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	clean, err := cucumber.Rewrite(m.text.Bytes(), run.Withhold)
	if err != nil {
		return
	}
	if aside, err := run.SetAside(clean); err == nil {
		m.text, m.aside = bytes.Buffer{}, aside
	}
}

// keepMessages puts the messages beside the rest of the evidence. Nothing is kept where a caller gave
// godog another format or another output, or where nothing ran. What a scenario's error says and must not
// be kept is withheld.
func (s *Suite) keepMessages() error {
	if s.run == nil {
		return nil
	}
	lines, err := s.joinedMessages()
	if err != nil || lines == nil {
		return err
	}
	clean, err := cucumber.Rewrite(lines, s.run.Withhold)
	if err != nil {
		return err
	}
	return s.unwritten(s.run.Keep(messagesName, clean))
}

// attach hands to the step that ended what came of it: links to the pictures that were taken, and the
// verdict once there is one.
func (r *running) attach(ctx context.Context) context.Context {
	own, ok := steps.TenantOf(ctx)
	if !ok {
		return ctx
	}
	if t, ours := own.(*tenant); ours {
		pictures := t.evidence.Pictures()
		for _, picture := range pictures[r.attached:] {
			ctx = godog.Attach(ctx, cucumber.Link(picture, "image/png"))
		}
		r.attached = len(pictures)
	}
	if proof, proved := steps.ProofOf(ctx); proved && !r.told {
		r.told = true
		ctx = godog.Attach(ctx, godog.Attachment{Body: []byte(verdictInWords(proof.Verdict)), FileName: "verdict.txt", MediaType: "text/plain"})
	}
	return ctx
}

// verdictInWords is a verdict for people, a line each for what came of it.
func verdictInWords(v verdict.Verdict) string {
	lines := []string{fmt.Sprintf("%s. %s", strings.ReplaceAll(string(v.Outcome), "-", " "), v.Summary)}
	for _, reason := range v.Reasons {
		lines = append(lines, fmt.Sprintf("%s: %s", reason.Code, reason.Text))
	}
	lines = append(lines, fmt.Sprintf("screen %s, token %s, log %s", v.Witnesses.Screen, v.Witnesses.Token, v.Witnesses.Log))
	for _, cause := range v.Causes {
		lines = append(lines, fmt.Sprintf("%s: %s %s", cause.Code, cause.Text, cause.Object))
	}
	return strings.Join(lines, "\n")
}
