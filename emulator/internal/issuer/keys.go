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
	"math/big"
	"time"
)

// keyBits is what Entra publishes.
const keyBits = 2048

// publishedKeys: one signs, one is published ahead of its time, as during a rollover. A
// client that takes the first key it finds fails about half of the time.
const publishedKeys = 2

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

// Keys are the signing keys of a process. They are made in the background, the one that
// signs first: the first use waits for the key that it needs.
type Keys struct {
	pairs  [publishedKeys]pending
	signer int
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

// NewKeys starts making the keys. first says which of the published entries signs.
func NewKeys(now time.Time, first uint64) *Keys {
	k := &Keys{signer: int(first % publishedKeys)}
	for i := range k.pairs {
		k.pairs[i].ready = make(chan struct{})
	}
	go func() {
		for i := range k.pairs {
			k.pairs[(k.signer+i)%publishedKeys].make(now)
		}
	}()
	return k
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

// signing waits for the key that signs.
func (k *Keys) signing() (pair, error) { return k.pairs[k.signer].wait() }

// Document waits for the keys and returns the published entries, in an order that says
// nothing about which one signs.
func (k *Keys) Document(issuer, instance string) ([]Key, error) {
	var entries []Key
	for i := range k.pairs {
		p, err := k.pairs[i].wait()
		if err != nil {
			return nil, err
		}
		p.public.Issuer, p.public.Instance = issuer, instance
		entries = append(entries, p.public)
	}
	return entries, nil
}

// byID finds a public key among those that are ready: nothing was signed with another.
func (k *Keys) byID(id string) (*rsa.PublicKey, bool) {
	for i := range k.pairs {
		select {
		case <-k.pairs[i].ready:
		default:
			continue
		}
		if p := k.pairs[i].pair; p.private != nil && p.public.ID == id {
			return &p.private.PublicKey, true
		}
	}
	return nil, false
}
