package store

import (
	"math/rand/v2"
	"slices"
	"time"
)

// Index is a map that remembers the order in which keys were first put, unless it was
// scattered: then new keys go to any place.
type Index[T any] struct {
	values map[string]T
	order  []string
	place  *rand.Rand // nil: new keys go to the end
}

// NewIndex returns an empty index.
func NewIndex[T any]() *Index[T] { return &Index[T]{values: map[string]T{}} }

// Put adds the value, or replaces the one that is there at its old place.
func (x *Index[T]) Put(key string, value T) {
	if _, ok := x.values[key]; !ok {
		at := len(x.order)
		if x.place != nil {
			at = x.place.IntN(at + 1)
		}
		x.order = slices.Insert(x.order, at, key)
	}
	x.values[key] = value
}

// scatter mixes the order up, now and for keys to come; without a source it leaves the order
// as it is, and new keys go to the end again.
func (x *Index[T]) scatter(source *rand.Rand) {
	if x.place = source; source != nil {
		source.Shuffle(len(x.order), func(i, j int) { x.order[i], x.order[j] = x.order[j], x.order[i] })
	}
}

// Get returns the value of a key.
func (x *Index[T]) Get(key string) (T, bool) {
	v, ok := x.values[key]
	return v, ok
}

// Delete removes a key; ok is false when it was not there.
func (x *Index[T]) Delete(key string) (ok bool) {
	if _, ok = x.values[key]; ok {
		delete(x.values, key)
		x.order = slices.DeleteFunc(x.order, func(k string) bool { return k == key })
	}
	return ok
}

// Len is the number of values.
func (x *Index[T]) Len() int { return len(x.order) }

// List returns the values in the order of their first Put.
func (x *Index[T]) List() []T {
	list := make([]T, 0, len(x.order))
	for _, key := range x.order {
		list = append(list, x.values[key])
	}
	return list
}

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
	if len(versions) == 0 || versions[len(versions)-1].deleted {
		return value, false
	}
	return versions[len(versions)-1].value, true
}

// GetAt returns the value in effect at an instant.
func (l *Lagged[T]) GetAt(key string, at time.Time) (value T, ok bool) {
	versions, _ := l.index.Get(key)
	for _, v := range slices.Backward(versions) {
		if !v.from.After(at) {
			return v.value, !v.deleted
		}
	}
	return value, false
}

// List returns the newest values in the order of their first Put.
func (l *Lagged[T]) List() []T {
	return l.collect(l.Get)
}

// ListAt returns the values in effect at an instant, in the order of their first Put.
func (l *Lagged[T]) ListAt(at time.Time) []T {
	return l.collect(func(key string) (T, bool) { return l.GetAt(key, at) })
}

func (l *Lagged[T]) collect(get func(key string) (T, bool)) []T {
	var list []T
	for _, key := range l.index.order {
		if value, ok := get(key); ok {
			list = append(list, value)
		}
	}
	return list
}
