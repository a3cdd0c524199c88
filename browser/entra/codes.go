package entra

import (
	"crypto/sha256"
	"sync"
	"time"

	"github.com/reprompt/reprompt/secret"
)

// step is how long a one-time code is valid (RFC 6238's default, which Entra uses).
const step = 30 * time.Second

// UsedCodes remembers for one admin what must not be sent again: one-time codes that were
// sent, and credentials that were rejected. Everything that signs the admin in shares one. It
// keeps digests. The zero value is ready; it is safe for concurrent use.
type UsedCodes struct {
	// Once notes durably that the code of a step, which began at an instant of the tenant's clock,
	// is about to be sent, and reports whether nobody noted that before. It is told no code. Nil
	// means that nothing outlives this value; set it before the first sign-in. An error keeps the
	// code from being sent.
	Once func(at time.Time) (bool, error)

	mu       sync.Mutex
	steps    map[int64]bool
	rejected map[[sha256.Size]byte]bool
}

// claim takes the code of an instant's step; false when it is taken already.
func (u *UsedCodes) claim(at time.Time) (bool, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	number := at.Unix() / int64(step/time.Second)
	if u.steps[number] {
		return false, nil
	}
	if u.Once != nil {
		if first, err := u.Once(time.Unix(number*int64(step/time.Second), 0).UTC()); err != nil || !first {
			return false, err
		}
	}
	if u.steps == nil {
		u.steps = map[int64]bool{}
	}
	u.steps[number] = true
	return true, nil
}

func digestOf(factor string, text secret.Text) [sha256.Size]byte {
	return sha256.Sum256([]byte(factor + "\x00" + text.Reveal()))
}

func (u *UsedCodes) reject(factor string, text secret.Text) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.rejected == nil {
		u.rejected = map[[sha256.Size]byte]bool{}
	}
	u.rejected[digestOf(factor, text)] = true
}

func (u *UsedCodes) wasRejected(factor string, text secret.Text) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.rejected[digestOf(factor, text)]
}

// nextStep is when the code after the one of an instant becomes valid.
func nextStep(at time.Time) time.Time { return at.Truncate(step).Add(step) }
