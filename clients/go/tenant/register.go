package tenant

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"testing"
	"time"
)

// Certificate is a self-signed certificate with its key, as an administrator makes one for an
// application.
type Certificate struct {
	Certificate *x509.Certificate
	Key         *rsa.PrivateKey
}

// NewCertificate makes a certificate. RSA with 2048 bits is what the credentials of the Azure
// SDK take.
func NewCertificate(t *testing.T) Certificate {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "client of the embedded tenant"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return Certificate{certificate, key}
}

// Register adds a confidential application that proves itself with a certificate and may read
// the directory.
func (tn *Tenant) Register(t *testing.T, c Certificate) Application {
	t.Helper()
	body, err := json.Marshal(map[string]any{
		"display_name": "certificate client", "platform": "web", "app_roles": []string{"User.Read.All"},
		"certificate": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate.Raw})),
	})
	if err != nil {
		t.Fatal(err)
	}
	var made struct {
		ClientID string `json:"client_id"`
	}
	tn.control.call(t, http.MethodPost, "/applications", string(body), &made)
	return Application{ClientID: made.ClientID}
}
