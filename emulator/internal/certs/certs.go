// Package certs is the certificate authority of the embedded tenant: made anew at each
// start, kept in memory only, and marked so that nothing it signed can be mistaken for the
// real service.
//
// # The mark
//
// The authority and every leaf name the organisation "reprompt embedded tenant" and carry a
// non-critical extension [MarkOID] whose value is the DER UTF8String of that same text. The
// identifier stands under 2.25, the arc for identifiers made from a UUID, here
// 1837fa90-8374-4a2c-ab12-6ec8b5bca78d. Its 128 bits are written as eight arcs of 16 bits:
// crypto/x509 and several other parsers refuse an arc of more than 31 bits.
//
// Keys are ECDSA P-256, so that a start costs no time. Validity follows the machine's
// clock, never a tenant's: a browser checks certificates against its own.
package certs

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"strings"
	"sync"
	"time"
)

// Organisation is the subject organisation of every certificate of an embedded tenant.
const Organisation = "reprompt embedded tenant"

// MarkOID identifies the extension that marks every certificate of an embedded tenant.
var MarkOID = asn1.ObjectIdentifier{2, 25, 6199, 64144, 33652, 18988, 43794, 28360, 46524, 42893}

// validity is long enough for an emulator that is left running; the key dies with the
// process anyway.
const validity = 30 * 24 * time.Hour

// clockSkew lets a client whose clock is a little behind accept a new certificate.
const clockSkew = time.Hour

// Authority signs leaves for host names on demand. It is safe for concurrent use.
type Authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	now  time.Time

	mu     sync.Mutex
	leaves map[string]*tls.Certificate
}

// New makes an authority that is valid from an hour before now, by the machine's clock.
func New(now time.Time) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the key of the certificate authority: %w", err)
	}
	template, err := template("reprompt embedded tenant CA", now)
	if err != nil {
		return nil, err
	}
	template.IsCA = true
	template.MaxPathLenZero = true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	cert, err := sign(template, template, key, key)
	if err != nil {
		return nil, err
	}
	return &Authority{cert: cert, key: key, now: now, leaves: map[string]*tls.Certificate{}}, nil
}

// Certificate is the authority's own certificate.
func (a *Authority) Certificate() *x509.Certificate { return a.cert }

// PEM is the authority's certificate for a client's trust store.
func (a *Authority) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
}

// Leaf returns the certificate of a host name or address, with the authority in its chain: Chromium's
// list of accepted public keys may name either of the two.
func (a *Authority) Leaf(host string) (*tls.Certificate, error) {
	host = strings.ToLower(host)
	a.mu.Lock()
	defer a.mu.Unlock()
	if leaf, ok := a.leaves[host]; ok {
		return leaf, nil
	}
	leaf, err := a.newLeaf(host)
	if err != nil {
		return nil, fmt.Errorf("make the certificate of %s: %w", host, err)
	}
	a.leaves[host] = leaf
	return leaf, nil
}

func (a *Authority) newLeaf(host string) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template, err := template(host, a.now)
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	cert, err := sign(template, a.cert, key, a.key)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{cert.Raw, a.cert.Raw}, PrivateKey: key, Leaf: cert}, nil
}

func template(name string, now time.Time) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 126))
	if err != nil {
		return nil, fmt.Errorf("make a serial number: %w", err)
	}
	mark, err := asn1.MarshalWithParams(Organisation, "utf8")
	if err != nil {
		return nil, fmt.Errorf("encode the marking extension: %w", err)
	}
	return &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: name, Organization: []string{Organisation}},
		NotBefore:             now.Add(-clockSkew),
		NotAfter:              now.Add(validity),
		BasicConstraintsValid: true,
		ExtraExtensions:       []pkix.Extension{{Id: MarkOID, Value: mark}},
	}, nil
}

func sign(template, parent *x509.Certificate, key, signer *ecdsa.PrivateKey) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		return nil, fmt.Errorf("sign certificate: %w", err)
	}
	return x509.ParseCertificate(der)
}

// Marked says whether a certificate carries the mark of an embedded tenant.
func Marked(cert *x509.Certificate) bool {
	for _, extension := range cert.Extensions {
		if extension.Id.Equal(MarkOID) {
			return true
		}
	}
	return false
}
