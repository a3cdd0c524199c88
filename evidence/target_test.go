package evidence_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"github.com/reprompt/reprompt/evidence"
)

const signInHost = "login.microsoftonline.com"

// chainFrom makes a CA and a leaf for the host, each changed as told.
func chainFrom(t *testing.T, change func(*x509.Certificate)) evidence.Chain {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a private authority", Organization: []string{"Contoso"}},
		NotBefore: started.Add(-time.Hour), NotAfter: started.Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: signInHost}, DNSNames: []string{signInHost},
		NotBefore: started.Add(-time.Hour), NotAfter: started.Add(time.Hour),
	}
	change(leaf)
	der, err := x509.CreateCertificate(rand.Reader, leaf, authority, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	above, err := x509.CreateCertificate(rand.Reader, authority, authority, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return evidence.Chain{Host: signInHost, Certificates: [][]byte{der, above}}
}

// mark is the embedded tenant's extension, as its documentation gives it.
func mark(c *x509.Certificate) {
	c.ExtraExtensions = []pkix.Extension{{
		Id:    asn1.ObjectIdentifier{2, 25, 6199, 64144, 33652, 18988, 43794, 28360, 46524, 42893},
		Value: []byte{0x0c, 0x00},
	}}
}

func TestTargetOf(t *testing.T) {
	private := chainFrom(t, func(*x509.Certificate) {})
	unreadable := evidence.Chain{Host: signInHost, Certificates: [][]byte{{1, 2, 3}}}
	for name, row := range map[string]struct {
		chains    []evidence.Chain
		testClock bool
		want      evidence.Target
	}{
		"a marked certificate":              {[]evidence.Chain{chainFrom(t, mark)}, false, evidence.Embedded},
		"a marked one among others":         {[]evidence.Chain{private, chainFrom(t, mark)}, false, evidence.Embedded},
		"the organisation of the mark":      {[]evidence.Chain{chainFrom(t, organisation("reprompt embedded tenant"))}, false, evidence.Embedded},
		"a test clock":                      {[]evidence.Chain{private}, true, evidence.Embedded},
		"a private authority":               {[]evidence.Chain{private}, false, evidence.TenantBehindPrivateCA},
		"a private authority called public": {[]evidence.Chain{chainFrom(t, organisation("DigiCert Inc"))}, false, evidence.TenantBehindPrivateCA},
		"a chain that cannot be read":       {[]evidence.Chain{unreadable}, false, evidence.TenantBehindPrivateCA},
		"no chain at all":                   {nil, false, evidence.TenantBehindPrivateCA},
	} {
		if got := evidence.TargetOf(row.chains, row.testClock, started); got != row.want {
			t.Errorf("%s: %s, want %s", name, got, row.want)
		}
	}
}

func organisation(name string) func(*x509.Certificate) {
	return func(c *x509.Certificate) { c.Subject.Organization = []string{name} }
}

func TestTheTargetOfARunFollowsItsChains(t *testing.T) {
	i := info()
	i.TestClock = false
	run, err := evidence.Create(t.TempDir(), i)
	if err != nil {
		t.Fatal(err)
	}
	if got := run.Target(); got != evidence.TenantBehindPrivateCA {
		t.Errorf("before any chain: %s", got)
	}
	run.SawChain(signInHost, chainFrom(t, mark).Certificates)
	run.SawChain(signInHost, chainFrom(t, func(*x509.Certificate) {}).Certificates)
	if got := run.Target(); got != evidence.Embedded {
		t.Errorf("after a marked chain and another of the same host: %s", got)
	}
}
