package config

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// FleetSchema is the form of list of tenants that this package reads.
const FleetSchema = "reprompt/fleet/v1"

// Fleet is a list of tenants, read and checked. The tenant files themselves are not read: one that is
// wrong must not hold up the others.
type Fleet struct {
	File    string
	Tenants []FleetTenant
	Notify  Notify
	Proxy   string // for notifications: URL; empty: the environment's
	CA      []byte // for notifications: PEM; nil: the system's authorities
}

// FleetTenant is one tenant of the list.
type FleetTenant struct {
	Name   string // unique; names the folder of its evidence
	File   string // the tenant file
	Roles  []string
	Way    string            // portal or graph; empty: what the command says
	Labels map[string]string // for metrics' users and notifications; never nil
}

// AllProtected reports whether every protected role is proved, since none is named.
func (t FleetTenant) AllProtected() bool { return len(t.Roles) == 0 }

// fleetName is what a folder can be called everywhere.
var fleetName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// LoadFleet reads and checks a list of tenants. Every error is an *Error.
func LoadFleet(path string) (*Fleet, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, &Error{File: path, Text: "the list of tenants cannot be read: " + reason(err), Mend: "name an existing file"}
	}
	r := &reader{file: path, what: "the list of tenants"}
	f := r.fleet(r.parsed(raw, FleetSchema, "schema", "tenants", "notify", "proxy", "ca_file"))
	if r.err != nil {
		return nil, r.err
	}
	return f, nil
}

func (r *reader) fleet(top section) *Fleet {
	if r.err != nil {
		return nil
	}
	if top.need("schema", FleetSchema) {
		top.oneOf("schema", FleetSchema)
	}
	f := &Fleet{File: r.file, Notify: top.notify(), Proxy: top.proxy()}
	_, f.CA = top.certificates()
	if !top.need("tenants", "[{name: contoso, file: contoso.yaml}]") {
		return f
	}
	seen := map[string]bool{}
	for _, node := range top.sections("tenants", "name", "file", "roles", "way", "labels") {
		t := node.fleetTenant()
		if folded := strings.ToLower(t.Name); seen[folded] {
			node.fail("name", "give each a name of its own", "two tenants are called %s", t.Name)
		} else {
			seen[folded] = true
		}
		f.Tenants = append(f.Tenants, t)
	}
	return f
}

func (s section) fleetTenant() FleetTenant {
	s.need("file", "contoso.yaml")
	t := FleetTenant{File: s.file("file"), Roles: s.texts("roles"), Name: s.text("name"), Labels: map[string]string{}}
	if !s.has("name") {
		t.Name = strings.TrimSuffix(filepath.Base(t.File), filepath.Ext(t.File))
	}
	if !fleetName.MatchString(t.Name) {
		s.fail("name", "use letters, digits, dots and hyphens, at most 64", "%q cannot name a folder", t.Name)
	}
	if s.has("way") {
		t.Way = s.oneOf("way", "portal", "graph")
	}
	labels := s.section("labels")
	for _, key := range labels.keys {
		t.Labels[key] = labels.text(key)
	}
	return t
}

// sections opens a list of mappings; nil when it is not there.
func (s section) sections(key string, known ...string) []section {
	list, ok := s.values[key].(*ast.SequenceNode)
	switch {
	case !ok:
		s.fail(key, "write one with a hyphen before each", "%s is %s, want a list", s.path(key), kind(s.values[key]))
		return nil
	case len(list.Values) == 0:
		s.fail(key, "write one with a hyphen before each", "%s names none", s.path(key))
	}
	var opened []section
	for _, node := range list.Values {
		opened = append(opened, s.r.mapping(key, positionOf(node, s.position(key)), node, known...))
	}
	return opened
}

// positionOf is where a node begins; a mapping's token is its first colon.
func positionOf(node ast.Node, otherwise *token.Position) *token.Position {
	if m, ok := node.(*ast.MappingNode); ok && len(m.Values) > 0 {
		return m.Values[0].Key.GetToken().Position
	}
	if at := node.GetToken(); at != nil {
		return at.Position
	}
	return otherwise
}
