package evidence_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/digitorus/timestamp"

	"github.com/reprompt/reprompt/evidence"
)

// authority is an RFC 3161 authority in this process, with a root of its own.
type authority struct {
	root, leaf *x509.Certificate
	key        crypto.Signer
	// beside is a certificate that it puts into its answers; may be nil.
	beside *x509.Certificate
}

// stampedAt is now: what signs timestamps writes the machine's time into them.
var stampedAt = time.Now().UTC().Truncate(time.Second)

func newAuthority(t *testing.T, name string) *authority { return authorityFor(t, name, true) }

// authorityFor makes one whose certificate says, critically or not, that it is for timestamps.
func authorityFor(t *testing.T, name string, critical bool) *authority {
	t.Helper()
	usage, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}}) // id-kp-timeStamping
	if err != nil {
		t.Fatal(err)
	}
	rootKey, key := newKey(t), newKey(t)
	root := certificate(t, &x509.Certificate{Subject: pkix.Name{CommonName: name + " root"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, nil, rootKey, rootKey)
	leaf := certificate(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: critical, Value: usage}},
	}, root, key, rootKey)
	return &authority{root: root, leaf: leaf, key: key}
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// certificate signs one; by itself where parent is nil.
func certificate(t *testing.T, template, parent *x509.Certificate, key, by crypto.Signer) *x509.Certificate {
	t.Helper()
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.NotBefore, template.NotAfter = stampedAt.Add(-time.Hour), stampedAt.Add(time.Hour)
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), by)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func (a *authority) answer(request []byte) ([]byte, error) {
	read, err := timestamp.ParseRequest(request)
	if err != nil {
		return nil, err
	}
	stamp := timestamp.Timestamp{
		HashAlgorithm: read.HashAlgorithm, HashedMessage: read.HashedMessage, Time: stampedAt, SerialNumber: big.NewInt(7),
		Policy: []int{1, 2, 3}, AddTSACertificate: true,
	}
	answer, err := stamp.CreateResponseWithOpts(a.leaf, a.key, crypto.SHA256)
	if err != nil || a.beside == nil {
		return answer, err
	}
	return withCertificate(answer, a.beside.Raw)
}

// withCertificate adds a certificate to an answer: the signature does not cover them.
func withCertificate(answer, certificate []byte) ([]byte, error) {
	var response struct {
		Status asn1.RawValue
		Token  struct {
			Type asn1.ObjectIdentifier
			Data struct {
				Version      int
				Algorithms   asn1.RawValue
				Content      asn1.RawValue
				Certificates asn1.RawValue `asn1:"tag:0"`
				Signers      asn1.RawValue
			} `asn1:"explicit,tag:0"`
		}
	}
	if _, err := asn1.Unmarshal(answer, &response); err != nil {
		return nil, err
	}
	certificates := &response.Token.Data.Certificates
	certificates.FullBytes, certificates.Bytes = nil, append(bytes.Clone(certificate), certificates.Bytes...)
	return asn1.Marshal(response)
}

func (a *authority) trusted() evidence.VerifyOptions {
	roots := x509.NewCertPool()
	roots.AddCert(a.root)
	return evidence.VerifyOptions{TimestampRoots: roots}
}

// stamped is a bundle with a timestamp.
func stamped(t *testing.T, ask func([]byte) ([]byte, error)) string {
	t.Helper()
	i := proveInfo(t)
	i.Authority = &evidence.TimestampAuthority{URL: "http://timestamp.example/", Ask: ask}
	return proved(t, i)
}

