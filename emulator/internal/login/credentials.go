package login

import (
	"crypto/subtle"
	"strconv"
	"strings"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/store"
	"github.com/reprompt/reprompt/emulator/internal/totp"
)

// checkPassword compares a password in constant time, and counts wrong ones: threshold of
// them lock the account for a while, in which the right one is refused too (documented as
// smart lockout).
func checkPassword(user *store.User, password string, now time.Time, threshold int) *aadsts {
	right := user.Password != "" && subtle.ConstantTimeCompare([]byte(user.Password), []byte(password)) == 1
	switch {
	case user.Lockout.Locked(now):
		return fail(lockedOut, "invalid_grant", "The account is locked, you've tried to sign in too many times with an incorrect user ID or password.")
	case !right:
		user.Lockout.Missed(password, now, threshold)
		return fail(wrongPassword, "invalid_grant", "Error validating credentials due to invalid username or password.")
	}
	user.Lockout = store.Lockout{}
	return nil
}

// lockoutThreshold is how many wrong passwords lock an account (documented: ten, and three
// in the cloud of the US government).
func lockoutThreshold(host string) int {
	if cloudOfHost(host).Name == "usgov" {
		return 3
	}
	return 10
}

// totpTolerance is how many steps to either side of now a code may be of, for clocks that differ.
const totpTolerance = 1

// checkTOTP accepts a code of the authenticator once: the step of an accepted code and every
// earlier one are spent (RFC 6238 section 5.2).
func checkTOTP(user *store.User, code string, now time.Time) *aadsts {
	code = strings.ReplaceAll(strings.TrimSpace(code), " ", "")
	step := totp.Step(now)
	for s := step - totpTolerance; s <= step+totpTolerance; s++ {
		want, err := totp.Code(user.TOTPSecret, s)
		if err != nil || subtle.ConstantTimeCompare([]byte(want), []byte(code)) != 1 {
			continue
		}
		if s <= user.TOTPLastStep {
			return fail(secondFactorFailed, "invalid_grant", "Authentication failed during strong authentication request: the code was used before.")
		}
		user.TOTPLastStep = s
		return nil
	}
	return fail(secondFactorFailed, "invalid_grant", "Authentication failed during strong authentication request.")
}

// checkAccessPass accepts a Temporary Access Pass that is usable now, and spends one that is
// good for a single sign-in.
func checkAccessPass(user *store.User, pass string, now time.Time) (store.Method, *aadsts) {
	for _, p := range user.AccessPasses {
		if subtle.ConstantTimeCompare([]byte(p.Pass), []byte(pass)) != 1 {
			continue
		}
		if usable, reason := p.Usability(now); !usable {
			err := fail(accessPassRefused, "invalid_grant", "Temporary Access Pass sign in was blocked: %s.", reason)
			err.PageCode = strconv.Itoa(accessPassRefused)
			return "", err
		}
		p.UsedAt = now
		if p.Once {
			return store.MethodTAPOnce, nil
		}
		return store.MethodTAPMulti, nil
	}
	err := fail(accessPassRefused, "invalid_grant", "Your Temporary Access Pass is incorrect.")
	err.PageCode = "InvalidAccessPass" // observed
	return "", err
}

// usablePass says whether the user has a Temporary Access Pass for now.
func usablePass(user *store.User, now time.Time) bool {
	for _, p := range user.AccessPasses {
		if usable, _ := p.Usability(now); usable {
			return true
		}
	}
	return false
}

// secondFactors are the user's methods for a second factor, the default first.
func secondFactors(user *store.User) []store.Method {
	var methods []store.Method
	if user.Push != nil {
		methods = append(methods, store.MethodPush)
	}
	if user.TOTPSecret != "" {
		methods = append(methods, store.MethodTOTP)
	}
	if len(user.Passkeys) > 0 {
		methods = append(methods, store.MethodPasskey)
	}
	return methods
}
