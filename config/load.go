package config

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/reprompt/reprompt/loopback"
)

const exampleID = "11111111-2222-3333-4444-555555555555"

var guid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// Load reads and checks a tenant file, the secrets that it names included. Every error is an
// *Error and comes before anything is asked of the tenant.
func Load(path string) (*Tenant, error) {
	raw, err := readSmall(path)
	if err != nil {
		return nil, &Error{File: path, Text: "the tenant file cannot be read: " + reason(err), Mend: "name an existing file"}
	}
	r := &reader{file: path}
	t := r.tenant(r.document(raw))
	if r.err != nil {
		return nil, r.err
	}
	return t, nil
}

// largestFile bounds a tenant file and each file that it names. A real one has some kilobytes.
const largestFile = 1 << 20

// readSmall reads a file of at most largestFile.
func readSmall(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, largestFile+1))
	if err == nil && len(raw) > largestFile {
		err = fmt.Errorf("it is larger than %d bytes", largestFile)
	}
	return raw, err
}

// reason is why a file cannot be used, without its path, which stands in the error already.
func reason(err error) string {
	if path := new(fs.PathError); errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

// document opens the tenant file as one section.
func (r *reader) document(raw []byte) section {
	return r.parsed(raw, Schema, "schema", "cloud", "tenant_id", "domain", "fixtures_app", "reader_app", "harness_app", "admin", "test_admins",
		"safety", "roles", "proxy", "ca_file", "test_clock", "waits", "browser", "portal", "signing", "controls", "notify")
}

// parsed opens a file of a schema as one section that may have the given keys.
func (r *reader) parsed(raw []byte, schema string, known ...string) section {
	start := &token.Position{Line: 1, Column: 1}
	file, err := parser.ParseBytes(raw, 0)
	if err != nil {
		var broken yaml.Error
		if errors.As(err, &broken) {
			r.fail(broken.GetToken().Position, "mend the YAML there", "%s", oneLine(broken.GetMessage()))
		}
		r.fail(start, "write it in YAML", "%s cannot be parsed", r.title())
		return section{r: r}
	}
	docs := slices.DeleteFunc(file.Docs, func(d *ast.DocumentNode) bool { return d.Body == nil })
	if len(docs) != 1 {
		r.fail(start, "write one, beginning with schema: "+schema, "%s holds %d documents, want one", r.title(), len(docs))
		return section{r: r}
	}
	return r.mapping("", start, docs[0].Body, known...)
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func (r *reader) tenant(top section) *Tenant {
	if r.err != nil {
		return nil
	}
	if top.need("schema", Schema) {
		top.oneOf("schema", Schema)
	}
	t := &Tenant{File: r.file, Cloud: Public, TenantID: top.id("tenant_id"), Domain: top.needText("domain", "contoso.onmicrosoft.com")}
	if top.has("cloud") {
		t.Cloud = Cloud(top.oneOf("cloud", string(Public), string(USGov), string(China)))
	}
	t.FixturesApp, t.ReaderApp = top.application("fixtures_app"), top.application("reader_app")
	if t.FixturesApp == nil && t.ReaderApp == nil {
		top.fail("fixtures_app", "add reader_app to prove a tenant, or fixtures_app to run scenarios on one for tests", "fixtures_app and reader_app are missing")
	}
	t.HarnessApp = top.harnessApp()
	t.Admin = top.admin()
	t.TestAdmins = top.testAdmins(t.Admin)
	t.Safety = top.safety(t.TenantID)
	t.Roles = top.roles()
	t.Proxy = top.proxy()
	t.CAFile, t.CA = top.certificates()
	t.TestClock = top.testClock()
	waits := top.section("waits", "page", "step", "propagation", "settle")
	t.Waits = Waits{
		Page: waits.duration("page", defaultPage), Step: waits.duration("step", defaultStep),
		Propagation: waits.duration("propagation", defaultPropagation),
		Settle:      waits.duration("settle", defaultSettle),
	}
	if t.TestClock != nil && !waits.has("propagation") {
		t.Waits.Propagation = 0
	}
	t.Signing = top.signing()
	t.ControlsFile = top.file("controls")
	t.Browser = top.browser()
	t.Portal = top.portal()
	t.Notify = top.notify()
	return t
}

func (s section) harnessApp() HarnessApp {
	if !s.need("harness_app", "with client_id and redirect_uri under it") {
		return HarnessApp{}
	}
	app := s.section("harness_app", "client_id", "redirect_uri")
	redirect := app.needText("redirect_uri", "http://localhost")
	if u, err := url.Parse(redirect); err != nil || u.Scheme == "" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		app.fail("redirect_uri", "write it as it is registered, such as http://localhost", "%s is no address without query", app.path("redirect_uri"))
	}
	return HarnessApp{ClientID: app.id("client_id"), RedirectURI: redirect}
}

func (s section) safety(tenantID string) Safety {
	if !s.need("safety", "with tenant_ids under it") {
		return Safety{}
	}
	safety := s.section("safety", "tenant_ids", "break_glass", "max_activations_per_day")
	safety.need("tenant_ids", "["+exampleID+"]")
	list := Safety{
		TenantIDs: safety.ids("tenant_ids"), BreakGlass: safety.ids("break_glass"),
		MaxActivationsPerDay: safety.count("max_activations_per_day", defaultActivations),
	}
	if !slices.Contains(list.TenantIDs, tenantID) {
		safety.fail("tenant_ids", "add it there if it is a tenant for tests", "tenant %s is not in safety.tenant_ids", tenantID)
	}
	return list
}

func (s section) roles() map[string]Role {
	roles := map[string]Role{}
	all := s.section("roles")
	for _, name := range all.keys {
		role := all.section(name, "require")
		if role.need("require", RequireAny) {
			roles[name] = Role{Require: role.oneOf("require", RequireAny, RequireMFA, RequirePhishingResistant)}
		}
	}
	return roles
}

// browser reads which browser is driven. Its address is a secret: it may hold a token.
func (s section) browser() Browser {
	browser := s.section("browser", append([]string{"path", "allow_hosts"}, secretKeys("url")...)...)
	b := Browser{Path: browser.file("path"), URL: browser.secret("url"), AllowHosts: browser.placed("allow_hosts")}
	if b.Path != "" && !b.URL.Empty() {
		browser.fail("path", "leave one", "browser has path and %s", browser.secretKey("url"))
	}
	return b
}

// portal reads what the portal's pages say. The files are read by whoever knows the portal.
func (s section) portal() Portal {
	portal := s.section("portal", "labels")
	labels := portal.placed("labels")
	for i := range labels {
		if !filepath.IsAbs(labels[i].Text) {
			labels[i].Text = filepath.Join(filepath.Dir(s.r.file), labels[i].Text)
		}
	}
	return Portal{Labels: labels}
}

func (s section) proxy() string {
	proxy := s.text("proxy")
	if u, err := url.Parse(proxy); proxy != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil) {
		s.fail("proxy", "write it as http://HOST:PORT, without user and password", "proxy is no address of an HTTP proxy")
	}
	return proxy
}

