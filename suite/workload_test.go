package suite

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/doctor"
	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/verdict"
)

// readerToken is a token of the clinic's reader, which its secret gets: what another way of signing in as
// an application ends in, too.
func (c *clinic) readerToken() string {
	c.Helper()
	where := placeOfFile(c.tenant)
	text, err := c.connect(where).applicationTokens(where.reader).get(c.Context(), "")
	c.must(err)
	return text.Reveal()
}

// signInOf is what the doctor says of the sign-in of the application that reads.
func (c *clinic) signInOf() doctor.Check {
	c.Helper()
	report, err := Doctor(c.Context(), c.options)
	c.must(err)
	return report.Checks[0]
}

// proves runs a whole proof with the application as the tenant file has it now.
func (c *clinic) proves() {
	c.Helper()
	if proof := c.proved(Options{}, ProveRequest{Roles: []string{embeddedRole}})[0]; proof.Verdict.Outcome != verdict.Enforced {
		c.Errorf("verdict %+v, failure %+v", proof.Verdict, proof.Observation.Failure)
	}
}

// issuer is a service elsewhere, such as a cluster or a pipeline, that gives tokens to what runs there.
type issuer struct {
	key  *rsa.PrivateKey
	file string
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return &issuer{key: key, file: filepath.Join(t.TempDir(), "token")}
}

func (i *issuer) publicKey(c *clinic) string {
	der, err := x509.MarshalPKIXPublicKey(&i.key.PublicKey)
	c.must(err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// write puts a token into the file that AZURE_FEDERATED_TOKEN_FILE names.
func (i *issuer) write(c *clinic, key *rsa.PrivateKey, changed map[string]any) {
	c.Helper()
	now := c.world.clock.Now()
	claims := jwt.MapClaims{
		"iss": "https://cluster.example", "sub": "system:serviceaccount:tests:reprompt", "aud": "api://AzureADTokenExchange",
		"iat": now.Unix(), "exp": now.Add(24 * time.Hour).Unix(),
	}
	for name, value := range changed {
		claims[name] = value
	}
	text, err := jwt.NewWithClaims(jwt.SigningMethodRS256, claims).SignedString(key)
	c.must(err)
	c.must(os.WriteFile(i.file, []byte(text), 0o600))
}

// A federated token, as a cluster writes it into a file, signs the reader in; one that the registration
// does not name is refused, and the doctor says what of it.
func TestAReaderWithAFederatedTokenProves(t *testing.T) {
	c := newClinic(t)
	from := newIssuer(t)
	var made struct {
		ClientID string `json:"client_id"`
	}
	c.must(c.world.place.control.call(t.Context(), http.MethodPost, "/applications", c.tenant.TenantID, map[string]any{
		"display_name": "reader of the cluster", "platform": "web", "app_roles": append([]string{"Application.Read.All"}, readerRoles...),
		"federated": map[string]string{"issuer": "https://cluster.example", "subject": "system:serviceaccount:tests:reprompt", "public_key": from.publicKey(c)},
	}, &made))
	c.tenant.ReaderApp = &config.Application{ClientID: made.ClientID, WorkloadIdentity: true}
	t.Setenv("AZURE_FEDERATED_TOKEN_FILE", from.file)
	stranger := newIssuer(t)
	for name, row := range map[string]struct {
		key     *rsa.PrivateKey
		changed map[string]any
		says    string
		mend    string
	}{
		"another issuer":  {from.key, map[string]any{"iss": "https://elsewhere.example"}, "AADSTS700211", "mend the issuer"},
		"another subject": {from.key, map[string]any{"sub": "System:ServiceAccount:tests:reprompt"}, "AADSTS700213", "mend the subject"},
		"another service": {from.key, map[string]any{"aud": "https://kubernetes.default"}, "AADSTS700212", "mend the audience"},
		"an old token":    {from.key, map[string]any{"exp": c.world.clock.Now().Add(-time.Hour).Unix()}, "AADSTS50013", ""},
		"a forged token":  {stranger.key, nil, "AADSTS50013", ""},
	} {
		from.write(c, row.key, row.changed)
		if got := c.signInOf(); got.Result != doctor.Failed || !strings.Contains(got.Found, row.says) || !strings.Contains(got.Mend, row.mend) {
			t.Errorf("%s: %+v, want %s", name, got, row.says)
		}
	}
	from.write(c, from.key, nil)
	if got := c.signInOf(); got.Result != doctor.OK || !strings.Contains(got.Found, made.ClientID) {
		t.Errorf("%+v", got)
	}
	c.proves()
}

// endpoint is the service of a machine that gives its identity's tokens (the form of Azure App Service),
// which it hands out as the clinic's reader. It notes for whom it was asked.
func endpoint(c *clinic) (asked *[]string) {
	c.Helper()
	asked = new([]string)
	token := c.readerToken()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-IDENTITY-HEADER") != "of-this-machine" || r.URL.Query().Get("resource") != "https://graph.microsoft.com" {
			http.Error(w, `{"error":"unauthorized"}`, http.StatusUnauthorized)
			return
		}
		*asked = append(*asked, r.URL.Query().Get("client_id"))
		_ = json.NewEncoder(w).Encode(map[string]string{
			"access_token": token, "token_type": "Bearer", "resource": "https://graph.microsoft.com", "expires_on": fmt.Sprint(time.Now().Add(time.Hour).Unix()),
		})
	}))
	c.Cleanup(server.Close)
	c.Setenv("IDENTITY_ENDPOINT", server.URL)
	c.Setenv("IDENTITY_HEADER", "of-this-machine")
	return asked
}

