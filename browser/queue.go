package browser

import (
	"context"
	"sync"
)

// queue hands values from the reading goroutine, which must not wait, to one that does.
type queue[T any] struct {
	mu     sync.Mutex
	values []T
	err    error
	wake   chan struct{}
}

func newQueue[T any]() *queue[T] { return &queue[T]{wake: make(chan struct{}, 1)} }

func (q *queue[T]) push(value T) {
	q.mu.Lock()
	if q.err == nil {
		q.values = append(q.values, value)
	}
	q.mu.Unlock()
	q.signal()
}

// finish makes next fail once the values that are there have been taken.
func (q *queue[T]) finish(err error) {
	q.mu.Lock()
	if q.err == nil {
		q.err = err
	}
	q.mu.Unlock()
	q.signal()
}

func (q *queue[T]) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// take returns the oldest value without waiting.
func (q *queue[T]) take() (value T, ok bool, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.values) == 0 {
		if q.err != nil {
			q.signal() // for the next who waits
		}
		return value, false, q.err
	}
	value = q.values[0]
	q.values = q.values[1:]
	if len(q.values) > 0 || q.err != nil {
		q.signal()
	}
	return value, true, nil
}

func (q *queue[T]) pending() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.values) > 0
}

func (q *queue[T]) next(ctx context.Context) (T, error) {
	for {
		value, ok, err := q.take()
		if ok || err != nil {
			return value, err
		}
		select {
		case <-q.wake:
		case <-ctx.Done():
			return value, context.Cause(ctx)
		}
	}
}
