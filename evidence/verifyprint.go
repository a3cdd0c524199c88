package evidence

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Write prints a verification for people: what it came to, who signed, and each thing that is wrong
// or has to be known on a line. Everything out of the bundle is made fit for a terminal first.
func (v *Verification) Write(w io.Writer, colour bool) error {
	t := &terminal{w: w, colour: colour}
	v.print(t)
	return t.err
}

func (v *Verification) print(t *terminal) {
	word, paint := "VERIFIED", green
	switch v.Outcome {
	case NotVerified:
		word, paint = "NOT VERIFIED", red
	case Undecidable:
		word, paint = "NOT RE-DECIDED", yellow
	}
	about := ""
	if len(v.Bundles) > 0 {
		outer := v.Bundles[0]
		about = strings.Join(present(printable(outer.ID), string(outer.Kind), string(outer.Target)), " · ")
	}
	t.printf("%s\n", strings.TrimSpace(t.paint(paint, word)+"  "+about))
	for _, p := range v.Problems {
		t.field("problem", p.String())
	}
	for _, b := range v.Bundles {
		t.field("signer", b.signerInWords())
		if b.Timestamp != nil && b.Timestamp.Trusted {
			t.field("timestamp", fmt.Sprintf("%s, by %s", b.Timestamp.At.Format("2006-01-02T15:04:05Z"), printable(b.Timestamp.Authority)))
		}
	}
	if len(v.Bundles) > 0 {
		t.field("files", fmt.Sprint(v.Bundles[0].Files))
	}
	again, without := 0, 0
	for _, s := range v.Scenarios {
		switch {
		case s.Recorded == "":
			without++
		case s.Decided != "":
			again++
		}
	}
	t.field("verdicts", fmt.Sprintf("%d decided again of %d, %d came to none", again, len(v.Scenarios)-without, without))
	for _, r := range v.Remarks {
		t.field("note", r.String())
	}
	if len(v.Problems) > 0 {
		t.field("explain", explains(problemCodes(v.Problems)))
	}
}

// problemCodes are the codes of problems, each once.
func problemCodes(problems []Problem) []string {
	var codes []string
	for _, p := range problems {
		codes = append(codes, p.Code)
	}
	return codes
}

// mostExplained bounds how many codes a line names.
const mostExplained = 4

// explains is the command that says what codes mean and what to do: the first of them, each once.
func explains(codes []string) string {
	var once []string
	for _, code := range codes {
		if !slices.Contains(once, code) && len(once) < mostExplained {
			once = append(once, code)
		}
	}
	return "reprompt explain " + strings.Join(once, " ")
}

// signerInWords names the signer of a bundle, and of which.
func (b VerifiedBundle) signerInWords() string {
	where := ""
	if b.Path != "" {
		where = fmt.Sprintf(" (of %s, inside)", printable(b.Path))
	}
	switch {
	case b.Signer.KeyID == "":
		return "none that holds" + where
	case b.Signer.Trusted:
		return "a given key, " + b.Signer.KeyID + where
	case b.Signer.Ephemeral:
		return "integrity only, signer unknown: a key made for it, " + b.Signer.KeyID + where
	default:
		return "integrity only, signer unknown: " + b.Signer.KeyID + where
	}
}
