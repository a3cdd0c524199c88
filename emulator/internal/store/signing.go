package store

import (
	"slices"
	"time"
)

// Signing says which keys of the process sign and verify a tenant's tokens. Keys are known by
// their number, and made when they are first wanted. The zero value signs with key 0 and
// publishes key 1 ahead of its time, as the real service does (documented: signing key
// rollover).
type Signing struct {
	signer int
	rolled int // rollovers so far; decides the number of the next key
	old    []oldKey
}

// oldKey has signed, and is published until an instant.
type oldKey struct {
	number int
	until  time.Time
}

// Signer is the number of the key that signs.
func (s *Signing) Signer() int { return s.signer }

// next is the key that is published ahead of its time.
func (s *Signing) next() int { return 2*s.rolled + 1 }

// Published are the numbers of the keys that are published at an instant.
func (s *Signing) Published(now time.Time) []int {
	numbers := []int{s.signer, s.next()}
	for _, key := range s.old {
		if now.Before(key.until) && !slices.Contains(numbers, key.number) {
			numbers = append(numbers, key.number)
		}
	}
	return numbers
}

// Roll has the next key sign from now on, and keeps the one before published until an
// instant. In an emergency (documented: keys may be rolled over immediately) the new key is
// one that was never published before: who keeps the old document cannot verify, and has to
// fetch it again.
func (s *Signing) Roll(until time.Time, emergency bool) {
	s.old = append(s.old, oldKey{s.signer, until})
	announced := s.next()
	s.rolled++
	s.signer = announced
	if emergency {
		s.old = append(s.old, oldKey{announced, until})
		s.signer = 2 * s.rolled
	}
}
