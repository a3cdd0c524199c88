package entra

import (
	"errors"
	"testing"
	"time"

	"github.com/reprompt/reprompt/secret"
)

// The key of RFC 6238, appendix B, is the text 12345678901234567890; its codes have eight digits, of which
// these are the last six.
func TestOneTimeCodesAreThoseOfTheRFC(t *testing.T) {
	const seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	for _, row := range []struct {
		name, seed string
		at         int64
		want       string
		err        error
	}{
		{"the end of the second step", seed, 59, "287082", nil},
		{"a code that begins with 0", seed, 1111111109, "081804", nil},
		{"a step later", seed, 1111111111, "050471", nil},
		{"a code that begins with two of them", seed, 1234567890, "005924", nil},
		{"the year 2033", seed, 2000000000, "279037", nil},
		{"more seconds than 32 bits hold", seed, 20000000000, "353130", nil},
		{"the first step (RFC 4226)", seed, 29, "755224", nil},
		{"a seed in groups and small letters", "gezd gnbv gy3t qojq gezd gnbv gy3t qojq", 59, "287082", nil},
		{"no base32", "GEZDGNBVGY3TQOJ1", 59, "", errSeed},
		{"no seed", "", 59, "", errSeed},
	} {
		t.Run(row.name, func(t *testing.T) {
			code, err := codeAt(secret.New(row.seed), time.Unix(row.at, 0))
			if !errors.Is(err, row.err) || code.Reveal() != row.want {
				t.Errorf("the code is %q (%v), want %q (%v)", code.Reveal(), err, row.want, row.err)
			}
		})
	}
}
