package fence

import (
	"fmt"
	"testing"
)

// A page that asks for ever new hosts fills no memory of ours.
func TestSoManyRefusedHostsAreRemembered(t *testing.T) {
	f := &List{refused: map[string]bool{}}
	for i := range 3 * maxRefused {
		f.refuse(fmt.Sprintf("host-%d.example:443", i))
	}
	if got := len(f.Refused()); got != maxRefused {
		t.Errorf("%d hosts are remembered, want %d", got, maxRefused)
	}
}
