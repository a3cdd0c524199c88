package store

import (
	"crypto/sha256"
	"slices"
	"time"
)

// Lockout counts the wrong passwords of an account. Documented as smart lockout: the account
// is locked after a number of them for a minute, and again after each further one, longer
// each time; the last three wrong passwords do not count a second time. Inferred: how much
// longer (twice as long), which is not published. Not modelled: counters per data centre and
// per familiar location.
type Lockout struct {
	Until  time.Time
	missed int
	locks  int
	recent [][sha256.Size]byte
}

// Documented numbers of smart lockout.
const (
	firstLock      = time.Minute
	rememberedLast = 3
	longestLock    = 24 * time.Hour // so that doubling ends somewhere
)

// Locked says whether the account is locked.
func (l *Lockout) Locked(now time.Time) bool { return now.Before(l.Until) }

// Missed counts a wrong password.
func (l *Lockout) Missed(password string, now time.Time, threshold int) {
	digest := sha256.Sum256([]byte(password))
	if slices.Contains(l.recent, digest) {
		return
	}
	l.recent = append(l.recent, digest)
	l.recent = l.recent[max(0, len(l.recent)-rememberedLast):]
	if l.missed++; l.missed < threshold {
		return
	}
	l.Until = now.Add(min(firstLock<<min(l.locks, 20), longestLock))
	l.locks++
}
