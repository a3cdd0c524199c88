package evidence

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/digitorus/timestamp"
)

// timestampRequest is the RFC 3161 request for a timestamp of what is signed. It asks the authority
// for its certificate, so that the answer can be verified offline.
func timestampRequest(signed []byte) ([]byte, error) {
	request, err := timestamp.CreateRequest(bytes.NewReader(signed), &timestamp.RequestOptions{Hash: crypto.SHA256, Certificates: true})
	if err != nil {
		return nil, fmt.Errorf("make the timestamp request: %w", err)
	}
	return request, nil
}

// Timestamp is what an authority says of a bundle: that it was there, signed, at that time.
type Timestamp struct {
	At time.Time `json:"at"`
	// Authority is the subject of the authority's certificate, as that states it.
	Authority string `json:"authority"`
	// Trusted is true when the certificate leads to one of the roots that the reader gave. Without,
	// the time is no more than a claim.
	Trusted bool `json:"trusted"`
}

// readTimestamp reads an authority's answer for what is signed. The error says why it is not one.
func readTimestamp(answer, signed []byte, roots *x509.CertPool) (Timestamp, error) {
	read, err := timestamp.ParseResponse(answer)
	if err != nil {
		return Timestamp{}, fmt.Errorf("read the timestamp: %w", err)
	}
	digest := sha256.Sum256(signed)
	switch {
	case read.HashAlgorithm != crypto.SHA256 || !bytes.Equal(read.HashedMessage, digest[:]):
		return Timestamp{}, errors.New("the timestamp is of something else")
	case len(read.Certificates) == 0:
		return Timestamp{}, errors.New("the timestamp has no certificate of its authority with it")
	}
	signer, err := signerOfToken(read.RawToken, read.Certificates)
	if err != nil {
		return Timestamp{}, err
	}
	t := Timestamp{At: read.Time.UTC(), Authority: signer.Subject.String()}
	if roots != nil {
		between := x509.NewCertPool()
		for _, c := range read.Certificates {
			between.AddCert(c)
		}
		_, err := signer.Verify(x509.VerifyOptions{
			Roots: roots, Intermediates: between, CurrentTime: read.Time, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping},
		})
		if err == nil && !stampsOnly(signer) {
			err = errors.New("its certificate is not for timestamps alone (RFC 3161, section 2.3)")
		}
		if err != nil {
			return t, fmt.Errorf("the timestamp's authority %s is not of the given roots: %w", printable(t.Authority), err)
		}
		t.Trusted = true
	}
	return t, nil
}

// extendedKeyUsage is the extension that says what a certificate is for (RFC 5280, 4.2.1.12).
var extendedKeyUsage = asn1.ObjectIdentifier{2, 5, 29, 37}

// stampsOnly reports whether a certificate is for timestamps and, critically, for nothing else.
func stampsOnly(c *x509.Certificate) bool {
	if len(c.ExtKeyUsage) != 1 || c.ExtKeyUsage[0] != x509.ExtKeyUsageTimeStamping || len(c.UnknownExtKeyUsage) > 0 {
		return false
	}
	return slices.ContainsFunc(c.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(extendedKeyUsage) && e.Critical })
}

// signerOfToken is the certificate whose key signed a token (RFC 5652, section 5.3). The library has
// verified that signature, and does not tell by which of the certificates that came with it: anybody
// can put the certificate of a well-known authority beside their own.
func signerOfToken(token []byte, certificates []*x509.Certificate) (*x509.Certificate, error) {
	var content struct {
		Type asn1.ObjectIdentifier
		Data struct {
			Version      int
			Algorithms   asn1.RawValue
			Content      asn1.RawValue
			Certificates asn1.RawValue `asn1:"optional,tag:0"`
			Revocations  asn1.RawValue `asn1:"optional,tag:1"`
			Signers      []tokenSigner `asn1:"set"`
		} `asn1:"explicit,tag:0"`
	}
	if _, err := asn1.Unmarshal(token, &content); err != nil {
		return nil, fmt.Errorf("read who signed the timestamp: %w", err)
	}
	if n := len(content.Data.Signers); n != 1 {
		return nil, fmt.Errorf("the timestamp has %d signers, want one", n)
	}
	signer := content.Data.Signers[0]
	for _, c := range certificates {
		if bytes.Equal(c.RawIssuer, signer.Name.Issuer.FullBytes) && c.SerialNumber.Cmp(signer.Name.Serial) == 0 {
			return c, signer.signedAs(c)
		}
	}
	return nil, errors.New("the certificate that signed the timestamp is not with it")
}
