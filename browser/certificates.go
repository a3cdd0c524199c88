package browser

import (
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"time"

	"github.com/chromedp/cdproto/network"
)

// Certificate is what a TLS server showed the browser.
type Certificate struct {
	// Host with its port when that is not 443.
	Host string
	// Subject and Issuer are common names; Names are the subject's alternative names.
	Subject, Issuer string
	Names           []string
	// NotBefore and NotAfter bound its validity.
	NotBefore, NotAfter time.Time
	// Chain is the certificates in DER, the server's own first; nil when the browser no
	// longer had them.
	Chain [][]byte
}

// noteCertificateLocked remembers the certificate of a response's host.
func (w *Wiretap) noteCertificateLocked(response *network.Response) {
	details := response.SecurityDetails
	parsed, err := url.Parse(response.URL)
	if details == nil || err != nil || parsed.Host == "" {
		return
	}
	w.certificates[parsed.Host] = Certificate{
		Host: parsed.Host, Subject: details.SubjectName, Issuer: details.Issuer,
		Names:     slices.Clone(details.SanList),
		NotBefore: wallTime(details.ValidFrom), NotAfter: wallTime(details.ValidTo),
	}
}

// Certificates returns what each TLS host that the session's pages were answered by showed,
// sorted by host. A host that answered only inside Chromium's own services is not among them.
func (s *Session) Certificates(ctx context.Context) ([]Certificate, error) {
	w := s.wiretap
	w.mu.Lock()
	all := slices.Collect(maps.Values(w.certificates))
	w.mu.Unlock()
	slices.SortFunc(all, func(a, b Certificate) int {
		if a.Host < b.Host {
			return -1
		}
		return 1
	})
	documents := s.documents()
	for i := range all {
		for _, a := range documents {
			chain, err := a.certificateChain(ctx, all[i].Host)
			if err != nil {
				return nil, err
			}
			if all[i].Chain = chain; chain != nil {
				break
			}
		}
	}
	return all, nil
}

// certificateChain asks for the DER chain of a host; nil when the browser does not have it.
func (a *attachment) certificateChain(ctx context.Context, host string) ([][]byte, error) {
	got, err := call(ctx, a.route, nil, network.GetCertificate, network.GetCertificateParams{Origin: "https://" + host})
	if ctx.Err() != nil {
		return nil, fmt.Errorf("read certificates: %w", context.Cause(ctx))
	}
	if err != nil {
		return nil, nil
	}
	var chain [][]byte
	for _, text := range got.TableNames {
		der, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, fmt.Errorf("read certificate of %s: %w", host, err)
		}
		chain = append(chain, der)
	}
	return chain, nil
}
