package entra

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"strconv"
	"strings"
	"time"

	"github.com/reprompt/reprompt/secret"
)

// digits is the length of a one-time code.
const digits = 6

// codeAt is the code of an instant after RFC 6238, with what Entra uses: SHA-1, six digits, steps of
// 30 seconds. The seed is base32, with spaces and padding or without. The error does not quote it.
func codeAt(seed secret.Text, at time.Time) (secret.Text, error) {
	text := strings.ToUpper(strings.Join(strings.Fields(seed.Reveal()), ""))
	key, err := base32.StdEncoding.DecodeString(text + strings.Repeat("=", (8-len(text)%8)%8))
	if err != nil || len(key) == 0 {
		return secret.Text{}, errSeed
	}
	code := strconv.Itoa(truncated(key, uint64(at.Unix())/uint64(step/time.Second)))
	return secret.New(strings.Repeat("0", digits-len(code)) + code), nil
}

// truncated is the number of a counter after RFC 4226 section 5.3: four bytes of its HMAC, from where the
// last half byte says, without the sign.
func truncated(key []byte, counter uint64) int {
	mac := hmac.New(sha1.New, key)
	for shift := 56; shift >= 0; shift -= 8 {
		mac.Write([]byte{byte(counter >> shift)})
	}
	sum := mac.Sum(nil)
	from := int(sum[len(sum)-1] & 15)
	number := 0
	for _, b := range sum[from : from+4] {
		number = number<<8 | int(b)
	}
	return (number & 0x7fffffff) % 1_000_000
}
