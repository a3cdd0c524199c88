package totp

import (
	"errors"
	"testing"
	"time"
)

// rfcSeed is the ASCII text 12345678901234567890, the key of the test vectors of RFC 4226 and RFC 6238.
const rfcSeed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

// RFC 6238 appendix B has eight digits; six are the last six of them (RFC 4226 section 5.3).
func TestCodesAreThoseOfRFC6238(t *testing.T) {
	for _, row := range []struct {
		at   int64
		want string
	}{
		{59, "287082"},
		{1111111109, "081804"},
		{1111111111, "050471"},
		{1234567890, "005924"},
		{2000000000, "279037"},
		{20000000000, "353130"},
	} {
		if got, err := Code(rfcSeed, Step(time.Unix(row.at, 0))); err != nil || got != row.want {
			t.Errorf("at %d the code is %q (%v), want %q", row.at, got, err, row.want)
		}
	}
}

func TestCodesAreThoseOfRFC4226(t *testing.T) {
	for step, want := range []string{"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"} {
		if got, err := Code(rfcSeed, int64(step)); err != nil || got != want {
			t.Errorf("the code of step %d is %q (%v), want %q", step, got, err, want)
		}
	}
}

func TestSeedIsReadAsPeopleWriteIt(t *testing.T) {
	for _, row := range []struct {
		seed string
		err  error
	}{
		{" gezdgnbvgy3tqojqgezdgnbvgy3tqojq ", nil},
		{"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ====", nil},
		{"GEZDGNBVGY3TQOJQ1", ErrSeed},
		{"", ErrSeed},
	} {
		got, err := Code(row.seed, 1)
		if !errors.Is(err, row.err) || row.err == nil && got != "287082" {
			t.Errorf("seed %q: %q, %v; want the error %v", row.seed, got, err, row.err)
		}
	}
}
