package config_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"go/ast"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/secret"
)

// revealed compares secrets by their text.
var revealed = cmp.Comparer(func(a, b secret.Text) bool { return a.Reveal() == b.Reveal() })

// documented is the tenant file of the package doc.
func documented(t *testing.T) string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "doc.go", nil, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range new(comment.Parser).Parse(packageDoc(file)).Content {
		if code, ok := block.(*comment.Code); ok && strings.HasPrefix(code.Text, "schema:") {
			return code.Text
		}
	}
	t.Fatal("the package doc holds no tenant file")
	return ""
}

func packageDoc(file *ast.File) string { return file.Doc.Text() }

// lab is a folder with everything that the documented tenant file names.
type lab struct {
	dir  string
	yaml string
	ca   []byte
	key  string // private key of the passkey
}

func newLab(t *testing.T) lab {
	t.Helper()
	l := lab{dir: t.TempDir(), yaml: documented(t)}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	l.key = pkcs8(t, key)
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(t, err)
	l.ca = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	must(t, os.Mkdir(filepath.Join(l.dir, "secrets"), 0o700))
	l.write(t, "secrets/fixtures", "client secret\n")
	l.write(t, "secrets/password", " pass word \r\n")
	l.write(t, "secrets/control", "control token")
	l.write(t, "secrets/signing.pem", "signing key")
	l.write(t, "secrets/reader", "reader secret\n")
	l.write(t, "secrets/pass", "access pass")
	l.write(t, "secrets/passkey.json", l.passkeyFile("AQI", l.key))
	l.write(t, "ca.pem", string(l.ca))
	t.Setenv("REPROMPT_TOTP_SECRET", "jbsw y3dp ehpk 3pxp")
	t.Setenv("REPROMPT_SECOND", "second password")
	return l
}

func pkcs8(t *testing.T, key any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	return base64.RawURLEncoding.EncodeToString(der)
}

