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

// Keys are the signing keys of a process. They are made in the background: the first use
// waits for them.
type Keys struct {
	ready chan struct{}
	pairs []pair
	err   error
}

type pair struct {
	private *rsa.PrivateKey
	public  Key
}

// NewKeys starts making the keys. first says which of the published entries signs.
func NewKeys(now time.Time, first uint64) *Keys {
	k := &Keys{ready: make(chan struct{})}
	go func() {
		defer close(k.ready)
		k.pairs, k.err = makePairs(now)
		if k.err == nil && first%publishedKeys == 1 {
			k.pairs[0], k.pairs[1] = k.pairs[1], k.pairs[0]
		}
	}()
	return k
}

func makePairs(now time.Time) ([]pair, error) {
	pairs := make([]pair, publishedKeys)
	for i := range pairs {
		private, err := rsa.GenerateKey(rand.Reader, keyBits)
		if err != nil {
			return nil, fmt.Errorf("make a signing key: %w", err)
		}
		if pairs[i], err = newPair(private, now); err != nil {
			return nil, err
		}
	}
	return pairs, nil
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

// signing waits for the keys and returns the one that signs.
func (k *Keys) signing() (pair, error) {
	<-k.ready
	if k.err != nil {
		return pair{}, k.err
	}
	return k.pairs[0], nil
}

// Document waits for the keys and returns the published entries. The order differs from
// process to process.
func (k *Keys) Document(issuer, instance string) ([]Key, error) {
	<-k.ready
	if k.err != nil {
		return nil, k.err
	}
	entries := make([]Key, len(k.pairs))
	for i, p := range k.pairs {
		entries[i] = p.public
		entries[i].Issuer, entries[i].Instance = issuer, instance
	}
	if entries[0].ID > entries[1].ID { // by chance, not by which one signs
		entries[0], entries[1] = entries[1], entries[0]
	}
	return entries, nil
}

func (k *Keys) byID(id string) (*rsa.PublicKey, bool) {
	<-k.ready
	for _, p := range k.pairs {
		if p.public.ID == id {
			return &p.private.PublicKey, true
		}
	}
	return nil, false
}
