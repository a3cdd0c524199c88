package graphapi

import (
	"slices"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

var unitType = &entity{directory: true, name: "microsoft.graph.administrativeUnit", properties: []string{"id", "deletedDateTime", "displayName", "description", "visibility"}}

var unitBody = &bodyType{unitType.name, shape{"id": text, "displayName": text, "description": text, "visibility": oneOf("Public", "HiddenMembership")}}

// unitOperations: administrative units narrow the scope of a role.
func unitOperations() []*operation {
	read := permissions("AdministrativeUnit.Read.All", "Directory.Read.All")
	write := permissions("AdministrativeUnit.ReadWrite.All", "Directory.ReadWrite.All").role(roleAdmins)
	const units = "/directory/administrativeUnits"
	return []*operation{
		{method: get, path: units, grant: read, handle: listUnits},
		{method: post, path: units, grant: write, body: unitBody, handle: postUnit},
		{method: get, path: units + "/{unit}", grant: read, handle: getUnit},
		{method: remove, path: units + "/{unit}", grant: write, handle: deleteUnit},
		{method: post, path: units + "/{unit}/members/$ref", grant: write, body: referenceBody, handle: postUnitMember},
	}
}

func unitObject(u *store.AdministrativeUnit) *document.Object {
	return document.Of("id", u.ID, "deletedDateTime", nil, "displayName", u.DisplayName, "description", document.Null(u.Description), "visibility", document.Null(u.Visibility))
}

func (c *call) unit() (*store.AdministrativeUnit, error) {
	u, ok := c.t.Units.Get(c.vars["unit"])
	if !ok {
		return nil, directoryNotFound(c.vars["unit"])
	}
	return u, nil
}

func listUnits(c *call) (result, error) {
	var list []*document.Object
	for _, u := range c.t.Units.List() {
		list = append(list, unitObject(u))
	}
	return c.list(unitType, list)
}

func getUnit(c *call) (result, error) {
	u, err := c.unit()
	if err != nil {
		return result{}, err
	}
	return c.one(unitType, unitObject(u))
}

func postUnit(c *call) (result, error) {
	if c.body.String("displayName") == "" {
		return result{}, directoryBadRequest("A value is required for property 'displayName' of resource 'AdministrativeUnit'.")
	}
	u := &store.AdministrativeUnit{ID: c.t.NewID(), DisplayName: c.body.String("displayName"), Description: c.body.String("description"), Visibility: c.body.String("visibility")}
	c.t.Units.Put(u.ID, u)
	c.auditUnit("Add administrative unit", u)
	return created(unitType, unitObject(u)), nil
}

func deleteUnit(c *call) (result, error) {
	u, err := c.unit()
	if err != nil {
		return result{}, err
	}
	c.t.Units.Delete(u.ID)
	c.auditUnit("Delete administrative unit", u)
	return noContent(), nil
}

func postUnitMember(c *call) (result, error) {
	u, err := c.unit()
	if err != nil {
		return result{}, err
	}
	id, err := c.reference()
	if err != nil {
		return result{}, err
	}
	if !slices.Contains(u.Members, id) {
		u.Members = append(u.Members, id)
		c.auditUnit("Add member to administrative unit", u)
	}
	return noContent(), nil
}

func (c *call) auditUnit(activity string, u *store.AdministrativeUnit) {
	c.audit(activity, "AdministrativeUnit", "Core Directory", store.AuditTarget{ID: u.ID, DisplayName: u.DisplayName, Type: "AdministrativeUnit"})
}
