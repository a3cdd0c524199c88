package gateway

import (
	"bytes"
	"maps"
	"net/http"
	"sync"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// replicas remember what reads were answered, so that a fault can let one go back in time: a real
// directory answers from several replicas, and the next one asked may be behind (documented: Graph is
// eventually consistent). The zero value is ready.
type replicas struct {
	mu   sync.Mutex
	seen map[string]*versions // by tenant, reader and address
}

// versions are the answer of now and the one before it.
type versions struct {
	now, before *answer
	behind      bool // the last one given was the one before
}

// answer is an answer as it was given.
type answer struct {
	header http.Header
	status int
	body   []byte
}

// serveStale answers a read as it is, or by turns as it was before it last changed.
func (g *Gateway) serveStale(w http.ResponseWriter, r *http.Request, host, tenant string) {
	fresh := &kept{answer: answer{header: http.Header{}, status: http.StatusOK}}
	g.serve(fresh, r, host)
	key := tenant + " " + bearerClaim(r, "oid") + " " + host + r.URL.RequestURI()
	given, before := g.replicas.turn(key, fresh.answer)
	if before {
		// A tenant deleted in between has no fault left to count.
		_ = g.store.With(tenant, func(t *store.Tenant) error { t.TakeStale(host, r.URL.Path); return nil })
	}
	date := w.Header().Get("Date") // a replica that is behind has the right time
	maps.Copy(w.Header(), given.header)
	w.Header().Set("Date", date)
	w.WriteHeader(given.status)
	// The client may have gone away; there is nobody to tell.
	_, _ = w.Write(given.body)
}

// turn remembers an answer and returns the one to give, and whether that is one of before.
func (r *replicas) turn(key string, now answer) (given answer, before bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen == nil {
		r.seen = map[string]*versions{}
	}
	v := r.seen[key]
	if v == nil {
		v = &versions{now: &now}
		r.seen[key] = v
	}
	if v.now.status != now.status || !bytes.Equal(v.now.body, now.body) {
		v.before, v.now, v.behind = v.now, &now, false
	}
	if v.before == nil || v.behind {
		v.behind = false
		return now, false
	}
	v.behind = true
	return *v.before, true
}

// kept keeps an answer back.
type kept struct{ answer }

func (k *kept) Header() http.Header         { return k.header }
func (k *kept) WriteHeader(status int)      { k.status = status }
func (k *kept) Write(b []byte) (int, error) { k.body = append(k.body, b...); return len(b), nil }
