package evidence

import (
	"crypto/x509"
	"crypto/x509/pkix"
	_ "embed"
	"fmt"
	"slices"
	"time"
)

// Target is what a run was made against.
type Target string

// The targets. Embedded says nothing about any real tenant.
const (
	Embedded              Target = "embedded"
	Tenant                Target = "tenant"
	TenantBehindPrivateCA Target = "tenant-behind-private-ca"
)

// The mark that every certificate of the embedded tenant carries: an extension of the
// project's own (a UUID below 2.25) and an organisation.
const (
	markingExtension    = "2.25.6199.64144.33652.18988.43794.28360.46524.42893"
	markingOrganisation = "reprompt embedded tenant"
)

// Chain is the TLS chain that a host presented, leaf first.
type Chain struct {
	Host string `json:"host"` // that presented it
	// Certificates are DER; in JSON base64. Certificates are public.
	Certificates [][]byte `json:"certificates"`
}

// rootsPEM are the public roots that Microsoft documents for its sign-in and Graph hosts
// (Azure Certificate Authority details). The machine's own roots are not asked: a company's
// proxy puts its own root there, and the verdict on the target must come out the same wherever
// the evidence is looked at.
//
//go:embed roots.pem
var rootsPEM []byte

// TargetOf derives the target from what was seen: embedded when any certificate carries the
// embedded tenant's mark or a test clock was used; tenant when every chain ends in a public
// root that Microsoft uses, at the time it was seen; else tenant-behind-private-ca, also when
// no chain was seen. It does not prove whose tenant it was.
func TargetOf(chains []Chain, testClock bool, at time.Time) Target {
	if testClock || slices.ContainsFunc(chains, Chain.marked) {
		return Embedded
	}
	public := func(c Chain) bool { return c.verify(at) == nil }
	if len(chains) == 0 || slices.ContainsFunc(chains, func(c Chain) bool { return !public(c) }) {
		return TenantBehindPrivateCA
	}
	return Tenant
}

// marked reports whether any certificate carries the mark of the embedded tenant: the
// extension of its own or the organisation, in subject or issuer.
func (c Chain) marked() bool {
	return slices.ContainsFunc(c.parsed(), func(certificate *x509.Certificate) bool {
		return slices.ContainsFunc(certificate.Extensions, func(e pkix.Extension) bool { return e.Id.String() == markingExtension }) ||
			slices.Contains(certificate.Subject.Organization, markingOrganisation) ||
			slices.Contains(certificate.Issuer.Organization, markingOrganisation)
	})
}

// parsed are the certificates that can be read.
func (c Chain) parsed() []*x509.Certificate {
	var certificates []*x509.Certificate
	for _, der := range c.Certificates {
		if certificate, err := x509.ParseCertificate(der); err == nil {
			certificates = append(certificates, certificate)
		}
	}
	return certificates
}

// verify reports why the chain does not lead from the host to a public root of Microsoft's.
func (c Chain) verify(at time.Time) error {
	certificates := c.parsed()
	if len(certificates) == 0 || len(certificates) != len(c.Certificates) {
		return fmt.Errorf("chain of %s: no certificate, or one that cannot be read", c.Host)
	}
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	roots.AppendCertsFromPEM(rootsPEM)
	for _, certificate := range certificates[1:] {
		between.AddCert(certificate)
	}
	_, err := certificates[0].Verify(x509.VerifyOptions{DNSName: c.Host, Roots: roots, Intermediates: between, CurrentTime: at})
	return err
}
