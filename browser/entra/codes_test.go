package entra

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"
)

// noted opens what one process keeps of its used codes in a file.
func noted(t *testing.T, path string) (*UsedCodes, func()) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	once := func(at time.Time) (first bool, err error) {
		err = db.Update(func(tx *bbolt.Tx) error {
			bucket, err := tx.CreateBucketIfNotExists([]byte("codes"))
			if err != nil {
				return err
			}
			key := []byte(at.Format(time.RFC3339))
			first = bucket.Get(key) == nil
			return bucket.Put(key, key)
		})
		return first, err
	}
	return &UsedCodes{Once: once}, func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestCodeIsClaimedOnceOverProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "codes.db")
	at := time.Date(2026, 3, 2, 9, 0, 5, 0, time.UTC)
	for n, row := range []struct {
		at    time.Time
		fresh bool
	}{
		{at, true},
		{at.Add(20 * time.Second), false}, // the same step
		{at.Add(step), true},
		{at, false},
	} {
		used, closeFile := noted(t, path)
		if fresh, err := used.claim(row.at); err != nil || fresh != row.fresh {
			t.Errorf("row %d: claimed %v (%v), want %v", n, fresh, err, row.fresh)
		}
		if fresh, err := used.claim(row.at); err != nil || fresh {
			t.Errorf("row %d: the code was claimed twice in one process (%v)", n, err)
		}
		closeFile()
	}
}

func TestCodeThatCannotBeNotedIsNotClaimed(t *testing.T) {
	full := errors.New("disk full")
	used := &UsedCodes{Once: func(time.Time) (bool, error) { return false, full }}
	if fresh, err := used.claim(time.Unix(0, 0)); fresh || !errors.Is(err, full) {
		t.Errorf("claimed %v, %v", fresh, err)
	}
}
