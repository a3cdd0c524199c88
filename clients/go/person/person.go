// Package person is who signs in: the test admin, before a real browser ([Browser]) or walking
// the forms over plain HTTP ([Walker]) where a browser would add nothing.
//
// Both read the sign-in pages by the ids that the real pages have, answer each page once, and
// say what they were asked, in order:
//
//	account    the picker of accounts
//	username   password   code
//	stay       whether to stay signed in
//	device     the code that another device shows, and whether to continue there
//
// A prompt is never skipped: what asked for nothing shows as an empty list.
package person

import (
	"fmt"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

// What a page can ask for.
const (
	Account  = "account"
	Username = "username"
	Password = "password"
	Code     = "code"
	Stay     = "stay"
	Device   = "device"
	Continue = "continue"
)

// code is the authenticator's code for an instant of the tenant's clock.
func code(secret string, now time.Time) (string, error) {
	text, err := totp.GenerateCodeCustom(secret, now, totp.ValidateOpts{Period: 30, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
	if err != nil {
		return "", fmt.Errorf("make a one-time code: %w", err)
	}
	return text, nil
}
