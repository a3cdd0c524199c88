package store

import (
	"iter"
	"math/rand/v2"
	"slices"
	"time"
)

// Index is a map that remembers the order in which keys were first put, unless it was
// scattered: then new keys go to any place.
type Index[T any] struct {
	keys   []string
	values []T            // in the order of keys
	at     map[string]int // place of a key
	place  *rand.Rand     // nil: new keys go to the end
}

// NewIndex returns an empty index.
func NewIndex[T any]() *Index[T] { return &Index[T]{at: map[string]int{}} }

// Put adds the value, or replaces the one that is there at its old place.
func (x *Index[T]) Put(key string, value T) {
	if i, ok := x.at[key]; ok {
		x.values[i] = value
		return
	}
	i := len(x.keys)
	if x.place != nil {
		i = x.place.IntN(i + 1)
	}
	x.keys, x.values = slices.Insert(x.keys, i, key), slices.Insert(x.values, i, value)
	x.locate(i)
}

// locate writes down the places of the keys from the i-th on.
func (x *Index[T]) locate(i int) {
	for n, key := range x.keys[i:] {
		x.at[key] = i + n
	}
}

// scatter mixes the order up, now and for keys to come; without a source it leaves the order
// as it is, and new keys go to the end again.
func (x *Index[T]) scatter(source *rand.Rand) {
	if x.place = source; source != nil {
		source.Shuffle(len(x.keys), func(i, j int) {
			x.keys[i], x.keys[j] = x.keys[j], x.keys[i]
			x.values[i], x.values[j] = x.values[j], x.values[i]
		})
		x.locate(0)
	}
}

// Get returns the value of a key.
func (x *Index[T]) Get(key string) (value T, ok bool) {
	i, ok := x.at[key]
	if ok {
		value = x.values[i]
	}
	return value, ok
}

// Delete removes a key; ok is false when it was not there.
func (x *Index[T]) Delete(key string) (ok bool) {
	i, ok := x.at[key]
	if !ok {
		return false
	}
	delete(x.at, key)
	x.keys, x.values = slices.Delete(x.keys, i, i+1), slices.Delete(x.values, i, i+1)
	x.locate(i)
	return true
}

// Len is the number of values.
func (x *Index[T]) Len() int { return len(x.keys) }

// List returns the values in the order of their first Put.
func (x *Index[T]) List() []T { return slices.Clone(x.values) }

// All goes through the values in the order of their first Put. Nothing may be put or
// deleted meanwhile.
func (x *Index[T]) All() iter.Seq[T] { return slices.Values(x.values) }

// Lagged is an ordered map whose writes take effect late: whoever wrote reads the newest
// value (Get, List), whoever evaluates reads the value that is in effect at an instant
// (GetAt, ListAt). T should be a plain value; a pointer would let a later change leak into
// an earlier version.
type Lagged[T any] struct {
	index *Index[[]version[T]]
}

type version[T any] struct {
	value   T
	deleted bool
	from    time.Time
}

// NewLagged returns an empty collection.
func NewLagged[T any]() *Lagged[T] { return &Lagged[T]{index: NewIndex[[]version[T]]()} }

func (l *Lagged[T]) scatter(source *rand.Rand) { l.index.scatter(source) }

// Put writes a value that takes effect at the given instant.
func (l *Lagged[T]) Put(key string, value T, effective time.Time) {
	l.write(key, version[T]{value: value, from: effective})
}

// Delete removes a value with effect at the given instant; ok is false when the newest
// version is already gone.
func (l *Lagged[T]) Delete(key string, effective time.Time) (ok bool) {
	value, ok := l.Get(key)
	if ok {
		l.write(key, version[T]{value: value, deleted: true, from: effective})
	}
	return ok
}

// write appends a version. A version that would take effect before an older one drops that
// older one: the lag was shortened in between, and the last write wins.
func (l *Lagged[T]) write(key string, v version[T]) {
	versions, _ := l.index.Get(key)
	for len(versions) > 0 && versions[len(versions)-1].from.After(v.from) {
		versions = versions[:len(versions)-1]
	}
	l.index.Put(key, append(slices.Clone(versions), v))
}

// Get returns the newest value, in effect or not.
func (l *Lagged[T]) Get(key string) (value T, ok bool) {
	versions, _ := l.index.Get(key)
	return newest(versions)
}

// GetAt returns the value in effect at an instant.
func (l *Lagged[T]) GetAt(key string, at time.Time) (value T, ok bool) {
	versions, _ := l.index.Get(key)
	return effective(versions, at)
}

func effective[T any](versions []version[T], at time.Time) (value T, ok bool) {
	for _, v := range slices.Backward(versions) {
		if !v.from.After(at) {
			return v.value, !v.deleted
		}
	}
	return value, false
}

func newest[T any](versions []version[T]) (value T, ok bool) {
	if len(versions) == 0 || versions[len(versions)-1].deleted {
		return value, false
	}
	return versions[len(versions)-1].value, true
}

// List returns the newest values in the order of their first Put.
func (l *Lagged[T]) List() []T { return slices.Collect(l.All()) }

// All goes through the newest values in the order of their first Put. Nothing may be
// written meanwhile.
func (l *Lagged[T]) All() iter.Seq[T] { return l.each(newest[T]) }

// ListAt returns the values in effect at an instant, in the order of their first Put.
func (l *Lagged[T]) ListAt(at time.Time) []T { return slices.Collect(l.AllAt(at)) }

// AllAt goes through the values in effect at an instant, as All does.
func (l *Lagged[T]) AllAt(at time.Time) iter.Seq[T] {
	return l.each(func(versions []version[T]) (T, bool) { return effective(versions, at) })
}

func (l *Lagged[T]) each(pick func([]version[T]) (T, bool)) iter.Seq[T] {
	return func(yield func(T) bool) {
		for versions := range l.index.All() {
			if value, ok := pick(versions); ok && !yield(value) {
				return
			}
		}
	}
}
