package suite

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"

	"github.com/reprompt/reprompt/secret"
)

// keyLife is how long the credentials of a registration are good: a proof is run after changes, and a
// forgotten key should not outlive the year.
const keyLife = 180 * 24 * time.Hour

// keyBits is the size of an RSA key; Entra takes no elliptic ones for certificates of applications
// through azidentity (documented).
const keyBits = 3072

// applicationKey is a new key with its certificate, signed by itself: Entra only compares it.
type applicationKey struct {
	certificate []byte      // DER
	pem         secret.Text // key and certificate
}

func newKey(name string, now time.Time) (applicationKey, error) {
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return applicationKey{}, fmt.Errorf("make key: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return applicationKey{}, fmt.Errorf("make key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(keyLife), KeyUsage: x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return applicationKey{}, fmt.Errorf("make certificate: %w", err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return applicationKey{}, fmt.Errorf("make key: %w", err)
	}
	var text bytes.Buffer
	for _, block := range []*pem.Block{{Type: "PRIVATE KEY", Bytes: private}, {Type: "CERTIFICATE", Bytes: der}} {
		_ = pem.Encode(&text, block) // a buffer takes everything
	}
	return applicationKey{certificate: der, pem: secret.New(text.String())}, nil
}
