package graphapi

import (
	"slices"
	"strings"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

var (
	secretIn = &bodyType{"addPassword", shape{"passwordCredential": objectOf(graphPrefix+"passwordCredential", shape{
		"displayName": text, "startDateTime": moment, "endDateTime": moment,
	})}}
	secretOut  = &bodyType{"removePassword", shape{"keyId": text}}
	secretType = &entity{name: "microsoft.graph.passwordCredential", properties: []string{"customKeyIdentifier", "displayName", "endDateTime", "hint", "keyId", "secretText", "startDateTime"}}
)

// secretObjects tell of a secret its first three characters, as the service's hint does.
func secretObjects(a *store.Application) []*document.Object {
	list := []*document.Object{}
	for _, s := range a.Secrets {
		list = append(list, secretObject(s, ""))
	}
	return list
}

func secretObject(s store.AppSecret, reveal string) *document.Object {
	start := any(nil)
	if !s.Starts.IsZero() {
		start = s.Starts
	}
	return document.Of("customKeyIdentifier", nil, "displayName", document.Null(s.Name), "endDateTime", s.Expires, "hint", s.Value[:min(3, len(s.Value))],
		"keyId", s.ID, "secretText", document.Null(reveal), "startDateTime", start)
}

// addPassword makes a secret and shows it this once (documented); without an end it lasts
// two years (documented).
func addPassword(c *call) (result, error) {
	a, err := c.ownApplication()
	if err != nil {
		return result{}, err
	}
	in := c.body.Object("passwordCredential")
	s := store.AppSecret{ID: c.t.NewID(), Name: in.String("displayName"), Value: c.t.NewSecret(30), Starts: instant(in, "startDateTime", c.now)}
	if s.Expires = instant(in, "endDateTime", s.Starts.AddDate(2, 0, 0)); !s.Expires.After(s.Starts) {
		return result{}, directoryBadRequest("The endDateTime of the password credential is not after its startDateTime.")
	}
	a.Secrets = append(a.Secrets, s)
	c.auditApplication("Update application - Certificates and secrets management", a)
	r := one(secretType, secretObject(s, s.Value))
	r.context = secretType.name
	return r, nil
}

func instant(o *document.Object, name string, otherwise time.Time) time.Time {
	if at, err := time.Parse(time.RFC3339Nano, o.String(name)); err == nil {
		return at.UTC()
	}
	return otherwise
}

func removePassword(c *call) (result, error) {
	a, err := c.ownApplication()
	if err != nil {
		return result{}, err
	}
	i := slices.IndexFunc(a.Secrets, func(s store.AppSecret) bool { return strings.EqualFold(s.ID, c.body.String("keyId")) })
	if i < 0 {
		return result{}, directoryBadRequest("No password credential found with keyId '%s'.", c.body.String("keyId"))
	}
	a.Secrets = slices.Delete(a.Secrets, i, i+1)
	c.auditApplication("Update application - Certificates and secrets management", a)
	return noContent(), nil
}
