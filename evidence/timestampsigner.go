package evidence

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // only to compare what RFC 2634 made of a certificate
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
)

// tokenSigner is a SignerInfo (RFC 5652, section 5.3) as far as it says whose signature it is.
type tokenSigner struct {
	Version int
	Name    struct {
		Issuer asn1.RawValue
		Serial *big.Int
	}
	Digest     asn1.RawValue
	Attributes []signedAttribute `asn1:"set,optional,tag:0"`
}

// signedAttribute is what a signer says beside the content, under the same signature.
type signedAttribute struct {
	Type   asn1.ObjectIdentifier
	Values []asn1.RawValue `asn1:"set"`
}

// The attributes in which a signer names its certificate by a digest: RFC 2634, section 5.4, and
// RFC 5035, section 3.
var (
	signingCertificate   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 12}
	signingCertificateV2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
)

// signedAs is an error unless the signer names this very certificate under its signature, as RFC 3161,
// section 2.4.1, demands. The signature itself holds for every certificate with the same key: without
// this whoever changes the certificate that lies beside it changes who is told to have signed.
func (s tokenSigner) signedAs(c *x509.Certificate) error {
	named := false
	for _, attribute := range s.Attributes {
		if !attribute.Type.Equal(signingCertificate) && !attribute.Type.Equal(signingCertificateV2) {
			continue
		}
		if len(attribute.Values) != 1 || !namesFirst(attribute.Values[0].FullBytes, c, attribute.Type.Equal(signingCertificate)) {
			return errors.New("the timestamp was signed as another certificate than the one that is with it")
		}
		named = true
	}
	if !named {
		return errors.New("the timestamp does not say under its signature which certificate signed it (RFC 3161, section 2.4.1)")
	}
	return nil
}

// namesFirst reports whether the first certificate that an attribute names is this one. old is the form
// that knows SHA-1 only.
func namesFirst(attribute []byte, c *x509.Certificate, old bool) bool {
	var named struct {
		Certificates []struct {
			Algorithm pkix.AlgorithmIdentifier `asn1:"optional"`
			Hash      []byte
		}
	}
	if rest, err := asn1.Unmarshal(attribute, &named); err != nil || len(rest) > 0 || len(named.Certificates) == 0 {
		return false
	}
	first := named.Certificates[0]
	algorithm := first.Algorithm.Algorithm.String()
	switch {
	case old:
		sum := sha1.Sum(c.Raw) //nolint:gosec // as above
		return len(first.Algorithm.Algorithm) == 0 && bytes.Equal(first.Hash, sum[:])
	case len(first.Algorithm.Algorithm) == 0 || algorithm == "2.16.840.1.101.3.4.2.1":
		sum := sha256.Sum256(c.Raw)
		return bytes.Equal(first.Hash, sum[:])
	case algorithm == "2.16.840.1.101.3.4.2.2":
		sum := sha512.Sum384(c.Raw)
		return bytes.Equal(first.Hash, sum[:])
	case algorithm == "2.16.840.1.101.3.4.2.3":
		sum := sha512.Sum512(c.Raw)
		return bytes.Equal(first.Hash, sum[:])
	}
	return false
}
