// Package issuer makes and reads the tokens of the embedded tenant: ID tokens in the shape
// of v2.0, access tokens in the shape of v1.0 as Microsoft Graph's are.
//
// ID tokens verify with the published keys. Access tokens do not, as sent: their header
// carries a nonce, and the signature was made over the header that holds
// base64url(SHA-256(nonce)) in its place (observed with Microsoft Graph). Whoever treats
// them as opaque, as documented, never notices.
package issuer

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // x5t is defined over SHA-1
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"sync"
	"time"
)

// keyBits is what Entra publishes.
const keyBits = 2048

// keysFromTheStart: one signs, one is published ahead of its time.
const keysFromTheStart = 2

// Key is one entry of the key document.
type Key struct {
	KeyType      string   `json:"kty"`
	Use          string   `json:"use"`
	ID           string   `json:"kid"`
	Thumbprint   string   `json:"x5t"`
	Modulus      string   `json:"n"`
	Exponent     string   `json:"e"`
	Certificates []string `json:"x5c"`
	Instance     string   `json:"cloud_instance_name"`
	Issuer       string   `json:"issuer"`
}

// Keys are the signing keys of a process, by number; which of them sign and verify is up to
// each tenant. They are made in the background: the first use waits for the key that it
// needs, and a number that was never wanted costs nothing.
type Keys struct {
	now   time.Time
	first uint64

	mu    sync.Mutex
	pairs map[int]*pending
}

// pending is a key that is being made; what it holds may be read once ready is closed.
type pending struct {
	ready chan struct{}
	pair  pair
	err   error
}

type pair struct {
	private *rsa.PrivateKey
	public  Key
}

// NewKeys starts making the first keys, key 0 before the others. first says in which order
// documents list their entries.
func NewKeys(now time.Time, first uint64) *Keys {
	k := &Keys{now: now, first: first, pairs: map[int]*pending{}}
	var started [keysFromTheStart]*pending
	for n := range started {
		started[n] = newPending()
		k.pairs[n] = started[n]
	}
	go func() {
		for _, p := range started {
			p.make(now)
		}
	}()
	return k
}

func newPending() *pending { return &pending{ready: make(chan struct{})} }

// number waits for a key.
func (k *Keys) number(n int) (pair, error) {
	k.mu.Lock()
	p, ok := k.pairs[n]
	if !ok {
		p = newPending()
		k.pairs[n] = p
		go p.make(k.now)
	}
	k.mu.Unlock()
	return p.wait()
}

func (p *pending) make(now time.Time) {
	defer close(p.ready)
	private, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		p.err = fmt.Errorf("make a signing key: %w", err)
		return
	}
	p.pair, p.err = newPair(private, now)
}

func (p *pending) wait() (pair, error) {
	<-p.ready
	return p.pair, p.err
}

func newPair(private *rsa.PrivateKey, now time.Time) (pair, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()),
		Subject:      pkix.Name{CommonName: "reprompt embedded tenant token signing"},
		NotBefore:    now.Add(-time.Hour), NotAfter: now.AddDate(5, 0, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		return pair{}, fmt.Errorf("make the certificate of a signing key: %w", err)
	}
	thumbprint := sha1.Sum(der) //nolint:gosec // x5t is defined over SHA-1
	id := base64.RawURLEncoding.EncodeToString(thumbprint[:])
	return pair{private: private, public: Key{
		KeyType: "RSA", Use: "sig", ID: id, Thumbprint: id,
		Modulus:      base64.RawURLEncoding.EncodeToString(private.N.Bytes()),
		Exponent:     base64.RawURLEncoding.EncodeToString(big.NewInt(int64(private.E)).Bytes()),
		Certificates: []string{base64.StdEncoding.EncodeToString(der)},
	}}, nil
}

// Document waits for the keys of the given numbers and returns their entries, in an order
// that says nothing about which one signs: a client that takes the first key it finds fails
// about half of the time.
func (k *Keys) Document(issuer, instance string, numbers []int) ([]Key, error) {
	var entries []Key
	for _, n := range numbers {
		p, err := k.number(n)
		if err != nil {
			return nil, err
		}
		p.public.Issuer, p.public.Instance = issuer, instance
		entries = append(entries, p.public)
	}
	slices.SortFunc(entries, func(a, b Key) int { return strings.Compare(a.ID, b.ID) })
	if k.first%2 == 1 {
		slices.Reverse(entries)
	}
	return entries, nil
}

// byID finds a public key among those that are ready: nothing was signed with another.
func (k *Keys) byID(id string) (*rsa.PublicKey, bool) {
	k.mu.Lock()
	pairs := slices.Collect(maps.Values(k.pairs))
	k.mu.Unlock()
	for _, p := range pairs {
		select {
		case <-p.ready:
		default:
			continue
		}
		if p.pair.private != nil && p.pair.public.ID == id {
			return &p.pair.private.PublicKey, true
		}
	}
	return nil, false
}
