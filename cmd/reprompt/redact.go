package main

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"github.com/reprompt/reprompt/config"
)

// hideSecrets keeps the secrets of a tenant file out of what is printed of an error or a defect. They
// are of a type that cannot be printed; this is for the text that somebody made of one, or that a host
// sent back.
func (p *program) hideSecrets(t *config.Tenant) {
	if t == nil {
		return
	}
	var texts []string
	for _, admin := range append([]config.Admin{t.Admin}, t.TestAdmins...) {
		texts = append(texts, admin.Password.Reveal(), admin.TOTPSecret.Reveal(), admin.TemporaryAccessPass.Reveal())
		if admin.Passkey != nil {
			texts = append(texts, admin.Passkey.PrivateKeyPKCS8.Reveal())
		}
	}
	for _, app := range []*config.Application{t.FixturesApp, t.ReaderApp} {
		if app != nil {
			texts = append(texts, app.ClientSecret.Reveal(), app.CertificatePassword.Reveal())
		}
	}
	if t.TestClock != nil {
		texts = append(texts, t.TestClock.Token.Reveal())
	}
	for _, text := range texts {
		if text == "" {
			continue
		}
		inJSON, _ := json.Marshal(text) // a string always encodes
		quoted := strconv.Quote(text)
		for _, spelling := range []string{text, strings.Trim(string(inJSON), `"`), quoted[1 : len(quoted)-1], url.QueryEscape(text), url.PathEscape(text)} {
			p.secrets = append(p.secrets, spelling, "[secret]")
		}
	}
}

// redacted is a text without the secrets that are known.
func (p *program) redacted(text string) string {
	return strings.NewReplacer(p.secrets...).Replace(text)
}