func TestATimestampIsToldAndBelievedOnlyOfAGivenRoot(t *testing.T) {
	a := newAuthority(t, "authority")
	dir := stamped(t, a.answer)
	v := verified(t, dir, evidence.VerifyOptions{})
	if v.Outcome != evidence.Verified || v.Bundles[0].Timestamp == nil || v.Bundles[0].Timestamp.Trusted {
		t.Errorf("without a root it comes to %s, %+v: %v", v.Outcome, v.Bundles[0].Timestamp, v.Problems)
	}
	v = verified(t, dir, a.trusted())
	if stamp := v.Bundles[0].Timestamp; stamp == nil || !stamp.Trusted || !stamp.At.Equal(stampedAt) || stamp.Authority != "CN=authority" {
		t.Errorf("with its root it comes to %+v: %v", stamp, v.Problems)
	}
	if v = verified(t, dir, newAuthority(t, "another").trusted()); v.Outcome != evidence.NotVerified || v.Problems[0].Code != evidence.TimestampInvalid {
		t.Errorf("with another root it comes to %s: %v", v.Outcome, v.Problems)
	}
}

// A certificate that is not for timestamps alone could be any server's.
func TestATimestampIsByACertificateForThatAlone(t *testing.T) {
	a := authorityFor(t, "authority", false)
	v := verified(t, stamped(t, a.answer), a.trusted())
	if v.Outcome != evidence.NotVerified || v.Problems[0].Code != evidence.TimestampInvalid || !strings.Contains(v.Problems[0].Text, "not for timestamps alone") {
		t.Errorf("it comes to %s: %v", v.Outcome, v.Problems)
	}
}

// Anybody can put the certificate of a well-known authority beside their own.
func TestATimestampIsOfWhoeverSignedIt(t *testing.T) {
	known, own := newAuthority(t, "well-known"), newAuthority(t, "own")
	own.beside = known.leaf
	v := verified(t, stamped(t, own.answer), known.trusted())
	if v.Outcome != evidence.NotVerified || v.Problems[0].Code != evidence.TimestampInvalid || !strings.Contains(v.Problems[0].Text, "CN=own") {
		t.Errorf("it comes to %s: %v", v.Outcome, v.Problems)
	}
}

func TestATimestampOfSomethingElseIsFound(t *testing.T) {
	a := newAuthority(t, "authority")
	one, other := stamped(t, a.answer), stamped(t, a.answer)
	stamp, err := os.ReadFile(filepath.Join(other, "timestamp.tsr"))
	if err != nil {
		t.Fatal(err)
	}
	for name, damage := range map[string]func(path string) error{
		"that of another bundle": func(path string) error { return os.WriteFile(path, stamp, 0o600) },
		"none":                   os.Remove,
		"no timestamp at all":    func(path string) error { return os.WriteFile(path, []byte("stamp"), 0o600) },
	} {
		if err := damage(filepath.Join(one, "timestamp.tsr")); err != nil {
			t.Fatal(err)
		}
		if v := verified(t, one, evidence.VerifyOptions{}); v.Outcome != evidence.NotVerified || v.Problems[0].Code != evidence.TimestampInvalid {
			t.Errorf("%s: it comes to %s: %v", name, v.Outcome, v.Problems)
		}
		if err := os.WriteFile(filepath.Join(one, "timestamp.tsr"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnAuthorityThatDoesNotAnswerIsAnError(t *testing.T) {
	for name, ask := range map[string]func([]byte) ([]byte, error){
		"nobody there": func([]byte) ([]byte, error) { return nil, errors.New("connection refused") },
		"no timestamp": func([]byte) ([]byte, error) { return []byte("<html>"), nil },
		"of something else": func(request []byte) ([]byte, error) {
			a := newAuthority(t, "authority")
			other, err := timestamp.CreateRequest(strings.NewReader("something else"), &timestamp.RequestOptions{Hash: crypto.SHA256})
			if err != nil {
				return nil, err
			}
			return a.answer(other)
		},
	} {
		i := proveInfo(t)
		i.Authority = &evidence.TimestampAuthority{URL: "http://timestamp.example/", Ask: ask}
		run, err := evidence.Create(t.TempDir(), i)
		if err != nil {
			t.Fatal(err)
		}
		if err := run.Close(evidence.Result{Finished: started}); err == nil || !strings.Contains(err.Error(), "ask http://timestamp.example/ for a timestamp") {
			t.Errorf("%s: the run closes with %v", name, err)
		}
	}
}
