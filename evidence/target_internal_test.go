package evidence

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"testing"
	"time"
)

// No key of a public authority is at hand, so its place is taken by a root made here.
func TestAChainToAPublicRootIsATenant(t *testing.T) {
	at := time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "stands in for a public root"},
		NotBefore: at.Add(-time.Hour), NotAfter: at.Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), DNSNames: []string{"graph.microsoft.com"}, NotBefore: at.Add(-time.Hour), NotAfter: at.Add(time.Hour),
	}
	rootDER, err := x509.CreateCertificate(rand.Reader, root, root, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, root, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	real := rootsPEM
	t.Cleanup(func() { rootsPEM = real })
	rootsPEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: rootDER})

	chain := func(host string) []Chain { return []Chain{{Host: host, Certificates: [][]byte{leafDER}}} }
	for name, row := range map[string]struct {
		host string
		at   time.Time
		want Target
	}{
		"as it should be": {"graph.microsoft.com", at, Tenant},
		"another host":    {"login.microsoftonline.com", at, TenantBehindPrivateCA},
		"expired by then": {"graph.microsoft.com", at.Add(2 * time.Hour), TenantBehindPrivateCA},
	} {
		if got := TargetOf(chain(row.host), false, row.at); got != row.want {
			t.Errorf("%s: %s, want %s", name, got, row.want)
		}
	}
}

func TestTheRootsAreMicrosofts(t *testing.T) {
	var names []string
	for rest := rootsPEM; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		root, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if !root.IsCA || !bytes.Equal(root.RawSubject, root.RawIssuer) {
			t.Errorf("%s is no root", root.Subject.CommonName)
		}
		names = append(names, root.Subject.CommonName)
	}
	if len(names) != 5 {
		t.Errorf("roots: %v", names)
	}
}
