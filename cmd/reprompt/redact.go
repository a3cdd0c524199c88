package main

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/suite"
)

// hideSecrets keeps the secrets of a tenant file out of what is printed of an error or a defect. They
// are of a type that cannot be printed; this is for the text that somebody made of one, or that a host
// sent back.
func (p *program) hideSecrets(t *config.Tenant) {
	if t == nil {
		return
	}
	p.hide(suite.SecretsOf(t))
}

// hide keeps secrets out of what is printed.
func (p *program) hide(secrets []secret.Text) {
	p.hiding.Lock()
	defer p.hiding.Unlock()
	p.texts = append(p.texts, secrets...)
	var texts []string
	for _, s := range secrets {
		texts = append(texts, s.Reveal())
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
	p.hiding.Lock()
	defer p.hiding.Unlock()
	return strings.NewReplacer(p.secrets...).Replace(text)
}

// known are the secrets of the tenant files that were read.
func (p *program) known() []secret.Text {
	p.hiding.Lock()
	defer p.hiding.Unlock()
	return slices.Clone(p.texts)
}