// certificates reads the file of certificate authorities.
func (s section) certificates() (path string, content []byte) {
	if path = s.file("ca_file"); path == "" {
		return "", nil
	}
	content, err := readSmall(path)
	if err != nil {
		s.fail("ca_file", "name an existing file", "%s cannot be read: %s", path, reason(err))
		return path, nil
	}
	rest, n := content, 0
	for block, more := pem.Decode(rest); block != nil; block, more = pem.Decode(rest) {
		if _, err := x509.ParseCertificate(block.Bytes); block.Type != "CERTIFICATE" || err != nil {
			s.fail("ca_file", "leave only certificates in it", "%s holds a %s that is no certificate", path, block.Type)
		}
		rest, n = more, n+1
	}
	if n == 0 {
		s.fail("ca_file", "write the certificate in PEM", "%s holds no certificate", path)
	}
	return path, content
}

// testClock reads the control listener. It may only be on this machine: whoever moves a clock holds
// the tenant.
func (s section) testClock() *TestClock {
	if !s.has("test_clock") {
		return nil
	}
	clock := s.section("test_clock", "url", "token_file")
	address := clock.needText("url", "http://127.0.0.1:PORT")
	if u, err := url.Parse(address); err != nil || u.Scheme != "http" || !loopback.Is(u.Hostname()) || u.User != nil {
		clock.fail("url", "remove test_clock: only a tenant of `reprompt emulator` has one", "test_clock.url is no http address of this machine")
	}
	clock.need("token_file", "with the path of the token of the control listener")
	return &TestClock{URL: address, Token: clock.secretFile("token_file")}
}

// needText reads a text that must be there.
func (s section) needText(key, example string) string {
	s.need(key, example)
	return s.text(key)
}

// id reads a GUID that must be there.
func (s section) id(key string) string {
	id := strings.ToLower(s.needText(key, exampleID))
	if s.has(key) && !guid.MatchString(id) {
		s.fail(key, "write it as "+exampleID, "%s is no id", s.path(key))
	}
	return id
}

// ids reads a list of GUIDs.
func (s section) ids(key string) []string {
	ids := s.texts(key)
	for i, id := range ids {
		if ids[i] = strings.ToLower(id); !guid.MatchString(ids[i]) {
			s.fail(key, "write it as "+exampleID, "%s holds %q, which is no id", s.path(key), id)
		}
	}
	return ids
}

// file reads a path, relative to the tenant file; "" when it is not there.
func (s section) file(key string) string {
	path := s.text(key)
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(s.r.file), path)
}

// exactlyOne returns the only one of keys that is there, and reports none or several.
func (s section) exactlyOne(what string, keys ...string) string {
	var there []string
	for _, key := range keys {
		if s.has(key) {
			there = append(there, key)
		}
	}
	switch len(there) {
	case 0:
		s.fail("", "add one of "+strings.Join(keys, ", "), "%s has no %s", s.title(), what)
		return ""
	case 1:
		return there[0]
	default:
		s.fail(there[1], "leave one", "%s has %s and %s", s.title(), there[0], there[1])
		return ""
	}
}
