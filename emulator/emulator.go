package emulator

import (
	"context"
	crand "crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/certs"
	"github.com/reprompt/reprompt/emulator/internal/cloud"
	"github.com/reprompt/reprompt/emulator/internal/control"
	"github.com/reprompt/reprompt/emulator/internal/direct"
	"github.com/reprompt/reprompt/emulator/internal/gateway"
	"github.com/reprompt/reprompt/emulator/internal/issuer"
	"github.com/reprompt/reprompt/emulator/internal/proxy"
	"github.com/reprompt/reprompt/emulator/internal/services"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// Options say how the embedded tenant starts. The zero value is a tenant in Entra's default
// configuration on free loopback ports, with a seed of its own.
type Options struct {
	// Seed decides every id, secret, order and latency; 0 means a random one.
	Seed uint64
	// Adversarial makes every tenant vary what a real one may vary: languages, orders, pages
	// that come in between, latency; see the control listener's POST /variant.
	Adversarial bool
	// ListenProxy is the loopback address of the proxy; empty means a free port.
	ListenProxy string
	// ListenDirect is the loopback address of the tenant's own https address; empty means a
	// free port.
	ListenDirect string
	// ListenControl is the loopback address of the control listener; empty means a free port.
	ListenControl string
	// Sample makes the first tenant the sample one: context, policy, role setting and
	// eligibility right for Application Administrator.
	Sample bool
}

// Server is a running embedded tenant. Close it.
type Server struct {
	seed      uint64
	hostile   bool // every tenant is adversarial
	store     *store.Store
	authority *certs.Authority
	proxy     *proxy.Proxy
	direct    *direct.Listener
	control   *http.Server
	address   string // of the control listener
	token     string // of the control listener
	access    Access
	closing   sync.Once
	closed    error
	stop      func() bool
	done      sync.WaitGroup
}

// Start listens and serves until Close, or until ctx ends. Signing keys are made in the
// background: the first sign-in waits for them.
func Start(ctx context.Context, opts Options) (*Server, error) {
	s, err := newServer(opts)
	if err != nil {
		return nil, err
	}
	keys := issuer.NewKeys(time.Now(), s.seed)
	if err := s.listen(opts, gateway.New(s.store, services.New(s.store, keys), latency(s.seed))); err != nil {
		return nil, err
	}
	if s.access, err = s.createTenant(opts.Sample); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.stop = context.AfterFunc(ctx, func() { _ = s.shutDown() })
	return s, nil
}

// listen opens the three doors, or none.
func (s *Server) listen(opts Options, tenant http.Handler) (err error) {
	s.proxy, err = proxy.Start(proxy.Options{
		Listen: opts.ListenProxy, Handler: tenant, Emulated: cloud.Emulated, Certificate: s.authority.Leaf, Refused: s.refused,
		Unreachable: s.unreachable,
	})
	if err != nil {
		return fmt.Errorf("start the proxy: %w", err)
	}
	s.direct, err = direct.Listen(opts.ListenDirect, tenant, s.authority.Leaf)
	if err != nil {
		return errors.Join(fmt.Errorf("start the tenant's own address: %w", err), s.proxy.Close())
	}
	if err := s.listenControl(opts.ListenControl); err != nil {
		return errors.Join(fmt.Errorf("start the control listener: %w", err), s.direct.Close(), s.proxy.Close())
	}
	return nil
}

func newServer(opts Options) (*Server, error) {
	if opts.Seed == 0 {
		var random [8]byte
		if _, err := crand.Read(random[:]); err != nil {
			return nil, fmt.Errorf("make a seed: %w", err)
		}
		opts.Seed = binary.LittleEndian.Uint64(random[:])
	}
	authority, err := certs.New(time.Now())
	if err != nil {
		return nil, err
	}
	// The control token is no part of the tenant: it does not come from the seed, which is
	// printed.
	return &Server{seed: opts.Seed, hostile: opts.Adversarial, store: store.New(opts.Seed, nil), authority: authority, token: crand.Text()}, nil
}

// maxLatency keeps a run fast while no two answers take the same time.
const maxLatency = 3 * time.Millisecond

// latency draws from the seed how long each answer takes on top of its work.
func latency(seed uint64) func() time.Duration {
	var mu sync.Mutex
	source := rand.New(rand.NewPCG(seed, 1))
	return func() time.Duration {
		mu.Lock()
		defer mu.Unlock()
		return time.Duration(source.Int64N(int64(maxLatency)))
	}
}

// unreachable takes a fault of any tenant: a connection that is being opened is none's yet.
func (s *Server) unreachable(host string) bool {
	_, found := s.store.Find(func(t *store.Tenant) bool { return t.TakeUnreachable(host) })
	return found
}

func (s *Server) refused(method, url string, status int) {
	s.store.Record(store.Exchange{At: time.Now().UTC(), Method: method, URL: url, Status: status, RefusedHost: true})
}

func (s *Server) listenControl(address string) error {
	listener, err := proxy.ListenLoopback(address)
	if err != nil {
		return err
	}
	s.address = "http://" + listener.Addr().String()
	s.control = &http.Server{Handler: control.New(s.store, tenantMaker{s}, s.token), ReadHeaderTimeout: readHeaderTimeout}
	s.done.Go(func() { s.serveControl(listener) })
	return nil
}

const readHeaderTimeout = 30 * time.Second

// serveControl drops the error that every closed server returns; a listener that died under
// us shows in the next call, as a refused connection.
func (s *Server) serveControl(listener net.Listener) { _ = s.control.Serve(listener) }

// Seed is what every id, secret, order and latency of this run came from.
func (s *Server) Seed() uint64 { return s.seed }

// Access is what a harness needs to use the first tenant. Further ones are made, and
// described in the same way, by POST /tenants on the control listener.
func (s *Server) Access() Access { return s.access }

// Unmodelled lists the requests that the embedded tenant has no model for, as "GET
// https://host/path", oldest first. A run with one in it proves nothing about what was asked.
func (s *Server) Unmodelled() []string {
	var list []string
	for _, x := range s.store.Exchanges("") {
		if x.Unmodelled {
			list = append(list, x.Method+" "+x.URL)
		}
	}
	return list
}

// Close cuts every connection, and waits until nothing of the server runs. Closing twice is
// harmless.
func (s *Server) Close() error {
	if s.stop != nil {
		s.stop()
	}
	return s.shutDown()
}

func (s *Server) shutDown() error {
	s.closing.Do(func() {
		s.closed = errors.Join(s.proxy.Close(), s.direct.Close(), s.control.Close())
		s.done.Wait()
	})
	return s.closed
}
