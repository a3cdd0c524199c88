package suite

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"text/template"
	"time"

	"github.com/reprompt/reprompt/emulator"
)

// EmulatorOptions say how to serve the embedded tenant to other programs.
type EmulatorOptions struct {
	// Dir is where the files go; made when it is not there. Required.
	Dir string
	// Sample has the four settings right for Application Administrator.
	Sample bool
	// Seed is what ids, order and latency come from; 0 means a new one.
	Seed uint64
	// Adversarial varies what a real tenant may vary: languages, orders, pages in between, latency.
	Adversarial bool
	// ProxyAddress, AuthorityAddress and ControlAddress are loopback addresses to listen on; empty
	// means a free port.
	ProxyAddress, AuthorityAddress, ControlAddress string
	// Serving is called once everything is written and served.
	Serving func(EmulatorAccess)
}

// EmulatorAccess says how the embedded tenant is reached. It holds no secret.
type EmulatorAccess struct {
	TenantFile string // ready for --tenant
	CAFile     string
	AccessFile string // emulator.json
	Proxy      string // URL
	Authority  string // URL: the tenant at its own address, for clients without the proxy
	Control    string // URL
	Seed       uint64
}

// ServeEmulator serves the embedded tenant until ctx ends, which is no error. It writes into
// Options.Dir:
//
//	tenant.yaml      a tenant file
//	ca.pem           the certificate authority of this start
//	emulator.json    everything, for programs: reprompt/emulator/v1
//	secrets/         the secrets that tenant.yaml names, one each
//
// The secrets and emulator.json can be read by their owner only. The error is a *RequirementError
// when the user can mend it, for example a port in use.
func ServeEmulator(ctx context.Context, options EmulatorOptions) error {
	if err := alreadyServed(ctx, options.Dir); err != nil {
		return err
	}
	server, err := emulator.Start(ctx, emulator.Options{
		Seed: options.Seed, Sample: options.Sample, Adversarial: options.Adversarial,
		ListenProxy: options.ProxyAddress, ListenDirect: options.AuthorityAddress, ListenControl: options.ControlAddress,
	})
	if errors.Is(err, addressInUse) {
		return requiredf("start the embedded tenant: %w; end what uses the port, or choose another with --proxy, --authority or --control", err)
	}
	if err != nil {
		return requiredf("start the embedded tenant: %w", err)
	}
	files, err := writeAccess(options.Dir, server)
	if err != nil {
		return errors.Join(err, server.Close())
	}
	if options.Serving != nil {
		options.Serving(files)
	}
	<-ctx.Done()
	return server.Close()
}

// alreadyServed refuses a folder from which another emulator serves: its clients would be left with
// files that no longer fit. Files of one that has ended are overwritten. That the listener takes the
// token of the file tells the emulator from another program on its port.
func alreadyServed(ctx context.Context, dir string) error {
	data, err := os.ReadFile(filepath.Join(dir, "emulator.json"))
	if err != nil {
		return nil // never served from, or not ours to read: writing says so
	}
	var a access
	if json.Unmarshal(data, &a) != nil || a.Control == "" {
		return nil
	}
	c := &control{url: a.Control, token: a.ControlToken, http: &http.Client{Timeout: servedWithin}}
	if _, err := c.requests(ctx, ""); err != nil {
		return nil
	}
	return requiredf("%s: the emulator with process id %d still serves from it; end that one, or choose another --dir", dir, a.PID)
}

// servedWithin bounds the question whether another emulator is there.
const servedWithin = 5 * time.Second