// The identity of the machine, and one that is assigned to it, sign the reader in.
func TestAReaderWithAManagedIdentityProves(t *testing.T) {
	for name, clientID := range map[string]string{"the machine's own": "", "an assigned one": "77777777-2222-4333-8444-555555555555"} {
		t.Run(name, func(t *testing.T) {
			c := newClinic(t)
			asked := endpoint(c)
			c.tenant.ReaderApp = &config.Application{ClientID: clientID, ManagedIdentity: true}
			if got := c.signInOf(); got.Result != doctor.OK {
				t.Errorf("%+v", got)
			}
			c.proves()
			if len(*asked) == 0 || (*asked)[0] != clientID {
				t.Errorf("the endpoint was asked for %q, want %q", *asked, clientID)
			}
		})
	}
}

// cli puts an `az` before all others in PATH, which prints what a file beside it holds, and notes how it was
// called.
func cli(c *clinic) (folder string) {
	c.Helper()
	folder = c.TempDir()
	script := "#!/bin/sh\necho \"$*\" >>" + folder + "/calls\ntest -s " + folder + "/answer || { echo 'ERROR: Please run az login to setup account.' >&2; exit 1; }\ncat " + folder + "/answer\n"
	c.must(os.WriteFile(filepath.Join(folder, "az"), []byte(script), 0o700))
	c.Setenv("PATH", folder+string(os.PathListSeparator)+os.Getenv("PATH"))
	return folder
}

// answers is what the Azure CLI prints of a token.
func (c *clinic) answers(folder, token string) {
	c.Helper()
	text, err := json.Marshal(map[string]any{"accessToken": token, "expires_on": time.Now().Add(time.Hour).Unix(), "tenant": c.tenant.TenantID, "tokenType": "Bearer"})
	c.must(err)
	c.must(os.WriteFile(filepath.Join(folder, "answer"), text, 0o600))
}

// Whoever is signed in to the Azure CLI lends the sign-in to the reader, and to init.
func TestAReaderWithTheAzureCLIProves(t *testing.T) {
	c := newClinic(t)
	token := c.readerToken()
	folder := cli(c)
	c.tenant.ReaderApp = &config.Application{AzureCLI: true}
	if got := c.signInOf(); got.Result != doctor.Failed || !strings.Contains(got.Found, "az login") {
		t.Errorf("nobody is signed in: %+v", got)
	}
	c.answers(folder, token)
	if got := c.signInOf(); got.Result != doctor.OK {
		t.Errorf("%+v", got)
	}
	c.proves()
	calls, err := os.ReadFile(filepath.Join(folder, "calls"))
	c.must(err)
	if want := "account get-access-token -o json --resource https://graph.microsoft.com --tenant " + c.tenant.TenantID + "\n"; !strings.HasPrefix(string(calls), want) {
		t.Errorf("az was called with %q, want %q", calls, want)
	}
}

func TestInitSignsInWithTheAzureCLI(t *testing.T) {
	c := newClinic(t)
	options := c.asSetup()
	where := placeOfFile(c.tenant)
	where.app = withSecret(c.setupID, secret.New(os.Getenv("AZURE_CLIENT_SECRET")))
	token, err := c.connect(where).tokens.get(t.Context(), "")
	c.must(err)
	folder := cli(c)
	options.As = "" // the Azure CLI
	_, err = Init(t.Context(), options)
	wantRequirement(t, "nobody is signed in", err, []string{"az login"})
	c.answers(folder, token.Reveal())
	report, err := Init(t.Context(), options)
	c.must(err)
	tenant, err := config.Load(report.TenantFile)
	c.must(err)
	if removed, err := RemoveInit(t.Context(), InitRemoval{Tenant: tenant}); err != nil || len(report.Registered) != 2 || len(removed.Items) != 2 {
		t.Errorf("registered %v, removed %+v, %v", report.Registered, removed, err)
	}
}
