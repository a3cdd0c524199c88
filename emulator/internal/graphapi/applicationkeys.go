package graphapi

import (
	"crypto/x509"
	"encoding/base64"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

var keyShape = shape{
	"type": text, "usage": text, "key": text, "displayName": text, "startDateTime": moment, "endDateTime": moment, "customKeyIdentifier": text, "keyId": text,
}

func keyObjects(a *store.Application) []*document.Object {
	list := []*document.Object{}
	for _, k := range a.Certificates {
		list = append(list, document.Of("customKeyIdentifier", nil, "displayName", k.Certificate.Subject.String(), "endDateTime", k.Certificate.NotAfter,
			"key", nil, "keyId", k.ID, "startDateTime", k.Certificate.NotBefore, "type", "AsymmetricX509Cert", "usage", "Verify"))
	}
	return list
}

// certificates reads the keyCredentials of the body: certificates in base64 that verify what
// the client signs.
func (c *call) certificates() ([]store.AppCertificate, error) {
	list, _ := valueOf(c.body, "keyCredentials").([]any)
	var out []store.AppCertificate
	for _, e := range list {
		key, _ := e.(*document.Object)
		if key.String("type") != "AsymmetricX509Cert" || key.String("usage") != "Verify" {
			return nil, unmodelled("key credentials of type %q and usage %q", key.String("type"), key.String("usage"))
		}
		der, err := base64.StdEncoding.DecodeString(key.String("key"))
		if err != nil {
			return nil, directoryBadRequest("Key value is invalid certificate")
		}
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, directoryBadRequest("Key value is invalid certificate")
		}
		out = append(out, store.AppCertificate{ID: c.t.NewID(), Certificate: certificate})
	}
	return out, nil
}
