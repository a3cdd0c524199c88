package watch

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
	bberrors "go.etcd.io/bbolt/errors"

	"github.com/reprompt/reprompt/notify"
)

// The buckets of the state file. The name of the first is the version of the format.
var (
	about    = []byte("reprompt/watch/v1") // "from", "tenant"
	seen     = []byte("seen")              // rows of the log by time and id, no value
	pending  = []byte("pending")           // Change by time and id
	due      = []byte("due")               // Due by the role's id
	verdicts = []byte("verdicts")          // Last by the role's id
	outbox   = []byte("outbox")            // notify.Event by a running number
)

// Due is a role whose proof is due.
type Due struct {
	RoleID  string    `json:"role_id"`
	Number  uint64    `json:"number"` // grows with each time that a role becomes due
	Since   time.Time `json:"since"`  // when it became due first and was not proved since
	Why     []string  `json:"why"`    // one sentence each
	Attempt int       `json:"attempt"`
	// Dir is the folder for the evidence of the attempt, below the folder for all; empty before the first.
	Dir string `json:"dir,omitempty"`
	// After is when it may be tried again; zero: at once.
	After time.Time `json:"after"`
	// Told is true once it was told that the proof is overdue.
	Told bool `json:"told,omitempty"`
}

// Last is the last verdict of a role.
type Last struct {
	RoleID   string        `json:"role_id"`
	Role     string        `json:"role"` // display name
	Verdict  string        `json:"verdict"`
	At       time.Time     `json:"at"`    // by the tenant's clock
	Noted    time.Time     `json:"noted"` // by the machine's clock
	Took     time.Duration `json:"took_ns"`
	Evidence string        `json:"evidence"` // the folder of the bundle
}

// State is the state file. One process at a time has it open.
type State struct{ db *bbolt.DB }

// lockWait is how long Open waits for another process.
const lockWait = 200 * time.Millisecond

// Open opens the state file of a tenant and makes it where there is none. A file of another tenant is
// refused: the changes of one say nothing of the other.
func Open(path, tenantID string) (*State, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make a place for the state file: %w; choose another with --state", err)
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockWait})
	if errors.Is(err, bberrors.ErrTimeout) {
		return nil, fmt.Errorf("open the state file %s: another reprompt watches with it; end that one, or choose another with --state", path)
	}
	if err != nil {
		return nil, fmt.Errorf("open the state file %s: %w; choose another with --state", path, err)
	}
	s := &State{db}
	if err := s.prepare(tenantID); err != nil {
		return nil, errors.Join(fmt.Errorf("open the state file %s: %w", path, err), db.Close())
	}
	return s, nil
}

func (s *State) prepare(tenantID string) error {
	return s.db.Update(func(tx *bbolt.Tx) error {
		if name, _ := tx.Cursor().First(); name != nil && tx.Bucket(about) == nil {
			return fmt.Errorf("it is of another version; use the reprompt that wrote it, or choose another with --state")
		}
		for _, name := range [][]byte{about, seen, pending, due, verdicts, outbox} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		known := tx.Bucket(about).Get([]byte("tenant"))
		if known != nil && string(known) != tenantID {
			return fmt.Errorf("it is of tenant %s, not of %s: choose another with --state", known, tenantID)
		}
		return tx.Bucket(about).Put([]byte("tenant"), []byte(tenantID))
	})
}

// Close closes the file.
func (s *State) Close() error { return s.db.Close() }

// From is the instant from which the log is read; zero before the first look.
func (s *State) From() (time.Time, error) {
	var from time.Time
	err := s.db.View(func(tx *bbolt.Tx) error {
		text := tx.Bucket(about).Get([]byte("from"))
		if text == nil {
			return nil
		}
		return from.UnmarshalText(text)
	})
	return from, unread(err)
}

func putFrom(tx *bbolt.Tx, from time.Time) error {
	text, err := from.UTC().MarshalText()
	if err != nil {
		return err
	}
	return tx.Bucket(about).Put([]byte("from"), text)
}

// rowKey orders rows by time; ids tell rows of equal time apart.
func rowKey(at time.Time, id string) []byte {
	key := binary.BigEndian.AppendUint64(nil, uint64(at.UnixNano()))
	return append(key, id...)
}

// all reads a bucket in the order of its keys.
func all[T any](s *State, bucket []byte) ([]T, error) {
	var values []T
	err := s.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucket).ForEach(func(_, text []byte) error {
			var value T
			if err := json.Unmarshal(text, &value); err != nil {
				return err
			}
			values = append(values, value)
			return nil
		})
	})
	return values, unread(err)
}

// Pending are the changes that wait for calm, oldest first.
func (s *State) Pending() ([]Change, error) { return all[Change](s, pending) }

// Due are the roles whose proof is due, by id.
func (s *State) Due() ([]Due, error) { return all[Due](s, due) }

// Verdicts are the last verdicts, by the role's id.
func (s *State) Verdicts() ([]Last, error) { return all[Last](s, verdicts) }

// Last is the last verdict of a role; the zero Last where there is none.
func (s *State) Last(roleID string) (Last, error) {
	var last Last
	err := s.db.View(func(tx *bbolt.Tx) error {
		if text := tx.Bucket(verdicts).Get([]byte(roleID)); text != nil {
			return json.Unmarshal(text, &last)
		}
		return nil
	})
	return last, unread(err)
}

// Restored is false from a tenant that could not be restored to the next proof that could.
func (s *State) Restored() (bool, error) {
	restored := true
	err := s.db.View(func(tx *bbolt.Tx) error {
		restored = tx.Bucket(about).Get(unrestored) == nil
		return nil
	})
	return restored, unread(err)
}

var unrestored = []byte("not restored")

// Outbox are the notifications that are yet to be delivered, oldest first.
func (s *State) Outbox() ([]notify.Event, error) { return all[notify.Event](s, outbox) }

func put(bucket *bbolt.Bucket, key []byte, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return bucket.Put(key, text)
}

func unread(err error) error {
	if err != nil {
		return fmt.Errorf("read the state file: %w", err)
	}
	return nil
}

func unwritten(err error) error {
	if err != nil {
		return fmt.Errorf("write the state file: %w", err)
	}
	return nil
}
