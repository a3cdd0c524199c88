package graphapi

import (
	"slices"
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

var consentType = &entity{name: "microsoft.graph.oAuth2PermissionGrant", properties: []string{"id", "clientId", "consentType", "principalId", "resourceId", "scope"}}

var consentBody = &bodyType{consentType.name, shape{
	"clientId": text, "consentType": oneOf(forAll, forOne), "principalId": text, "resourceId": text, "scope": text, "startTime": moment, "expiryTime": moment,
}}

// Values of consentType (documented).
const (
	forAll = "AllPrincipals"
	forOne = "Principal"
)

// consentOperations: delegated permissions, for everybody or for one user.
func consentOperations() []*operation {
	read := permissions("Directory.Read.All", "DelegatedPermissionGrant.Read.All")
	write := permissions("DelegatedPermissionGrant.ReadWrite.All", "Directory.ReadWrite.All").role(roleAdmins)
	const grants = "/oauth2PermissionGrants"
	return []*operation{
		{method: get, path: grants, grant: read, handle: listConsents},
		{method: post, path: grants, grant: write, body: consentBody, handle: postConsent},
		{method: remove, path: grants + "/{consent}", grant: write, handle: deleteConsent},
	}
}

// allConsentID is the id of the consent for everybody.
func allConsentID(t *store.Tenant, a *store.Application) string {
	return derivedID(t, a.ServiceID, forAll)
}

func (c *call) consentsOf(a *store.Application) []*document.Object {
	var list []*document.Object
	add := func(id, kind string, principal any, scopes []string) {
		list = append(list, document.Of("id", id, "clientId", a.ServiceID, "consentType", kind, "principalId", principal, "resourceId", graphServiceID(c.t), "scope", strings.Join(scopes, " ")))
	}
	if scopes := a.Scopes[store.ResourceGraph]; len(scopes) > 0 {
		add(allConsentID(c.t, a), forAll, nil, scopes)
	}
	for _, one := range a.Consents {
		if one.Resource == store.ResourceGraph {
			add(one.ID, forOne, one.UserID, one.Scopes)
		}
	}
	return list
}

// listConsents leaves out those of Microsoft's own clients, which are preauthorised.
func listConsents(c *call) (result, error) {
	var list []*document.Object
	for _, a := range c.t.Clients() {
		if !a.FirstParty {
			list = append(list, c.consentsOf(a)...)
		}
	}
	return c.list(consentType, list)
}

func postConsent(c *call) (result, error) {
	b := c.body
	a, ok := c.t.AppByServiceID(b.String("clientId"))
	if !ok {
		return result{}, directoryNotFound(b.String("clientId"))
	}
	if b.String("resourceId") != graphServiceID(c.t) {
		return result{}, directoryNotFound(b.String("resourceId"))
	}
	scopes := strings.Fields(b.String("scope"))
	if err := c.consent(a, b.String("consentType"), b.String("principalId"), scopes); err != nil {
		return result{}, err
	}
	c.auditPrincipal("Add delegated permission grant", a)
	made := c.consentsOf(a)
	return created(consentType, made[slices.IndexFunc(made, func(o *document.Object) bool {
		return o.String("consentType") == b.String("consentType") && o.String("principalId") == b.String("principalId")
	})]), nil
}

// consent takes one consent. A user and a principal that have one already get no second (documented:
// it is updated instead).
func (c *call) consent(a *store.Application, kind, principal string, scopes []string) error {
	switch kind {
	case forAll:
		if principal != "" || len(a.Scopes[store.ResourceGraph]) > 0 {
			return directoryBadRequest("Permission entry already exists, or principalId is given although consentType is AllPrincipals.")
		}
		a.Scopes[store.ResourceGraph] = scopes
	case forOne:
		if _, ok := c.t.Users.Get(principal); !ok {
			return directoryNotFound(principal)
		}
		if slices.ContainsFunc(a.Consents, func(one *store.Consent) bool { return one.UserID == principal && one.Resource == store.ResourceGraph }) {
			return directoryBadRequest("Permission entry already exists.")
		}
		a.Consents = append(a.Consents, &store.Consent{ID: c.t.NewID(), UserID: principal, Resource: store.ResourceGraph, Scopes: scopes})
	default:
		return directoryBadRequest("A value is required for property 'consentType' of resource 'OAuth2PermissionGrant'.")
	}
	return nil
}

func deleteConsent(c *call) (result, error) {
	id := c.vars["consent"]
	for _, a := range c.t.Clients() {
		if allConsentID(c.t, a) == id && len(a.Scopes[store.ResourceGraph]) > 0 {
			delete(a.Scopes, store.ResourceGraph)
			c.auditPrincipal("Remove delegated permission grant", a)
			return noContent(), nil
		}
		if i := slices.IndexFunc(a.Consents, func(one *store.Consent) bool { return one.ID == id }); i >= 0 {
			a.Consents = slices.Delete(a.Consents, i, i+1)
			c.auditPrincipal("Remove delegated permission grant", a)
			return noContent(), nil
		}
	}
	return result{}, directoryNotFound(id)
}
