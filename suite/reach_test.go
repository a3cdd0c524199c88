package suite

import (
	"encoding/pem"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/fixtures"
)

// closedPort is an address at which nobody answers.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return "http://" + listener.Addr().String()
}

// foreignCA is a certificate that signed nothing of an embedded tenant.
func foreignCA(t *testing.T) []byte {
	t.Helper()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
}

func TestWrongTenantFileIsToldBeforeAnybodySignsIn(t *testing.T) {
	tenant := lab(t, true)
	dead := closedPort(t)
	for name, row := range map[string]struct {
		change func(*config.Tenant)
		says   []string
	}{
		"dead proxy":   {func(c *config.Tenant) { c.Proxy = dead }, []string{"the proxy " + dead + " does not answer: connection refused", "proxy in"}},
		"wrong CA":     {func(c *config.Tenant) { c.CA = foreignCA(t) }, []string{"the certificate of login.microsoftonline.com is not trusted", "ca_file"}},
		"no CA":        {func(c *config.Tenant) { c.CA = nil }, []string{"the certificate of login.microsoftonline.com is not trusted", "ca_file"}},
		"wrong domain": {func(c *config.Tenant) { c.Domain = "elsewhere.example" }, []string{"elsewhere.example is no domain of the tenant", "domain in " + tenant.File}},
		"nobody's id":  {func(c *config.Tenant) { c.Admin.ObjectID = "99999999-0000-4000-8000-000000000000" }, []string{"has no account", "admin.object_id in " + tenant.File}},
		"another user": {func(c *config.Tenant) { c.Admin.UPN = "ada@elsewhere.example" }, []string{"not ada@elsewhere.example", "admin.upn in " + tenant.File}},
	} {
		for _, realTime := range []bool{false, true} {
			changed := *tenant
			row.change(&changed)
			options := Options{Tenant: &changed, RealTime: realTime, EvidenceDir: filepath.Join(t.TempDir(), "evidence"), Names: []string{smoke}}
			_, err := Prove(t.Context(), options, ProveRequest{Roles: []string{embeddedRole}, Way: "graph"}, nil)
			wantRequirement(t, name+", prove", err, row.says)
			s, err := Open(t.Context(), options)
			wantRequirement(t, name+", run", err, row.says)
			if s != nil {
				t.Errorf("%s: a suite was opened", name)
			}
		}
	}
}

func wantRequirement(t *testing.T, name string, err error, says []string) {
	t.Helper()
	if requirement := new(RequirementError); !errors.As(err, &requirement) {
		t.Errorf("%s: error = %v, want a requirement", name, err)
		return
	}
	for _, text := range says {
		if !strings.Contains(err.Error(), text) || strings.Contains(err.Error(), "get user:") {
			t.Errorf("%s: error = %v, want it to say %q", name, err, text)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("%s: the error has more than one line: %v", name, err)
	}
}

// Two processes that prove the same admin within one time step must not send the same code.
func TestOneTimeCodesAreRememberedBesideTheJournal(t *testing.T) {
	tenant := lab(t, true)
	path, err := journalPath(tenant.TenantID)
	if err != nil {
		t.Fatal(err)
	}
	var first []bool
	for range 2 {
		journal, err := fixtures.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		p := placeOfFile(tenant)
		w, err := newWorld(t.Context(), p, worldOptions{runID: "run", journal: journal})
		if err != nil {
			t.Fatal(err)
		}
		fresh, err := p.used.Once(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
		if err != nil {
			t.Fatal(err)
		}
		first = append(first, fresh)
		w.close()
		if err := journal.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]bool{true, false}, first); diff != "" {
		t.Errorf("claims differ (-want +got):\n%s", diff)
	}
}
