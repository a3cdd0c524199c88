package browser

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// conn carries commands, replies and events between us and one browser process. One goroutine
// reads and one writes. Events and replies are handled in the order of arrival, on the reading
// goroutine; so a handler must not wait, and whoever is woken by a reply finds everything
// that the browser said before it.
type conn struct {
	transport chromedp.Transport
	// lost, when not nil, is told once that the browser ended by itself. It must not wait.
	lost    func(cause error)
	running sync.WaitGroup

	// watching, when not nil, hears what callers waited for.
	watching atomic.Pointer[func(Wait)]

	mu      sync.Mutex
	next    int64
	replies map[int64]pendingReply
	routes  map[target.SessionID]*route
	queue   []*cdproto.Message
	closed  error
	wake    chan struct{}
	gone    chan struct{}
}

// pendingReply is what to do with the reply to a command.
type pendingReply struct {
	route *route
	done  func(result jsonv2.Value, err error)
}

// route is one session of the protocol: the browser itself (empty id) or an attached target.
type route struct {
	conn   *conn
	id     target.SessionID
	handle func(method string, params jsonv2.Value)
}

var errDetached = errors.New("the page, frame or worker is gone")

func newConn(transport chromedp.Transport, lost func(cause error)) *conn {
	c := &conn{
		transport: transport,
		lost:      lost,
		replies:   map[int64]pendingReply{},
		routes:    map[target.SessionID]*route{},
		wake:      make(chan struct{}, 1),
		gone:      make(chan struct{}),
	}
	c.running.Go(c.read)
	c.running.Go(c.write)
	return c
}

// close ends both goroutines and fails every command that still waits.
func (c *conn) close() {
	c.end(errors.New("the browser was closed"))
	_ = c.transport.Close()
	c.running.Wait()
}

// broke ends a connection that nobody closed.
func (c *conn) broke(err error) {
	cause := fmt.Errorf("%w: %w", ErrEnded, err)
	if c.end(cause) && c.lost != nil {
		c.lost(cause)
	}
}

// end records why the connection is over, once, and fails what waits. It reports whether it was not over
// before.
func (c *conn) end(cause error) bool {
	c.mu.Lock()
	if c.closed != nil {
		c.mu.Unlock()
		return false
	}
	c.closed = cause
	waiting := c.replies
	c.replies = map[int64]pendingReply{}
	close(c.gone)
	c.mu.Unlock()
	for _, reply := range waiting {
		reply.done(nil, cause)
	}
	return true
}

func (c *conn) read() {
	for {
		message := new(cdproto.Message)
		if err := c.transport.Read(context.Background(), message); err != nil {
			c.broke(err)
			return
		}
		switch {
		case message.ID != 0:
			c.settle(message)
		case message.Method != "":
			if r := c.routeOf(message.SessionID); r != nil && r.handle != nil {
				r.handle(string(message.Method), message.Params)
			}
		}
	}
}

func (c *conn) settle(message *cdproto.Message) {
	c.mu.Lock()
	reply, ok := c.replies[message.ID]
	delete(c.replies, message.ID)
	c.mu.Unlock()
	switch {
	case !ok:
	case message.Error != nil:
		reply.done(nil, message.Error)
	default:
		reply.done(message.Result, nil)
	}
}

// write sends what is queued. The queue has no bound, because a handler that blocked on a full
// pipe would stop the reading that empties the pipe of the other direction.
func (c *conn) write() {
	for {
		c.mu.Lock()
		queue := c.queue
		c.queue = nil
		c.mu.Unlock()
		for _, message := range queue {
			if err := c.transport.Write(context.Background(), message); err != nil {
				c.broke(err)
				return
			}
		}
		if len(queue) > 0 {
			continue
		}
		select {
		case <-c.wake:
		case <-c.gone:
			return
		}
	}
}

func (c *conn) routeOf(id target.SessionID) *route {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.routes[id]
}

