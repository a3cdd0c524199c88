package evidence_test

import (
	"bytes"
	"crypto/x509"
	"os"
	"path/filepath"
	"testing"

	"github.com/reprompt/reprompt/evidence"
)

// Whatever byte of a timestamp is changed: either it is found, or when, by whom and of what it is stays
// as it was. The envelope around the signature holds bytes that mean nothing: a text of the status,
// lists that are repeated inside.
func TestNoByteOfATimestampChangesWhatItSays(t *testing.T) {
	a := newAuthority(t, "authority")
	dir := stamped(t, a.answer)
	answer, signed := content(t, dir, "timestamp.tsr"), content(t, dir, "statement.dsse.json")
	for name, roots := range map[string]*x509.CertPool{"without roots": nil, "with its root": a.trusted().TimestampRoots} {
		want, err := evidence.ReadTimestamp(answer, signed, roots)
		if err != nil {
			t.Fatal(err)
		}
		unnoticed := 0
		for i := range answer {
			for _, flip := range []byte{0x01, 0x20, 0x80} {
				changed := bytes.Clone(answer)
				changed[i] ^= flip
				got, err := evidence.ReadTimestamp(changed, signed, roots)
				if err == nil && got != want {
					t.Errorf("%s: byte %d of %d, flipped by %#x: it says %+v", name, i, len(answer), flip, got)
				}
				if err == nil {
					unnoticed++
				}
			}
		}
		if unnoticed*20 > len(answer)*3 {
			t.Errorf("%s: %d of %d changes went unnoticed, want fewer than one in twenty", name, unnoticed, len(answer)*3)
		}
		t.Logf("%s: %d of %d changes went unnoticed", name, unnoticed, len(answer)*3)
	}
}

func content(t *testing.T, dir, name string) []byte {
	t.Helper()
	read, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return read
}
