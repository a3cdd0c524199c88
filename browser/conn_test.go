package browser

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
)

// wire is a transport whose other end is the test.
type wire struct {
	sent     chan *cdproto.Message
	incoming chan *cdproto.Message
	closed   chan struct{}
}

func newWire() *wire {
	return &wire{sent: make(chan *cdproto.Message, 8), incoming: make(chan *cdproto.Message), closed: make(chan struct{})}
}

func (w *wire) Read(_ context.Context, message *cdproto.Message) error {
	select {
	case got, ok := <-w.incoming:
		if !ok {
			return io.EOF
		}
		*message = *got
		return nil
	case <-w.closed:
		return io.ErrClosedPipe
	}
}

func (w *wire) Write(_ context.Context, message *cdproto.Message) error {
	w.sent <- message
	return nil
}

func (w *wire) Close() error {
	close(w.closed)
	return nil
}

// begin starts a command on a route and returns once it was sent.
func begin(t *testing.T, w *wire, r *route, until <-chan struct{}) (*cdproto.Message, <-chan error) {
	t.Helper()
	ended := make(chan error, 1)
	ctx := testContext(t)
	go func() {
		_, err := call(ctx, r, until, page.GetFrameTree, cdp.Empty{})
		ended <- err
	}()
	return <-w.sent, ended
}

func TestCommandEnds(t *testing.T) {
	const session = target.SessionID("S")
	for name, row := range map[string]struct {
		end  func(w *wire, c *conn, sent *cdproto.Message, until chan struct{})
		want string
	}{
		"with its reply": {func(w *wire, _ *conn, sent *cdproto.Message, _ chan struct{}) {
			w.incoming <- &cdproto.Message{ID: sent.ID, SessionID: session, Result: jsonv2.Value(`{}`)}
		}, ""},
		"with its error": {func(w *wire, _ *conn, sent *cdproto.Message, _ chan struct{}) {
			w.incoming <- &cdproto.Message{ID: sent.ID, SessionID: session, Error: &cdproto.Error{Code: -1, Message: "no such page"}}
		}, "no such page"},
		"with its session":  {func(_ *wire, c *conn, _ *cdproto.Message, _ chan struct{}) { c.drop(session) }, errDetached.Error()},
		"with its document": {func(_ *wire, _ *conn, _ *cdproto.Message, until chan struct{}) { close(until) }, ErrNavigated.Error()},
		"with the browser":  {func(w *wire, _ *conn, _ *cdproto.Message, _ chan struct{}) { close(w.incoming) }, "ended unexpectedly"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire()
			c := newConn(w, nil)
			defer c.close()
			until := make(chan struct{})
			sent, ended := begin(t, w, c.open(session, nil), until)
			if sent.SessionID != session || sent.Method != "Page.getFrameTree" {
				t.Errorf("sent %+v", sent)
			}
			row.end(w, c, sent, until)
			err := <-ended
			if row.want == "" && err != nil || row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want)) {
				t.Errorf("error %v, want one that says %q", err, row.want)
			}
			if c.mu.Lock(); len(c.replies) > 0 {
				t.Errorf("%d replies are still awaited", len(c.replies))
			}
			c.mu.Unlock()
		})
	}
}

func TestNothingIsSentForWhatIsGone(t *testing.T) {
	w := newWire()
	c := newConn(w, nil)
	r := c.open("S", nil)
	c.drop("S")
	if _, err := call(testContext(t), r, nil, page.GetFrameTree, cdp.Empty{}); !errors.Is(err, errDetached) {
		t.Errorf("after the detach: %v", err)
	}
	other := c.open("T", nil)
	c.close()
	if _, err := call(testContext(t), other, nil, page.GetFrameTree, cdp.Empty{}); err == nil {
		t.Error("a closed connection took a command")
	}
	if len(w.sent) > 0 {
		t.Errorf("sent %v", <-w.sent)
	}
}

func TestEventsComeInOrder(t *testing.T) {
	w := newWire()
	c := newConn(w, nil)
	defer c.close()
	var got []string
	done := make(chan struct{})
	c.open("S", func(method string, _ jsonv2.Value) {
		if got = append(got, method); len(got) == 3 {
			close(done)
		}
	})
	for _, method := range []cdproto.MethodType{"A.a", "B.b", "C.c"} {
		w.incoming <- &cdproto.Message{SessionID: "unknown", Method: method}
		w.incoming <- &cdproto.Message{SessionID: "S", Method: method}
	}
	<-done
	if strings.Join(got, " ") != "A.a B.b C.c" {
		t.Errorf("got %v", got)
	}
}

func TestQueue(t *testing.T) {
	ctx := testContext(t)
	q := newQueue[int]()
	q.push(1)
	q.push(2)
	q.finish(io.EOF)
	q.push(3)
	for want := 1; want <= 2; want++ {
		if got, err := q.next(ctx); got != want || err != nil {
			t.Errorf("%d, %v", got, err)
		}
	}
	for range 2 { // for every one who waits
		if _, err := q.next(ctx); !errors.Is(err, io.EOF) {
			t.Errorf("at the end: %v", err)
		}
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := newQueue[int]().next(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
}
