package suite

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strconv"
	"text/template"
)

// tenantFile is a tenant file to be written.
type tenantFile struct {
	InitOptions
	readerKey, fixturesKey credentialFile
}

// initTemplate is a tenant file for people: they read it, change it, and keep it with their policies.
var initTemplate = template.Must(template.New("tenant.yaml").Funcs(template.FuncMap{"quote": strconv.Quote}).Parse(
	`# A tenant of Microsoft Entra for reprompt. It holds no secret; it says where they are.
# What each key means: the package comment of config, and docs/real-tenant.md.
schema: reprompt/tenant/v1
cloud: {{.Cloud}}
tenant_id: {{.TenantID}}
domain: {{quote .Domain}}
{{if .Reader}}
reader_app:                       # what prove and doctor read with; cannot write
{{range .Reader}}  {{.}}
{{end}}{{end}}{{if .Preparer}}
fixtures_app:                     # prepares a tenant for tests; delete this section on any other
{{range .Preparer}}  {{.}}
{{end}}{{end}}
harness_app:                      # public client, for the test admin only
  client_id: {{.HarnessID}}
  redirect_uri: {{quote .RedirectURI}}

admin:
  upn: {{quote .AdminUPN}}
  object_id: {{.AdminID}}
{{range .Admin}}  {{.}}
{{end}}
safety:
  tenant_ids: [{{.TenantID}}]
  break_glass: [{{range $i, $id := .BreakGlass}}{{if $i}}, {{end}}{{$id}}{{end}}]
  max_activations_per_day: 10
{{if .Roles}}
roles:                            # what a step-up must consist of: any, mfa, phishing-resistant
{{range .Roles}}  {{quote .}}: {require: any}
{{end}}{{end}}{{if .Proxy}}
proxy: {{quote .Proxy}}
{{end}}{{if .CAFile}}ca_file: {{quote .CAFile}}
{{end}}`))

// Reader are the lines of reader_app.
func (f *tenantFile) Reader() []string { return f.application(f.ReaderID, f.readerKey) }

// Preparer are the lines of fixtures_app; none where the tenant is only proved.
func (f *tenantFile) Preparer() []string {
	if f.FixturesID == "" {
		return nil
	}
	return f.application(f.FixturesID, f.fixturesKey)
}

func (f *tenantFile) application(clientID string, key credentialFile) []string {
	id := "client_id: " + clientID
	switch f.SignIn {
	case SignInAzureCLI:
		return []string{"azure_cli: true"}
	case SignInManaged:
		if clientID == "" {
			return []string{"managed_identity: true"}
		}
		return []string{id, "managed_identity: true"}
	case SignInWorkload:
		return []string{id, "workload_identity: true"}
	case SignInSecret:
		if key.name == "" {
			return []string{id, "client_secret_env: REPROMPT_CLIENT_SECRET"}
		}
		return []string{id, "client_secret_file: " + key.name}
	}
	if key.name == "" {
		return []string{id, "certificate_file: secrets/reader-app.pem"}
	}
	return []string{id, "certificate_file: " + key.name}
}

// write writes the keys and then the file, readable by their owner only.
func (f *tenantFile) write(report *InitReport) error {
	if f.CAFile != "" {
		absolute, err := filepath.Abs(f.CAFile)
		if err != nil {
			return required(err)
		}
		f.CAFile = absolute
	}
	var text bytes.Buffer
	if err := initTemplate.Execute(&text, f); err != nil {
		return fmt.Errorf("write tenant file: %w", err)
	}
	for _, key := range []credentialFile{f.readerKey, f.fixturesKey} {
		if key.name == "" {
			continue
		}
		path := filepath.Join(f.folder(), filepath.FromSlash(key.name))
		if err := writePrivate(path, []byte(key.content.Reveal())); err != nil {
			return requiredf("write a key: %w; choose another --out", err)
		}
		report.Secrets = append(report.Secrets, path)
	}
	if err := writePrivate(f.Path, text.Bytes()); err != nil {
		return requiredf("write the tenant file: %w; choose another --out", err)
	}
	report.TenantFile = f.Path
	return nil
}