func (l lab) passkeyFile(id, key string) string {
	return fmt.Sprintf(`{"rp_id":"login.microsoft.com","credential_id":%q,"user_handle":"AwQ","private_key_pkcs8":%q}`, id, key)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (l lab) write(t *testing.T, name, content string) {
	t.Helper()
	must(t, os.WriteFile(filepath.Join(l.dir, name), []byte(content), 0o600))
}

func (l lab) path(name string) string { return filepath.Join(l.dir, name) }

// replace changes the tenant file; a file that does not hold old fails the test.
func (l *lab) replace(t *testing.T, old, with string) {
	t.Helper()
	if strings.Count(l.yaml, old) != 1 {
		t.Fatalf("the tenant file holds %q %d times, want once", old, strings.Count(l.yaml, old))
	}
	l.yaml = strings.Replace(l.yaml, old, with, 1)
}

func (l lab) load(t *testing.T) (*config.Tenant, error) {
	t.Helper()
	l.write(t, "tenant.yaml", l.yaml)
	return config.Load(l.path("tenant.yaml"))
}

func TestTheDocumentedTenantFile(t *testing.T) {
	l := newLab(t)
	got, err := l.load(t)
	if err != nil {
		t.Fatal(err)
	}
	want := &config.Tenant{
		File: l.path("tenant.yaml"), Cloud: config.Public, TenantID: "11111111-2222-3333-4444-555555555555", Domain: "contoso.example",
		FixturesApp: &config.Application{ClientID: "22222222-2222-3333-4444-555555555555", ClientSecret: secret.New("client secret")},
		ReaderApp:   &config.Application{ClientID: "66666666-2222-3333-4444-555555555555", ClientSecret: secret.New("reader secret")},
		HarnessApp:  config.HarnessApp{ClientID: "33333333-2222-3333-4444-555555555555", RedirectURI: "http://localhost"},
		Admin: config.Admin{
			UPN: "admin@contoso.example", ObjectID: "44444444-2222-3333-4444-555555555555",
			Password: secret.New(" pass word "), TOTPSecret: secret.New("JBSWY3DPEHPK3PXP"),
			TemporaryAccessPass: secret.New("access pass"), Human: true,
			Passkey: &config.Passkey{RPID: "login.microsoft.com", CredentialID: []byte{1, 2}, UserHandle: []byte{3, 4}, PrivateKeyPKCS8: secret.New(l.key)},
		},
		TestAdmins: []config.Admin{{
			UPN: "second@contoso.example", ObjectID: "77777777-2222-3333-4444-555555555555", Password: secret.New("second password"),
		}},
		Safety: config.Safety{
			TenantIDs: []string{"11111111-2222-3333-4444-555555555555"}, BreakGlass: []string{"55555555-2222-3333-4444-555555555555"},
			MaxActivationsPerDay: 20,
		},
		Roles: map[string]config.Role{
			"Privileged Role Administrator": {Require: config.RequirePhishingResistant}, "Application Administrator": {Require: config.RequireMFA},
		},
		Proxy: "http://127.0.0.1:8080", CAFile: l.path("ca.pem"), CA: l.ca,
		TestClock: &config.TestClock{URL: "http://127.0.0.1:8181", Token: secret.New("control token")},
		Waits:     config.Waits{Page: 30 * time.Second, Step: 2 * time.Minute, Propagation: 5 * time.Minute, Settle: 5 * time.Minute},
		Browser: config.Browser{Path: "/usr/bin/chromium", AllowHosts: []config.Placed{
			placed(t, l, "adfs.contoso.example", "adfs.contoso.example"), placed(t, l, "*.cdn.example", `"*.cdn.example"`),
		}},
		Portal:  config.Portal{Labels: []config.Placed{placed(t, l, l.path("portal-pl.json"), "portal-pl.json")}},
		Signing: config.Signing{KeyFile: l.path("secrets/signing.pem"), TimestampURL: "http://timestamp.example/"}, ControlsFile: l.path("controls.yaml"),
	}
	if diff := cmp.Diff(want, got, revealed); diff != "" {
		t.Errorf("tenant (-want +got):\n%s", diff)
	}
}

// placed is a text where it stands in the file.
func placed(t *testing.T, l lab, text, at string) config.Placed {
	t.Helper()
	line, column := place(t, l.yaml, at)
	return config.Placed{Text: text, File: l.path("tenant.yaml"), Line: line, Column: column}
}

// least is the shortest tenant file there is.
const least = `schema: reprompt/tenant/v1
tenant_id: "AAAAAAAA-2222-3333-4444-555555555555"
domain: contoso.example
fixtures_app: {azure_cli: true}
harness_app: {client_id: 33333333-2222-3333-4444-555555555555, redirect_uri: "http://localhost:8400/back"}
admin: {upn: a@contoso.example, object_id: 44444444-2222-3333-4444-555555555555, password_env: REPROMPT_PASSWORD}
safety: {tenant_ids: [aaaaaaaa-2222-3333-4444-555555555555]}
`

func TestTheLeastTenantFileHasDefaults(t *testing.T) {
	t.Setenv("REPROMPT_PASSWORD", "pw")
	l := lab{dir: t.TempDir(), yaml: least}
	got, err := l.load(t)
	if err != nil {
		t.Fatal(err)
	}
	want := &config.Tenant{
		File: l.path("tenant.yaml"), Cloud: config.Public, TenantID: "aaaaaaaa-2222-3333-4444-555555555555", Domain: "contoso.example",
		FixturesApp: &config.Application{AzureCLI: true},
		HarnessApp:  config.HarnessApp{ClientID: "33333333-2222-3333-4444-555555555555", RedirectURI: "http://localhost:8400/back"},
		Admin:       config.Admin{UPN: "a@contoso.example", ObjectID: "44444444-2222-3333-4444-555555555555", Password: secret.New("pw")},
		Safety:      config.Safety{TenantIDs: []string{"aaaaaaaa-2222-3333-4444-555555555555"}, MaxActivationsPerDay: 10},
		Roles:       map[string]config.Role{},
		Waits:       config.Waits{Page: 30 * time.Second, Step: 2 * time.Minute, Propagation: 5 * time.Minute, Settle: 5 * time.Minute},
	}
	if diff := cmp.Diff(want, got, revealed); diff != "" {
		t.Errorf("tenant (-want +got):\n%s", diff)
	}
	if got := got.Require("Any Role"); got != config.RequireAny {
		t.Errorf("an unnamed role requires %q, want any", got)
	}
}

// wrongRow is the documented tenant file with one thing changed. The error stands at the place of
// at in the changed file, or has no line when at is empty.
type wrongRow struct {
	name      string
	old, with string
	around    func(t *testing.T, l *lab)
	at        string
	text      string
	mend      string
}

func (row wrongRow) run(t *testing.T) {
	l := newLab(t)
	if row.old != "" {
		l.replace(t, row.old, row.with)
	}
	if row.around != nil {
		row.around(t, &l)
	}
	_, err := l.load(t)
	var wrong *config.Error
	if !errors.As(err, &wrong) {
		t.Fatalf("error is %v, want a config.Error", err)
	}
	line, column := place(t, l.yaml, row.at)
	if wrong.Line != line || wrong.Column != column {
		t.Errorf("error stands at %d:%d, want %d:%d", wrong.Line, wrong.Column, line, column)
	}
	if !strings.Contains(wrong.Text, row.text) || !strings.Contains(wrong.Mend, row.mend) {
		t.Errorf("error is %q and %q, want %q and %q", wrong.Text, wrong.Mend, row.text, row.mend)
	}
	for _, s := range []string{"client secret", "reader secret", "pass word", "control token", "access pass", "hunter2", "jbsw", "JBSW", l.key} {
		if strings.Contains(err.Error(), s) {
			t.Errorf("error shows a secret: %v", err)
		}
	}
	if strings.ContainsAny(err.Error(), "\r\n") {
		t.Errorf("error has more than one line: %q", err)
	}
}

// place is line and column of a text that the file holds once.
func place(t *testing.T, file, at string) (line, column int) {
	t.Helper()
	if at == "" {
		return 1, 1
	}
	if strings.Count(file, at) != 1 {
		t.Fatalf("the tenant file holds %q %d times, want once", at, strings.Count(file, at))
	}
	before := file[:strings.Index(file, at)]
	return strings.Count(before, "\n") + 1, len(before) - strings.LastIndex(before, "\n")
}

const firstID = "11111111-2222-3333-4444-555555555555"

func TestWrongForm(t *testing.T) {
	for _, row := range []wrongRow{
		{name: "misspelled key", old: "domain:", with: "domian:", at: "domian:", text: `unknown key "domian" in the tenant file`, mend: "did you mean domain?"},
		{name: "misspelled nested key", old: "  object_id: 4444", with: "  objectid: 4444", at: "objectid:", text: `unknown key "objectid" in admin`, mend: "did you mean object_id?"},
		{name: "key nobody knows", old: "domain: contoso.example", with: "domain: contoso.example\nzzzzzz: 1", at: "zzzzzz", text: `unknown key "zzzzzz"`, mend: "known are schema"},
		{name: "key twice", old: "domain: contoso.example", with: "domain: a.example\ndomain: b.example", at: "domain: b", text: "already defined", mend: "mend the YAML"},
		{name: "broken YAML", old: "[55555555-2222-3333-4444-555555555555]", with: "[5555", at: "max_activations_per_day", text: "must be specified", mend: "mend the YAML"},
		{name: "an alias", old: "domain: contoso.example", with: "domain: &d contoso.example", at: "&d", text: "domain is an alias or tag", mend: "quotes"},
		{name: "a number for a text", old: "domain: contoso.example", with: "domain: 7", at: "7\n", text: "domain is a number, want a text", mend: "quotes"},
		{name: "nothing for a text", old: "domain: contoso.example", with: `domain: ""`, at: `""`, text: "domain is empty", mend: "leave the key out"},
		{name: "null for a text", old: "path: /usr/bin/chromium ", with: "path:", at: "path:", text: "browser.path is empty, want a text", mend: "quotes"},
		{name: "a text for a section", old: "portal:\n  labels: [portal-pl.json]", with: "portal: portal-pl.json", at: "portal-pl.json", text: "portal is a text, want a mapping", mend: "under it"},
		{name: "a text for a list", old: "tenant_ids: [" + firstID + "]", with: "tenant_ids: " + firstID, at: firstID + "   # must", text: "safety.tenant_ids is a text, want a list", mend: "brackets"},
		{name: "a number in a list", old: "[55555555-2222-3333-4444-555555555555]", with: "[5 ]", at: "5 ]", text: "safety.break_glass holds a number", mend: "quotes"},
		{name: "a list for the file", around: func(_ *testing.T, l *lab) { l.yaml = "- a\n" }, text: "the tenant file is a list", mend: "keys"},
		{name: "empty file", around: func(_ *testing.T, l *lab) { l.yaml = "" }, text: "0 documents", mend: "schema: " + config.Schema},
		{name: "two documents", around: func(_ *testing.T, l *lab) { l.yaml += "\n---\nschema: x\n" }, text: "2 documents", mend: "write one"},
		{name: "another schema", old: "reprompt/tenant/v1", with: "reprompt/tenant/v2", at: "reprompt/tenant/v2", text: `schema is "reprompt/tenant/v2"`, mend: config.Schema},
	} {
		t.Run(row.name, row.run)
	}
}

func TestWrongValues(t *testing.T) {
	for _, row := range []wrongRow{
		{name: "cloud nobody knows", old: "cloud: public ", with: "cloud: germany ", at: "germany", text: `cloud is "germany"`, mend: "public, usgov, china"},
		{name: "tenant by name", old: "tenant_id: " + firstID, with: "tenant_id: contoso", at: "contoso\n", text: "tenant_id is no id", mend: firstID},
		{name: "user name without domain", old: "upn: admin@contoso.example", with: "upn: admin@", at: "admin@", text: "admin.upn is no user name", mend: "name@domain"},
		{name: "tenant that is not in the safety list", old: "[" + firstID + "]", with: "[99999999-2222-3333-4444-555555555555]", at: "[99999999", text: "tenant " + firstID + " is not in safety.tenant_ids", mend: "add it there"},
		{name: "empty safety list", old: "[" + firstID + "]", with: "[]", at: "[]", text: "is not in safety.tenant_ids", mend: "add it there"},
		{name: "break-glass account by name", old: "[55555555-2222-3333-4444-555555555555]", with: "[emergency]", at: "[emergency", text: `safety.break_glass holds "emergency"`, mend: firstID},
		{name: "no activation allowed", old: "max_activations_per_day: 20", with: "max_activations_per_day: 0", at: "0                          #", text: "want a whole number of at least 1", mend: "whole number"},
		{name: "negative activations", old: "max_activations_per_day: 20", with: "max_activations_per_day: -1", at: "-1  ", text: "want a whole number", mend: "whole number"},
		{name: "activations as a text", old: "max_activations_per_day: 20", with: "max_activations_per_day: '20'", at: "'20'", text: "is a text", mend: "whole number"},
		{name: "requirement nobody knows", old: "{require: mfa}", with: "{require: MFA}", at: "MFA}", text: `roles.Application Administrator.require is "MFA"`, mend: "any, mfa, phishing-resistant"},
		{name: "role without requirement", old: "{require: mfa}", with: "{}", at: "Application Administrator:", text: "roles.Application Administrator.require is missing", mend: "add require: any"},
		{name: "proxy without scheme", old: "proxy: http://127.0.0.1:8080 ", with: "proxy: 127.0.0.1:8080 ", at: "127.0.0.1:8080", text: "proxy is no address", mend: "http://HOST:PORT"},
		{name: "proxy with a password", old: "proxy: http://127", with: "proxy: http://u:p@127", at: "http://u:p@127", text: "proxy is no address", mend: "without user"},
		{name: "redirect without host", old: "redirect_uri: http://localhost", with: "redirect_uri: localhost", at: "localhost\n", text: "harness_app.redirect_uri is no address", mend: "http://localhost"},
		{name: "test clock on another machine", old: "url: http://127.0.0.1:8181", with: "url: http://10.0.0.1:8181", at: "http://10.0", text: "test_clock.url is no http address of this machine", mend: "remove test_clock"},
		{name: "test clock by a name that looks local", old: "url: http://127.0.0.1:8181", with: "url: http://localhost.example:8181", at: "http://localhost.example", text: "no http address of this machine", mend: "remove test_clock"},
		{name: "labels as one file", old: "[portal-pl.json]", with: "portal-pl.json", at: "portal-pl.json", text: "portal.labels is a text, want a list", mend: "brackets"},
		{name: "hosts as a number", old: `[adfs.contoso.example, "*.cdn.example"]`, with: "[443]", at: "443", text: "browser.allow_hosts holds a number", mend: "quotes"},
		{name: "key of the portal nobody knows", old: "labels: [", with: "label: [", at: "label: [", text: `unknown key "label" in portal`, mend: "did you mean labels?"},
		{name: "wait without unit", old: "page: 30s", with: "page: '30'", at: "'30'", text: "waits.page is no span of time", mend: "30s"},
		{name: "wait of nothing", old: "page: 30s", with: "page: 0s", at: "0s  ", text: "waits.page is no span of time", mend: "30s"},
		{name: "wait as a number", old: "page: 30s", with: "page: 30", at: "30  ", text: "waits.page is a number", mend: "quotes"},
	} {
		t.Run(row.name, row.run)
	}
}

func TestMissingKeys(t *testing.T) {
	for _, row := range []wrongRow{
		{name: "schema", old: "schema: reprompt/tenant/v1\n", text: "schema is missing", mend: "add schema: " + config.Schema},
		{name: "tenant", old: "tenant_id: " + firstID + "\n", text: "tenant_id is missing", mend: "add tenant_id: "},
		{name: "domain", old: "domain: contoso.example\n", text: "domain is missing", mend: "add domain: "},
		{name: "user name", old: "  upn: admin@contoso.example\n", at: "admin: ", text: "admin.upn is missing", mend: "add upn: "},
		{name: "client of the fixtures", old: "  client_id: 22222222-2222-3333-4444-555555555555\n", at: "fixtures_app:", text: "fixtures_app.client_id is missing", mend: "add client_id: "},
		{name: "token of the test clock", old: "  token_file: secrets/control\n", at: "test_clock:", text: "test_clock.token_file is missing", mend: "add token_file: "},
		{name: "safety list", old: "  tenant_ids: [" + firstID + "]   # must hold tenant_id\n", at: "safety:", text: "safety.tenant_ids is missing", mend: "add tenant_ids: "},
	} {
		t.Run(row.name, row.run)
	}
}

func TestWrongSecrets(t *testing.T) {
	chmod := func(name string, mode os.FileMode) func(*testing.T, *lab) {
		return func(t *testing.T, l *lab) { must(t, os.Chmod(l.path(name), mode)) }
	}
	write := func(name, content string) func(*testing.T, *lab) {
		return func(t *testing.T, l *lab) { l.write(t, name, content) }
	}
	const passwordFile, passkeyFile = "secrets/password ", "secrets/passkey.json"
	for _, row := range []wrongRow{
		{name: "secret in the file", old: "password_file: secrets/password ", with: "password: hunter2 ", at: "hunter2", text: "admin.password holds the secret itself", mend: "password_file: PATH"},
		{name: "secret of the application in the file", old: "client_secret: {command: [cat, secrets/reader]}", with: "client_secret: 'hunter2'", at: "'hunter2'", text: "reader_app.client_secret holds the secret itself", mend: "{command: [PROGRAM"},
		{name: "secret as a number", old: "password_file: secrets/password ", with: "password: 123456 ", at: "123456", text: "admin.password holds the secret itself", mend: "password_env"},
		{name: "source nobody knows", old: "{command: [cat, secrets/reader]}", with: "{vault: x}", at: "vault", text: `unknown key "vault" in reader_app.client_secret`, mend: "known are file, env, command"},
		{name: "two sources", old: "{command: [cat, secrets/reader]}", with: "{env: A, command: [cat]}", at: "[cat]", text: "reader_app.client_secret has env and command", mend: "leave one"},
		{name: "command as one text", old: "[cat, secrets/reader]", with: "cat secrets/reader", at: "cat secrets", text: "reader_app.client_secret.command is a text", mend: "brackets"},
		{name: "command that is not there", old: "[cat, secrets/reader]", with: "[reprompt-no-such-program, hunter2]", at: "[reprompt", text: "the command reprompt-no-such-program gave no secret", mend: "run it by hand"},
		{name: "command that fails", old: "[cat, secrets/reader]", with: "[cat, hunter3]", at: "[cat", text: "cat gave no secret: exit status 1: cat: hunter3", mend: "run it by hand"},
		{name: "command that prints nothing", old: "[cat, secrets/reader]", with: "['true']", at: "['true", text: "the command true printed nothing", mend: "run it by hand"},
		{name: "command that prints too much", old: "[cat, secrets/reader]", with: "[head, -c, '70000', /dev/zero]", at: "[head", text: "more than 65536 bytes", mend: "nothing else"},
		{name: "no application at all", around: func(_ *testing.T, l *lab) {
			a, b := strings.Index(l.yaml, "fixtures_app:"), strings.Index(l.yaml, "harness_app:")
			l.yaml = l.yaml[:a] + l.yaml[b:]
		}, text: "fixtures_app and reader_app are missing", mend: "add reader_app"},
		{name: "file that the group can read", around: chmod("secrets/password", 0o640), at: passwordFile, text: "can be read or written by others (mode 0640)", mend: "chmod 600"},
		{name: "file that everybody can write", around: chmod("secrets/control", 0o602), at: "secrets/control", text: "mode 0602", mend: "chmod 600"},
		{name: "file that is not there", old: passwordFile, with: "secrets/none ", at: "secrets/none", text: "no such file", mend: "name an existing file"},
		{name: "folder", old: passwordFile, with: "secrets ", at: "secrets  ", text: "is no file", mend: "name a file"},
		{name: "empty file", around: write("secrets/password", "\n"), at: passwordFile, text: "is empty", mend: "write the secret"},
		{name: "variable that is not set", around: func(t *testing.T, _ *lab) { t.Setenv("REPROMPT_TOTP_SECRET", "") }, at: "REPROMPT_TOTP_SECRET", text: "environment variable REPROMPT_TOTP_SECRET is not set", mend: "export REPROMPT_TOTP_SECRET"},
		{name: "seed that is no base32", around: func(t *testing.T, _ *lab) { t.Setenv("REPROMPT_TOTP_SECRET", "JBSW1890") }, at: "REPROMPT_TOTP_SECRET", text: "admin.totp_secret_env names no seed", mend: "A-Z"},
		{name: "file and variable", old: "  totp_secret_env:", with: "  password_env: X\n  totp_secret_env:", at: "X\n", text: "admin has password_file and password_env", mend: "leave one"},
		{name: "two credentials of the fixtures", old: "  client_secret_file:", with: "  azure_cli: true\n  client_secret_file:", at: "true\n  client_secret_file:", text: "fixtures_app has client_secret_file and azure_cli", mend: "leave one"},
		{name: "no credential of the fixtures", old: "  client_secret_file: secrets/fixtures   # or another way to sign in, see below\n", at: "fixtures_app:", text: "fixtures_app has no credential", mend: "certificate_file"},
		{name: "workload identity of nobody", old: "client_secret_file: secrets/fixtures ", with: "workload_identity: false ", at: "false ", text: "fixtures_app.workload_identity is not true", mend: "write true"},
		{name: "credential of nobody", old: "client_secret_file: secrets/fixtures ", with: "azure_cli: false ", at: "false ", text: "azure_cli is not true", mend: "write true"},
		{name: "certificate that others can read", old: "client_secret_file: secrets/fixtures ", with: "certificate_file: app.pem ", around: func(t *testing.T, l *lab) {
			l.write(t, "app.pem", "x")
			must(t, os.Chmod(l.path("app.pem"), 0o644))
		}, at: "app.pem", text: "mode 0644", mend: "chmod 600"},
		{name: "passkey that is no JSON", around: write("secrets/passkey.json", "x"), at: passkeyFile, text: "not of its form", mend: "rp_id"},
		{name: "passkey with more than it may hold", around: write("secrets/passkey.json", `{"x":1}`), at: passkeyFile, text: "not of its form", mend: "rp_id"},
		{name: "passkey without id", around: func(t *testing.T, l *lab) { l.write(t, "secrets/passkey.json", l.passkeyFile("", l.key)) }, at: passkeyFile, text: "lacks a part", mend: "base64url"},
		{name: "passkey with a broken key", around: func(t *testing.T, l *lab) { l.write(t, "secrets/passkey.json", l.passkeyFile("AQI", "AQI")) }, at: passkeyFile, text: "no such key", mend: "P-256"},
		{name: "passkey with an RSA key", around: func(t *testing.T, l *lab) {
			key, err := rsa.GenerateKey(rand.Reader, 2048)
			must(t, err)
			l.write(t, "secrets/passkey.json", l.passkeyFile("AQI", pkcs8(t, key)))
		}, at: passkeyFile, text: "no such key", mend: "P-256"},
		{name: "authority that is not there", around: func(t *testing.T, l *lab) { must(t, os.Remove(l.path("ca.pem"))) }, at: "ca.pem", text: "no such file", mend: "existing file"},
		{name: "authority that is no certificate", around: write("ca.pem", "x"), at: "ca.pem", text: "holds no certificate", mend: "PEM"},
		{name: "authority with its key", around: func(t *testing.T, l *lab) {
			l.write(t, "ca.pem", string(l.ca)+"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
		}, at: "ca.pem", text: "PRIVATE KEY that is no certificate", mend: "leave only certificates"},
	} {
		t.Run(row.name, row.run)
	}
}

func TestWaysAnApplicationSignsIn(t *testing.T) {
	t.Setenv("REPROMPT_PASSWORD", "pw")
	const id = "22222222-2222-3333-4444-555555555555"
	for name, row := range map[string]struct {
		yaml string
		want config.Application
	}{
		"the Azure CLI":                  {"{azure_cli: true}", config.Application{AzureCLI: true}},
		"the machine's own identity":     {"{managed_identity: true}", config.Application{ManagedIdentity: true}},
		"an identity assigned to it":     {"{managed_identity: true, client_id: " + id + "}", config.Application{ManagedIdentity: true, ClientID: id}},
		"a federated token":              {"{workload_identity: true, client_id: " + id + "}", config.Application{WorkloadIdentity: true, ClientID: id}},
		"a secret in the environment":    {"{client_secret: {env: REPROMPT_PASSWORD}, client_id: " + id + "}", config.Application{ClientSecret: secret.New("pw"), ClientID: id}},
		"a certificate with a password":  {"{certificate_file: app.pem, certificate_password_env: REPROMPT_PASSWORD, client_id: " + id + "}", config.Application{CertificateFile: "app.pem", CertificatePassword: secret.New("pw"), ClientID: id}},
		"a certificate without password": {"{certificate_file: app.pem, client_id: " + id + "}", config.Application{CertificateFile: "app.pem", ClientID: id}},
	} {
		t.Run(name, func(t *testing.T) {
			l := lab{dir: t.TempDir(), yaml: strings.Replace(least, "fixtures_app: {azure_cli: true}", "reader_app: "+row.yaml, 1)}
			l.write(t, "app.pem", "x")
			if row.want.CertificateFile != "" {
				row.want.CertificateFile = l.path(row.want.CertificateFile)
			}
			got, err := l.load(t)
			must(t, err)
			if diff := cmp.Diff(row.want, got.Reader(), revealed); diff != "" || got.FixturesApp != nil {
				t.Errorf("application (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAdminNeedsSomethingToSignInWith(t *testing.T) {
	l := lab{dir: t.TempDir(), yaml: strings.Replace(least, ", password_env: REPROMPT_PASSWORD", "", 1)}
	_, err := l.load(t)
	if err == nil || !strings.Contains(err.Error(), "tenant.yaml:6:1: admin has no password, no temporary access pass and no passkey; add password_file") {
		t.Errorf("error is %v", err)
	}
}

func TestAdminThatIsMadeForTheRun(t *testing.T) {
	const named = "admin: {upn: a@contoso.example, object_id: 44444444-2222-3333-4444-555555555555, password_env: REPROMPT_PASSWORD}"
	for _, row := range []struct{ name, admin, app, want string }{
		{name: "with a passkey", admin: "{make: true, credential: passkey}"},
		{name: "with an access pass", admin: "{make: true, credential: access-pass}"},
		{name: "without credential", admin: "{make: true}", want: "tenant.yaml:6:1: admin.credential is missing; add credential: passkey or access-pass"},
		{name: "another credential", admin: "{make: true, credential: password}", want: `tenant.yaml:6:33: admin.credential is "password"; write one of passkey, access-pass`},
		{name: "with a name", admin: "{make: true, upn: a@contoso.example, credential: passkey}", want: "tenant.yaml:6:26: admin.upn says something of an account that is yet to be made; leave it out"},
		{name: "with a person", admin: "{make: true, human: true, credential: passkey}", want: "admin.human says something of an account"},
		{name: "no flag", admin: "{make: yes please, credential: passkey}", want: "admin.make is a text, want true or false"},
		{name: "credential of one that is there", admin: "{make: false, credential: passkey}", want: "admin.credential is for an admin that is made for the run; add make: true"},
		{name: "nobody to make it", admin: "{make: true, credential: passkey}", app: "reader_app", want: "tenant.yaml:6:15: admin.make needs fixtures_app"},
	} {
		t.Run(row.name, func(t *testing.T) {
			l := lab{dir: t.TempDir(), yaml: least}
			l.replace(t, named, "admin: "+row.admin)
			l.replace(t, "fixtures_app", orElse(row.app, "fixtures_app"))
			got, err := l.load(t)
			switch {
			case row.want == "":
				must(t, err)
				if !strings.HasSuffix(row.admin, got.Admin.Make+"}") || got.Admin != (config.Admin{Make: got.Admin.Make}) {
					t.Errorf("admin is %+v", got.Admin)
				}
			case err == nil || !strings.Contains(err.Error(), row.want):
				t.Errorf("error is %v, want %s", err, row.want)
			}
		})
	}
}

func TestFileThatIsNotThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none.yaml")
	_, err := config.Load(path)
	if want := path + ": the tenant file cannot be read: no such file or directory; name an existing file"; err == nil || err.Error() != want {
		t.Errorf("error is %v, want %s", err, want)
	}
}

func TestEveryCloudHasItsHosts(t *testing.T) {
	seen := map[string]bool{}
	for _, cloud := range []config.Cloud{config.Public, config.USGov, config.China} {
		h := (&config.Tenant{Cloud: cloud}).Hosts()
		for _, address := range []string{h.Authority, h.Graph, h.Portal} {
			if !strings.HasPrefix(address, "https://") || strings.HasSuffix(address, "/") || seen[address] {
				t.Errorf("%s has the address %q", cloud, address)
			}
			seen[address] = true
		}
		if h.GraphBase != h.Graph+"/v1.0" {
			t.Errorf("%s has Graph at %s and its base at %s", cloud, h.Graph, h.GraphBase)
		}
	}
}

func TestSecretsOfATenantAreNotPrinted(t *testing.T) {
	l := newLab(t)
	got, err := l.load(t)
	must(t, err)
	printed := fmt.Sprintf("%v %+v %#v %+v %#v", got, *got, *got, *got.FixturesApp, got.Reader())
	hidden := []secret.Text{got.Admin.Password, got.Admin.TOTPSecret, got.Admin.TemporaryAccessPass, got.FixturesApp.ClientSecret, got.ReaderApp.ClientSecret, got.TestClock.Token, got.Admin.Passkey.PrivateKeyPKCS8}
	if i := slices.IndexFunc(hidden, func(s secret.Text) bool { return s.Empty() || strings.Contains(printed, s.Reveal()) }); i >= 0 {
		t.Errorf("secret %d is empty or printed", i)
	}
}

// FuzzLoad holds that no file makes it panic, and that a file it refuses is refused in one line.
func FuzzLoad(f *testing.F) {
	f.Setenv("PATH", "") // a file may name a command: none may be found
	f.Add(least)
	f.Add("schema: [")
	f.Add("a: &a {<<: *a}\n")
	f.Add("? x\n: y\n")
	f.Add("roles: {x: {require: *r}}\n")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, content string) {
		path := filepath.Join(dir, "tenant.yaml")
		must(t, os.WriteFile(path, []byte(content), 0o600))
		_, err := config.Load(path)
		if err == nil {
			return
		}
		var wrong *config.Error
		if !errors.As(err, &wrong) || wrong.Mend == "" || strings.ContainsAny(err.Error(), "\r\n") {
			t.Errorf("error is %q", err)
		}
	})
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// Test admins are read as the first one is, and no account stands in the file twice.
func TestTestAdminsBesideTheFirst(t *testing.T) {
	const id = "77777777-2222-3333-4444-555555555555"
	t.Setenv("REPROMPT_PASSWORD", "pw")
	for _, row := range []struct{ name, list, want string }{
		{name: "no list", list: "{upn: b@contoso.example}", want: "tenant.yaml:8:1: test_admins is a mapping, want a list; write one account behind each hyphen"},
		{name: "no account", list: "[b@contoso.example]", want: "tenant.yaml:8:15: test_admins[0] is a text, want a mapping"},
		{name: "nothing to sign in with", list: "[{upn: b@contoso.example, object_id: " + id + "}]", want: "test_admins[0] has no password, no temporary access pass and no passkey"},
		{name: "a person", list: "[{upn: b@contoso.example, object_id: " + id + ", human: true}]", want: `unknown key "human" in test_admins[0]`},
		{name: "the first again", list: "[{upn: A@contoso.example, object_id: " + id + ", password_env: REPROMPT_PASSWORD}]", want: "test_admins[0] is an account that stands in the file already; name each account once"},
		{name: "one twice", list: "[{upn: b@contoso.example, object_id: " + id + ", password_env: REPROMPT_PASSWORD}, {upn: c@contoso.example, object_id: " + id + ", password_env: REPROMPT_PASSWORD}]", want: "test_admins[1] is an account that stands in the file already"},
		{name: "no id", list: "[{upn: b@contoso.example, password_env: REPROMPT_PASSWORD}]", want: "test_admins[0].object_id is missing"},
	} {
		t.Run(row.name, func(t *testing.T) {
			l := lab{dir: t.TempDir(), yaml: least + "test_admins: " + row.list + "\n"}
			if _, err := l.load(t); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("error is %v, want %s", err, row.want)
			}
		})
	}
	l := lab{dir: t.TempDir(), yaml: strings.Replace(least, "{upn: a@contoso.example, object_id: 44444444-2222-3333-4444-555555555555, password_env: REPROMPT_PASSWORD}", "{make: true, credential: passkey}", 1) +
		"test_admins: [{upn: b@contoso.example, object_id: " + id + ", password_env: REPROMPT_PASSWORD}]\n"}
	if _, err := l.load(t); err == nil || !strings.Contains(err.Error(), "test_admins stands beside an admin that is made for the run; leave it out, or name") {
		t.Errorf("beside one that is made: %v", err)
	}
}
