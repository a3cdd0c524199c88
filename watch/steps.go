package watch

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/notify"
)

// mostReasons bounds what is kept of why a role is due: a busy day has thousands of changes.
const mostReasons = 20

// Start notes the first look: the log is read from an instant on, and the roles are due as a baseline.
func (s *State) Start(from time.Time, baseline []string, now time.Time) error {
	return unwritten(s.db.Update(func(tx *bbolt.Tx) error {
		for _, role := range baseline {
			if err := makeDue(tx, role, now, []string{"the first look at the tenant"}); err != nil {
				return err
			}
		}
		return putFrom(tx, from)
	}))
}

// Record takes the rows of one look: those that matter and are new become pending. After it the log is
// read from keep on; what was seen before keep is forgotten. It returns how many are new.
func (s *State) Record(rows []graph.AuditRow, keep time.Time) (int, error) {
	fresh := 0
	err := s.db.Update(func(tx *bbolt.Tx) error {
		fresh = 0
		for _, row := range rows {
			change, ok := ChangeOf(row)
			key := rowKey(change.At, change.ID)
			if !ok || tx.Bucket(seen).Get(key) != nil {
				continue
			}
			fresh++
			if err := tx.Bucket(seen).Put(key, []byte{1}); err != nil {
				return err
			}
			if err := put(tx.Bucket(pending), key, change); err != nil {
				return err
			}
		}
		return forget(tx, keep)
	})
	return fresh, unwritten(err)
}

// forget moves the instant from which the log is read, which never goes back.
func forget(tx *bbolt.Tx, keep time.Time) error {
	keep = keep.UTC().Truncate(time.Second) // the log is asked by whole seconds
	var from time.Time
	if err := from.UnmarshalText(tx.Bucket(about).Get([]byte("from"))); err != nil {
		return fmt.Errorf("it has no instant to read the log from: %w", err)
	}
	if !keep.After(from) {
		return nil
	}
	cursor, before := tx.Bucket(seen).Cursor(), rowKey(keep, "")
	for key, _ := cursor.First(); key != nil && bytes.Compare(key, before) < 0; key, _ = cursor.First() {
		if err := cursor.Delete(); err != nil {
			return err
		}
	}
	return putFrom(tx, keep)
}

// Ripen makes the roles due that changes touched, and takes those changes off the list.
func (s *State) Ripen(changes []Change, roles []Role, now time.Time) error {
	return unwritten(s.db.Update(func(tx *bbolt.Tx) error {
		for _, change := range changes {
			for _, role := range Touched([]Change{change}, roles) {
				if err := makeDue(tx, role, now, []string{change.String()}); err != nil {
					return err
				}
			}
			if err := tx.Bucket(pending).Delete(rowKey(change.At, change.ID)); err != nil {
				return err
			}
		}
		return nil
	}))
}

// Require makes roles due for another reason than a change.
func (s *State) Require(roles []string, why string, now time.Time) error {
	return unwritten(s.db.Update(func(tx *bbolt.Tx) error {
		for _, role := range roles {
			if err := makeDue(tx, role, now, []string{why}); err != nil {
				return err
			}
		}
		return nil
	}))
}

// makeDue makes a role due, once more if it is already: a proof that is going on does not count for
// what happens meanwhile.
func makeDue(tx *bbolt.Tx, role string, now time.Time, why []string) error {
	number, err := tx.Bucket(due).NextSequence()
	if err != nil {
		return err
	}
	d := Due{RoleID: role, Since: now.UTC()}
	if text := tx.Bucket(due).Get([]byte(role)); text != nil {
		if err := json.Unmarshal(text, &d); err != nil {
			return err
		}
	}
	d.Number, d.Attempt, d.Dir, d.After = number, 0, "", time.Time{}
	d.Why = append(d.Why, why...)
	if len(d.Why) > mostReasons {
		d.Why = slices.Concat(d.Why[:1], d.Why[len(d.Why)-mostReasons+1:])
	}
	return put(tx.Bucket(due), []byte(role), d)
}

// Attempt notes that a proof begins, and where its evidence goes.
func (s *State) Attempt(d Due) (Due, error) {
	d.Attempt++
	d.Dir = fmt.Sprintf("%06d-%d-%s", d.Number, d.Attempt, d.RoleID)
	return d, s.replace(d)
}

// Postpone notes that the proof of a role has to wait. The evidence of the attempt so far counts for nothing.
func (s *State) Postpone(d Due, until time.Time) error {
	d.After, d.Dir = until.UTC(), ""
	return s.replace(d)
}

// Overdue notes that it was told that a proof is overdue, together with the notification.
func (s *State) Overdue(d Due, event notify.Event) error {
	d.Told = true
	return unwritten(s.db.Update(func(tx *bbolt.Tx) error {
		if err := replaceIn(tx, d); err != nil {
			return err
		}
		return post(tx, event)
	}))
}

func (s *State) replace(d Due) error {
	return unwritten(s.db.Update(func(tx *bbolt.Tx) error { return replaceIn(tx, d) }))
}

// replaceIn changes what is due, unless it became due once more meanwhile.
func replaceIn(tx *bbolt.Tx, d Due) error {
	same, err := sameDue(tx, d)
	if err != nil || !same {
		return err
	}
	return put(tx.Bucket(due), []byte(d.RoleID), d)
}

func sameDue(tx *bbolt.Tx, d Due) (bool, error) {
	text := tx.Bucket(due).Get([]byte(d.RoleID))
	if text == nil {
		return false, nil
	}
	var there Due
	err := json.Unmarshal(text, &there)
	return there.Number == d.Number, err
}

// Settle takes the verdict of a proof, and what is to be told of it, and takes the role off the list.
func (s *State) Settle(d Due, last Last, events ...notify.Event) error {
	return unwritten(s.db.Update(func(tx *bbolt.Tx) error {
		same, err := sameDue(tx, d)
		if err != nil {
			return err
		}
		if same {
			if err := tx.Bucket(due).Delete([]byte(d.RoleID)); err != nil {
				return err
			}
		}
		if err := put(tx.Bucket(verdicts), []byte(last.RoleID), last); err != nil {
			return err
		}
		return post(tx, events...)
	}))
}

// SetRestored notes whether the tenant is as it was, together with what is to be told of it.
func (s *State) SetRestored(restored bool, events ...notify.Event) error {
	return unwritten(s.db.Update(func(tx *bbolt.Tx) error {
		change := tx.Bucket(about).Delete
		if !restored {
			change = func(key []byte) error { return tx.Bucket(about).Put(key, []byte{1}) }
		}
		if err := change(unrestored); err != nil {
			return err
		}
		return post(tx, events...)
	}))
}

func post(tx *bbolt.Tx, events ...notify.Event) error {
	for _, event := range events {
		number, err := tx.Bucket(outbox).NextSequence()
		if err != nil {
			return err
		}
		if err := put(tx.Bucket(outbox), binary.BigEndian.AppendUint64(nil, number), event); err != nil {
			return err
		}
	}
	return nil
}

// Delivered forgets a notification.
func (s *State) Delivered(id string) error {
	return unwritten(s.db.Update(func(tx *bbolt.Tx) error {
		cursor := tx.Bucket(outbox).Cursor()
		for key, text := cursor.First(); key != nil; key, text = cursor.Next() {
			var event notify.Event
			if err := json.Unmarshal(text, &event); err != nil {
				return err
			}
			if event.ID == id {
				return cursor.Delete()
			}
		}
		return nil
	}))
}
