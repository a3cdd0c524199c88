package graphapi

import (
	"net/netip"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

const locationsPath = "/identity/conditionalAccess/namedLocations"

const (
	ipLocation      = "#microsoft.graph.ipNamedLocation"
	countryLocation = "#microsoft.graph.countryNamedLocation"
)

var locationType = &entity{name: "microsoft.graph.namedLocation", properties: []string{
	"id", "createdDateTime", "modifiedDateTime", "displayName", "isTrusted", "ipRanges", "countriesAndRegions", "countryLookupMethod", "includeUnknownCountriesAndRegions",
}}

var locationBody = &bodyType{locationType.name, shape{
	"id": text, "createdDateTime": moment, "modifiedDateTime": moment, "displayName": text, "isTrusted": boolean,
	"ipRanges": objectsOf(graphPrefix+"ipRange", shape{"cidrAddress": text, "lowerAddress": text, "upperAddress": text}), "countriesAndRegions": texts,
	"countryLookupMethod": oneOf("clientIpAddress", "authenticatorAppGps", "unknownFutureValue"), "includeUnknownCountriesAndRegions": boolean,
}}

func locationOperations() []*operation {
	read := permissions("Policy.Read.All", "Policy.Read.ConditionalAccess").as(deniedByPolicy)
	write := permissions("Policy.ReadWrite.ConditionalAccess").and("Policy.Read.All").as(deniedByPolicy).role(policyAdmins)
	return []*operation{
		{method: get, path: locationsPath, grant: read, handle: listLocations},
		{method: post, path: locationsPath, grant: write, body: locationBody, handle: postLocation},
		{method: get, path: locationsPath + "/{location}", grant: read, handle: getLocation},
		{method: patch, path: locationsPath + "/{location}", grant: write, body: locationBody, handle: patchLocation},
		{method: remove, path: locationsPath + "/{location}", grant: write, handle: deleteLocation},
	}
}

func listLocations(c *call) (result, error) {
	var list []*document.Object
	for _, l := range c.t.NamedLocations.List() {
		list = append(list, document.MustParse(l.Raw))
	}
	return c.list(locationType, list)
}

func getLocation(c *call) (result, error) {
	l, ok := c.t.NamedLocations.Get(c.vars["location"])
	if !ok {
		return result{}, notFound("named location", c.vars["location"])
	}
	return c.one(locationType, document.MustParse(l.Raw))
}

func postLocation(c *call) (result, error) {
	l := &store.NamedLocation{ID: c.t.NewID(), CreatedAt: c.now, ModifiedAt: c.now}
	if err := c.fillLocation(l, c.body); err != nil {
		return result{}, err
	}
	c.t.NamedLocations.Put(l.ID, l)
	full := document.MustParse(l.Raw)
	c.auditPolicy("Add named location", l.ID, l.Name, "NamedLocation", nil, full)
	return created(locationType, full), nil
}

func patchLocation(c *call) (result, error) {
	l, ok := c.t.NamedLocations.Get(c.vars["location"])
	if !ok {
		return result{}, notFound("named location", c.vars["location"])
	}
	before := document.MustParse(l.Raw)
	if kind := c.body.String("@odata.type"); kind != before.String("@odata.type") {
		return result{}, badRequest("The property '@odata.type' must be '%s' for this named location.", before.String("@odata.type"))
	}
	l.ModifiedAt = c.now
	if err := c.fillLocation(l, document.Merge(before, c.body)); err != nil {
		return result{}, err
	}
	c.auditPolicy("Update named location", l.ID, l.Name, "NamedLocation", before, document.MustParse(l.Raw))
	return noContent(), nil
}

func (c *call) fillLocation(l *store.NamedLocation, in *document.Object) error {
	if in.String("displayName") == "" {
		return badRequest("The property 'displayName' is required.")
	}
	out := document.Of("@odata.type", in.String("@odata.type"), "id", l.ID, "displayName", in.String("displayName"), "modifiedDateTime", l.ModifiedAt, "createdDateTime", l.CreatedAt)
	var ranges []string
	switch in.String("@odata.type") {
	case ipLocation:
		var err error
		if ranges, err = addressRanges(in); err != nil {
			return err
		}
		out.Set("isTrusted", in.Bool("isTrusted")).Set("ipRanges", valueOf(in, "ipRanges"))
	case countryLocation:
		if len(in.Strings("countriesAndRegions")) == 0 {
			return badRequest("The property 'countriesAndRegions' is required.")
		}
		method := in.String("countryLookupMethod")
		if method == "" {
			method = "clientIpAddress"
		}
		out.Set("countriesAndRegions", in.Strings("countriesAndRegions")).Set("includeUnknownCountriesAndRegions", in.Bool("includeUnknownCountriesAndRegions")).Set("countryLookupMethod", method)
	default:
		return badRequest("The property '@odata.type' must be '%s' or '%s'.", ipLocation, countryLocation)
	}
	l.Name, l.Trusted, l.Ranges, l.Countries, l.Raw = in.String("displayName"), in.Bool("isTrusted"), ranges, in.Strings("countriesAndRegions"), out.Raw()
	return nil
}

func addressRanges(in *document.Object) ([]string, error) {
	list, _ := valueOf(in, "ipRanges").([]any)
	if len(list) == 0 {
		return nil, badRequest("The property 'ipRanges' is required.")
	}
	var ranges []string
	for _, e := range list {
		r, _ := e.(*document.Object)
		if _, err := netip.ParsePrefix(r.String("cidrAddress")); err != nil {
			return nil, badRequest("The address range '%s' is not valid.", r.String("cidrAddress"))
		}
		ranges = append(ranges, r.String("cidrAddress"))
	}
	return ranges, nil
}

// deleteLocation refuses one that a policy uses or that is trusted (documented: a
// trusted location has to be untrusted first).
func deleteLocation(c *call) (result, error) {
	l, ok := c.t.NamedLocations.Get(c.vars["location"])
	if !ok {
		return result{}, notFound("named location", c.vars["location"])
	}
	if l.Trusted {
		return result{}, badRequest("The named location is marked as trusted. Set isTrusted to false before deleting it.")
	}
	for _, p := range c.t.Policies.List() {
		locations := document.MustParse(p.Raw).Object("conditions").Object("locations")
		if containsFold(included(locations, "includeLocations", "excludeLocations"), l.ID) {
			return result{}, badRequest("The named location is in use by a Conditional Access policy.")
		}
	}
	c.t.NamedLocations.Delete(l.ID)
	c.auditPolicy("Delete named location", l.ID, l.Name, "NamedLocation", document.MustParse(l.Raw), nil)
	return noContent(), nil
}
