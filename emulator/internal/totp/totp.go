// Package totp makes the one-time codes of an authenticator as Entra has them: RFC 6238 with SHA-1, six
// digits, thirty seconds.
package totp

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Period is how long a code is valid.
const Period = 30 * time.Second

// ErrSeed is a seed that is not base32. It does not quote the seed.
var ErrSeed = errors.New("the seed of the one-time codes is not base32")

// Step is the number of the period that an instant lies in.
func Step(at time.Time) int64 { return at.Unix() / int64(Period/time.Second) }

// Code is the code of a step, for a seed in base32 with or without padding, in either case.
func Code(seed string, step int64) (string, error) {
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(strings.TrimRight(strings.TrimSpace(seed), "=")))
	if err != nil || len(key) == 0 {
		return "", ErrSeed
	}
	mac := hmac.New(sha1.New, key)
	_ = binary.Write(mac, binary.BigEndian, step) // a hash takes everything
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0xf // RFC 4226 section 5.3: dynamic truncation
	number := binary.BigEndian.Uint32(sum[offset:]) & 0x7fffffff
	return fmt.Sprintf("%06d", number%1_000_000), nil
}
