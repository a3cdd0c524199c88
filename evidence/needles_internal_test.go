package evidence

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"runtime"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/secret"
)

// Each of thousands of secrets is found, in every encoding and at the end of a content, too; what was not registered is not.
// They take little: a run of thousands of scenarios has tens of thousands.
func TestEachOfManySecretsIsFound(t *testing.T) {
	const secrets = 2000
	g, all := newGuard(), make([]string, secrets)
	for i := range all {
		all[i] = rand.Text()
	}
	alive := func() int64 {
		runtime.GC()
		runtime.GC() // what pools hold goes with the second
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		return int64(memory.HeapAlloc)
	}
	before := alive()
	for _, text := range all {
		g.register(secret.New(text))
		g.register(secret.New(text)) // twice is once
	}
	// Each has five encodings that differ: plain, hexadecimal, and three of base64.
	if each := (alive() - before) / secrets; each > 150 || g.taken != 5*secrets {
		t.Errorf("%d bytes and %d needles for %d secrets, want at most 150 bytes and 5 for each", each, g.taken, secrets)
	}
	for _, text := range all {
		for _, spelled := range []string{text, hex.EncodeToString([]byte(text)), base64.StdEncoding.EncodeToString([]byte(text))} {
			if g.check([]byte("before "+spelled)) == nil || g.check([]byte(spelled+" after")) == nil {
				t.Fatalf("%q is not found", spelled)
			}
		}
		if err := g.check([]byte(text[:len(text)-1] + " " + strings.ToLower(text) + rand.Text())); err != nil {
			t.Fatalf("found where it is not: %v", err)
		}
	}
}

func TestAGuardWithoutSecretsFindsNone(t *testing.T) {
	if err := newGuard().check([]byte("nothing is registered")); err != nil {
		t.Error(err)
	}
}
