package certs

import (
	"crypto/x509"
	"encoding/asn1"
	"testing"
	"time"
)

func TestLeafVerifiesForItsHostOnly(t *testing.T) {
	now := time.Now()
	authority, err := New(now)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := authority.Leaf("Login.MicrosoftOnline.com")
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(authority.PEM()) {
		t.Fatal("the authority's PEM holds no certificate")
	}
	verify := func(host string) error {
		_, err := leaf.Leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: host, CurrentTime: now})
		return err
	}
	if err := verify("login.microsoftonline.com"); err != nil {
		t.Errorf("verify for its own host: %v", err)
	}
	if err := verify("graph.microsoft.com"); err == nil {
		t.Error("the certificate verifies for another host")
	}
	again, err := authority.Leaf("login.microsoftonline.com")
	if err != nil {
		t.Fatal(err)
	}
	if again != leaf {
		t.Error("a second leaf was made for the same host")
	}
}

func TestEveryCertificateIsMarked(t *testing.T) {
	authority, err := New(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := authority.Leaf("graph.microsoft.com")
	if err != nil {
		t.Fatal(err)
	}
	for name, cert := range map[string]*x509.Certificate{"authority": authority.Certificate(), "leaf": leaf.Leaf} {
		if !Marked(cert) {
			t.Errorf("%s: no marking extension", name)
		}
		if got := cert.Subject.Organization; len(got) != 1 || got[0] != Organisation {
			t.Errorf("%s: organisation %q, want %q", name, got, Organisation)
		}
	}
}

func TestMarkHoldsTheOrganisation(t *testing.T) {
	authority, err := New(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, extension := range authority.Certificate().Extensions {
		if !extension.Id.Equal(MarkOID) {
			continue
		}
		var text string
		if _, err := asn1.Unmarshal(extension.Value, &text); err != nil || text != Organisation {
			t.Errorf("mark holds %q (%v), want %q", text, err, Organisation)
		}
		if extension.Critical {
			t.Error("the mark is critical: strict clients would refuse the certificate")
		}
		return
	}
	t.Error("no marking extension")
}

func TestOrdinaryCertificateIsNotMarked(t *testing.T) {
	if Marked(&x509.Certificate{}) {
		t.Error("an ordinary certificate counts as marked")
	}
}
