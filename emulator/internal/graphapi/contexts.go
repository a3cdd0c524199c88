package graphapi

import (
	"net/http"
	"regexp"
	"strconv"

	"github.com/reprompt/reprompt/emulator/internal/conditionalaccess"
	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

const contextsPath = "/identity/conditionalAccess/authenticationContextClassReferences"

var contextType = &entity{name: "microsoft.graph.authenticationContextClassReference", properties: []string{"id", "displayName", "description", "isAvailable"}}

var contextBody = &bodyType{contextType.name, shape{"id": text, "displayName": text, "description": text, "isAvailable": boolean}}

// contextPatch lets a list through that [call.unwrap] takes apart.
var contextPatch = &bodyType{contextType.name, shape{"id": text, "displayName": text, "description": text, "isAvailable": boolean, "value": anything}}

func contextOperations() []*operation {
	read := permissions("AuthenticationContext.Read.All", "Policy.Read.ConditionalAccess").as(deniedByPolicy)
	write := permissions("AuthenticationContext.ReadWrite.All", "Policy.ReadWrite.ConditionalAccess").as(deniedByPolicy).role(policyAdmins)
	return []*operation{
		{method: get, path: contextsPath, versions: both, grant: read, handle: listContexts},
		{method: post, path: contextsPath, versions: both, grant: write, body: contextBody, handle: postContext},
		{method: get, path: contextsPath + "/{context}", versions: both, grant: read, handle: getContext},
		{method: patch, path: contextsPath + "/{context}", versions: both, grant: write, body: contextPatch, handle: patchContext},
		{method: remove, path: contextsPath + "/{context}", versions: both, grant: write, handle: deleteContext},
	}
}

func contextObject(c store.Context) *document.Object {
	return document.Of("id", c.ID, "displayName", c.DisplayName, "description", c.Description, "isAvailable", c.Available)
}

func listContexts(c *call) (result, error) {
	var list []*document.Object
	for _, x := range c.t.Contexts.List() {
		list = append(list, contextObject(x))
	}
	return c.list(contextType, list)
}

func getContext(c *call) (result, error) {
	x, ok := c.t.Contexts.Get(c.vars["context"])
	if !ok {
		return result{}, notFound("authentication context class reference", c.vars["context"])
	}
	return c.one(contextType, contextObject(x))
}

var contextID = regexp.MustCompile(`^c([1-9][0-9]?)$`)

// checkContextID: c1 to c99. Older documents say c25.
func checkContextID(id string) error {
	m := contextID.FindStringSubmatch(id)
	if m == nil {
		return badRequest("Invalid authentication context class reference id '%s'. It must be between c1 and c99.", id)
	}
	_, err := strconv.Atoi(m[1])
	return err
}

// patchContext makes or changes a context (documented: PATCH upserts, 204).
func patchContext(c *call) (result, error) {
	id := c.vars["context"]
	if err := checkContextID(id); err != nil {
		return result{}, err
	}
	if err := c.unwrap(); err != nil {
		return result{}, err
	}
	if in := c.body.String("id"); in != "" && in != id {
		return result{}, badRequest("The id '%s' in the body is not the id of the resource.", in)
	}
	old, existed := c.t.Contexts.Get(id)
	old.ID = id
	c.putContext(old, existed)
	return noContent(), nil
}

// unwrap takes the context out of the list that the example of beta has it in (documented:
// {"value":[{…}]}); later clients send the object itself.
func (c *call) unwrap() error {
	v, wrapped := c.body.Get("value")
	if !wrapped {
		return nil
	}
	list, _ := v.([]any)
	if !c.beta || len(list) != 1 || len(c.body.Keys()) != 1 {
		return badRequest("The property 'value' does not exist on type '%s'. Make sure to only use property names that are defined by the type.", contextType.name)
	}
	inner, _ := list[0].(*document.Object)
	if inner == nil {
		return wrongType("value", contextType.name)
	}
	body, err := contextBody.shape.conform(contextType.name, "", inner)
	c.body = body
	return err
}

// postContext makes a context. There is no page for it in v1.0, yet clients use it
// (observed).
func postContext(c *call) (result, error) {
	id := c.body.String("id")
	if err := checkContextID(id); err != nil {
		return result{}, err
	}
	if _, exists := c.t.Contexts.Get(id); exists {
		return result{}, &apiError{status: http.StatusConflict, code: "Conflict", message: "An authentication context class reference with this id already exists."}
	}
	return created(contextType, contextObject(c.putContext(store.Context{ID: id}, false))), nil
}

func (c *call) putContext(x store.Context, existed bool) store.Context {
	before := contextObject(x)
	if c.body.Has("displayName") {
		x.DisplayName = c.body.String("displayName")
	}
	if c.body.Has("description") {
		x.Description = c.body.String("description")
	}
	if c.body.Has("isAvailable") {
		x.Available = c.body.Bool("isAvailable")
	}
	x.ModifiedAt = c.now
	c.t.Contexts.Put(x.ID, x, c.t.EffectiveAt(store.LagContext))
	activity := "Update AuthenticationContextClassReference"
	if !existed {
		activity, before = "Add AuthenticationContextClassReference", nil
	}
	c.auditPolicy(activity, x.ID, x.DisplayName, "AuthenticationContextClassReference", before, contextObject(x))
	return x
}

// deleteContext answers 403 while the context is published and 400 while a policy uses
// it (documented).
func deleteContext(c *call) (result, error) {
	x, ok := c.t.Contexts.Get(c.vars["context"])
	if !ok {
		return result{}, notFound("authentication context class reference", c.vars["context"])
	}
	if x.Available {
		return result{}, &apiError{
			status: http.StatusForbidden, code: "Forbidden",
			message: "The authentication context class reference is published to apps. Set isAvailable to false before deleting it.",
		}
	}
	for _, p := range c.t.Policies.List() {
		if policy, err := conditionalaccess.Parse(p.Raw); err == nil && policy.TargetsContext(x.ID) {
			return result{}, badRequest("The authentication context class reference is in use by the Conditional Access policy '%s'.", policy.DisplayName)
		}
	}
	c.t.Contexts.Delete(x.ID, c.t.EffectiveAt(store.LagContext))
	c.auditPolicy("Delete AuthenticationContextClassReference", x.ID, x.DisplayName, "AuthenticationContextClassReference", contextObject(x), nil)
	return noContent(), nil
}
