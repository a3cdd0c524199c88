package browser

import (
	"encoding/base64"
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

// noteCertificate remembers the certificate of a response's host. The chain is asked for at
// the first response: the browser knows it only while a page of that host is there.
func (w *Wiretap) noteCertificate(a *attachment, response *network.Response) {
	details := response.SecurityDetails
	parsed, err := url.Parse(response.URL)
	if details == nil || err != nil || parsed.Host == "" {
		return
	}
	w.mu.Lock()
	known := w.certificates[parsed.Host]
	if known == nil {
		w.certificates[parsed.Host] = &Certificate{
			Host: parsed.Host, Subject: details.SubjectName, Issuer: details.Issuer,
			Names:     slices.Clone(details.SanList),
			NotBefore: wallTime(details.ValidFrom), NotAfter: wallTime(details.ValidTo),
		}
	}
	w.mu.Unlock()
	if known == nil || known.Chain == nil {
		w.fetchChain(a, parsed.Host)
	}
}

func (w *Wiretap) fetchChain(a *attachment, host string) {
	then(a.route, network.GetCertificate, network.GetCertificateParams{Origin: "https://" + host},
		func(got network.GetCertificateResult, err error) {
			chain := decodeChain(got.TableNames)
			if err != nil || chain == nil {
				return
			}
			w.mu.Lock()
			defer w.mu.Unlock()
			w.certificates[host].Chain = chain
		})
}

// decodeChain decodes what the browser sends as base64; nil when it is no chain.
func decodeChain(table []string) [][]byte {
	var chain [][]byte
	for _, text := range table {
		der, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil
		}
		chain = append(chain, der)
	}
	return chain
}

// Certificates returns what each TLS host that the session's pages were answered by showed,
// sorted by host. A host that answered only Chromium's own services is not among them.
func (s *Session) Certificates() []Certificate {
	w := s.wiretap
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []Certificate
	for _, host := range slices.Sorted(maps.Keys(w.certificates)) {
		all = append(all, *w.certificates[host])
	}
	return all
}