// writeAccess writes the files of an emulator.
func writeAccess(dir string, server *emulator.Server) (EmulatorAccess, error) {
	a, err := accessOf(server)
	if err != nil {
		return EmulatorAccess{}, err
	}
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return EmulatorAccess{}, required(err)
	}
	tenantFile, err := tenantFileOf(a)
	if err != nil {
		return EmulatorAccess{}, err
	}
	accessFile, err := json.MarshalIndent(server.Access(), "", "  ") // with its secrets, which ours would not print
	if err != nil {
		return EmulatorAccess{}, fmt.Errorf("write emulator.json: %w", err)
	}
	// The tenant file comes last: whoever waits for it finds the others.
	for _, file := range []struct {
		name    string
		content []byte
	}{
		{"ca.pem", server.Access().CAPEM},
		{"secrets/fixtures-app", []byte(a.FixturesApp.ClientSecret.Reveal())},
		{"secrets/reader-app", []byte(a.ReaderApp.ClientSecret.Reveal())},
		{"secrets/setup-app", []byte(a.SetupApp.ClientSecret.Reveal())},
		{"secrets/password", []byte(a.Admin.Password.Reveal())},
		{"secrets/totp-secret", []byte(a.Admin.TOTPSecret.Reveal())},
		{"secrets/control-token", []byte(a.ControlToken.Reveal())},
		{"emulator.json", append(accessFile, '\n')},
		{"tenant.yaml", tenantFile},
	} {
		if err := writePrivate(filepath.Join(absolute, filepath.FromSlash(file.name)), file.content); err != nil {
			return EmulatorAccess{}, requiredf("write the emulator's files: %w; choose another --dir", err)
		}
	}
	return EmulatorAccess{
		TenantFile: filepath.Join(dir, "tenant.yaml"), CAFile: filepath.Join(dir, "ca.pem"),
		AccessFile: filepath.Join(dir, "emulator.json"), Proxy: a.Proxy, Authority: a.Authority, Control: a.Control, Seed: server.Seed(),
	}, nil
}

// accessOf reads the emulator's own description as another program would read its file.
func accessOf(server *emulator.Server) (access, error) {
	var a access
	data, err := json.Marshal(server.Access())
	if err == nil {
		err = json.Unmarshal(data, &a)
	}
	if err != nil {
		return a, fmt.Errorf("read the emulator's description: %w", err)
	}
	return a, nil
}

// writePrivate writes a file that only its owner may read, whole or not at all.
func writePrivate(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), ".new-*") // 0600 (documented)
	if err != nil {
		return err
	}
	_, err = temporary.Write(content)
	err = errors.Join(err, temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary.Name()))
	}
	return nil
}

// tenantTemplate is the tenant file of an embedded tenant. The limit on activations is there for
// real admins.
var tenantTemplate = template.Must(template.New("tenant.yaml").Funcs(template.FuncMap{"quote": strconv.Quote}).Parse(
	`# The embedded tenant that "reprompt emulator" serves. It ends with that command.
schema: reprompt/tenant/v1
cloud: public
tenant_id: {{.TenantID}}
domain: {{.Domain}}

fixtures_app:
  client_id: {{.FixturesApp.ClientID}}
  client_secret_file: secrets/fixtures-app
reader_app:
  client_id: {{.ReaderApp.ClientID}}
  client_secret_file: secrets/reader-app
harness_app:
  client_id: {{.HarnessApp.ClientID}}
  redirect_uri: {{quote .HarnessApp.RedirectURI}}
admin:
  upn: {{quote .Admin.UPN}}
  object_id: {{.Admin.ObjectID}}
  password_file: secrets/password
  totp_secret_file: secrets/totp-secret

safety:
  tenant_ids: [{{.TenantID}}]
  break_glass: []
  max_activations_per_day: 10000

proxy: {{quote .Proxy}}
ca_file: ca.pem
test_clock:
  url: {{quote .Control}}
  token_file: secrets/control-token
`))

func tenantFileOf(a access) ([]byte, error) {
	var b bytes.Buffer
	if err := tenantTemplate.Execute(&b, a); err != nil {
		return nil, fmt.Errorf("write tenant.yaml: %w", err)
	}
	return b.Bytes(), nil
}