// open registers a session. Its handler sees every event from here on.
func (c *conn) open(id target.SessionID, handle func(method string, params jsonv2.Value)) *route {
	r := &route{conn: c, id: id, handle: handle}
	c.mu.Lock()
	c.routes[id] = r
	c.mu.Unlock()
	return r
}

// drop forgets a detached session and fails the commands that wait for it.
func (c *conn) drop(id target.SessionID) {
	var waiting []pendingReply
	c.mu.Lock()
	r := c.routes[id]
	delete(c.routes, id)
	for number, reply := range c.replies {
		if reply.route == r {
			waiting = append(waiting, reply)
			delete(c.replies, number)
		}
	}
	c.mu.Unlock()
	for _, reply := range waiting {
		reply.done(nil, errDetached)
	}
}

// start sends a command and returns its number. done runs once, on the reading goroutine, and
// must not wait.
func (r *route) start(method string, params any, done func(result jsonv2.Value, err error)) int64 {
	raw, err := jsonv2.Marshal(params, chromedp.DefaultMarshalOptions)
	if err != nil {
		done(nil, fmt.Errorf("encode %s: %w", method, err))
		return 0
	}
	c := r.conn
	c.mu.Lock()
	if err := c.refusalLocked(r); err != nil {
		c.mu.Unlock()
		done(nil, err)
		return 0
	}
	c.next++
	number := c.next
	c.replies[number] = pendingReply{route: r, done: done}
	c.queue = append(c.queue, &cdproto.Message{
		ID: number, SessionID: r.id, Method: cdproto.MethodType(method), Params: raw,
	})
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
	return number
}

func (c *conn) refusalLocked(r *route) error {
	if c.closed != nil {
		return c.closed
	}
	if c.routes[r.id] != r {
		return errDetached
	}
	return nil
}

// forget drops interest in a reply. The command itself cannot be taken back.
func (c *conn) forget(number int64) {
	c.mu.Lock()
	delete(c.replies, number)
	c.mu.Unlock()
}

// post sends a command whose outcome does not matter: what it prepares shows in events.
func post[P, R any](r *route, command cdp.Command[P, R], params P) {
	r.start(command.Method, params, func(jsonv2.Value, error) {})
}

// then sends a command and hands its result to next, on the reading goroutine.
func then[P, R any](r *route, command cdp.Command[P, R], params P, next func(R, error)) {
	r.start(command.Method, params, func(raw jsonv2.Value, err error) {
		var result R
		if err == nil {
			err = jsonv2.Unmarshal(raw, &result, chromedp.DefaultUnmarshalOptions)
		}
		next(result, err)
	})
}

// call sends a command and waits for its result, for the end of the context, or, where until
// is not nil, for until to be closed (errReplaced).
func call[P, R any](ctx context.Context, r *route, until <-chan struct{}, command cdp.Command[P, R], params P) (R, error) {
	type outcome struct {
		raw jsonv2.Value
		err error
	}
	var zero, result R
	defer r.conn.waited(command.Method, time.Now(), "")
	replied := make(chan outcome, 1)
	number := r.start(command.Method, params, func(raw jsonv2.Value, err error) { replied <- outcome{raw, err} })
	select {
	case got := <-replied:
		if got.err != nil {
			return zero, got.err
		}
		if err := jsonv2.Unmarshal(got.raw, &result, chromedp.DefaultUnmarshalOptions); err != nil {
			return zero, fmt.Errorf("decode %s: %w", command.Method, err)
		}
		return result, nil
	case <-until:
		r.conn.forget(number)
		return zero, ErrNavigated
	case <-ctx.Done():
		r.conn.forget(number)
		return zero, context.Cause(ctx)
	}
}

// decode reads the parameters of an event. An event that does not decode is one of a newer
// browser in a field that we do not need, or damage that shows elsewhere.
func decode[E any](params jsonv2.Value) (E, bool) {
	var event E
	err := jsonv2.Unmarshal(params, &event, chromedp.DefaultUnmarshalOptions)
	return event, err == nil
}
