package suite

import (
	"bufio"
	"encoding/json"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/verdict"
)

// elsewhere starts a browser as somebody else would, in a process of its own with a DevTools port.
func elsewhere(t *testing.T) secret.Text {
	t.Helper()
	found, err := browser.Find(os.Getenv("REPROMPT_BROWSER"))
	if err != nil {
		t.Fatal(err)
	}
	folder, err := os.MkdirTemp("", "reprompt-remote-")
	if err != nil {
		t.Fatal(err)
	}
	flags := []string{"--headless", "--no-first-run", "--remote-debugging-port=0", "--user-data-dir=" + folder, "about:blank"}
	if os.Getuid() == 0 {
		flags = append(flags, "--no-sandbox")
	}
	command := exec.Command(found.Path, flags...)
	said, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	addresses, ended := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(ended)
		for lines := bufio.NewScanner(said); lines.Scan(); {
			if address, ok := strings.CutPrefix(lines.Text(), "DevTools listening on "); ok {
				addresses <- address
			}
		}
		_ = command.Wait()
		close(addresses)
	}()
	t.Cleanup(func() {
		_ = command.Process.Signal(os.Interrupt)
		<-ended
		_ = os.RemoveAll(folder)
	})
	address := <-addresses
	if address == "" {
		t.Fatal("the browser said no address of its DevTools port")
	}
	return secret.New(address)
}

// A role is proved in a browser that somebody else started: on an embedded tenant, whose proxy and authority
// the browser was not started with, and on one of a file, where the browser itself is held to the hosts. The
// evidence says that it was remote, and holds nothing of its address.
func TestARoleIsProvedInARemoteBrowser(t *testing.T) {
	address := elsewhere(t)
	for name, row := range map[string]struct {
		tenant *config.Tenant
		way    verdict.Way
	}{
		"embedded tenant": {nil, verdict.WayPortal},
		"tenant file":     {lab(t, true), verdict.WayPortal},
		"through Graph":   {lab(t, true), verdict.WayGraph},
	} {
		t.Run(name, func(t *testing.T) {
			options := Options{Tenant: row.tenant, EvidenceDir: t.TempDir(), BrowserURL: address}
			proofs, err := Prove(t.Context(), options, ProveRequest{Roles: []string{embeddedRole}, Way: row.way}, nil)
			if err != nil || proofs[0].Verdict == nil || proofs[0].Verdict.Outcome != verdict.Enforced {
				t.Fatalf("proofs = %+v, %v", proofs, err)
			}
			var record struct {
				Browser struct{ Name, Version, SHA256 string }
			}
			raw, err := os.ReadFile(filepath.Join(proofs[0].Evidence, "run.json"))
			if err != nil || json.Unmarshal(raw, &record) != nil {
				t.Fatal(err)
			}
			if b := record.Browser; b.Name != browser.RemoteName || !strings.Contains(b.Version, "Chrome/") || b.SHA256 != "" {
				t.Errorf("browser of the evidence: %+v", b)
			}
			mustHoldNothing(t, proofs[0].Evidence, browser.RemoteSecrets(address))
		})
	}
}

func mustHoldNothing(t *testing.T, dir string, secrets []secret.Text) {
	t.Helper()
	if len(secrets) < 2 {
		t.Fatalf("%d parts of the address are secret, want its id too", len(secrets))
	}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		for _, s := range secrets {
			if strings.Contains(string(content), s.Reveal()) {
				t.Errorf("%s holds a part of the browser's address", path)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A page of a remote browser that asks for a host that is not on the list does not get it, and it is named.
func TestARemoteBrowserIsHeldToTheListOfTheTenant(t *testing.T) {
	const host = "login.microsoftonline.com"
	tenant := lab(t, true)
	var watch strings.Builder
	options := Options{Tenant: tenant, EvidenceDir: t.TempDir(), Progress: &watch, browserHosts: without(tenant, host), BrowserURL: elsewhere(t)}
	proofs, err := Prove(t.Context(), options, ProveRequest{Roles: []string{embeddedRole}, Way: verdict.WayGraph}, nil)
	if err != nil || proofs[0].Verdict == nil {
		t.Fatalf("proofs = %+v, %v", proofs, err)
	}
	reason := proofs[0].Verdict.Reasons[0]
	if reason.Code != verdict.HostRefused || !strings.Contains(reason.Text, "--allow-host "+host) || !strings.Contains(watch.String(), "--allow-host "+host) {
		t.Errorf("reason %+v; said: %s", reason, watch.String())
	}
}

// A remote browser that cannot be used is a requirement that is missing, said before anything is written, and
// without its address.
func TestARemoteBrowserThatCannotBeUsed(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "ws://" + listener.Addr().String() + "/devtools/browser/the-id-of-it"
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		options Options
		want    string
	}{
		"nobody is there":        {Options{BrowserURL: secret.New(nobody)}, "nothing answers there"},
		"of another machine":     {Options{BrowserURL: secret.New("wss://browser.example/the-id-of-it")}, "the embedded tenant answers on this machine only"},
		"with a window":          {Options{BrowserURL: secret.New(nobody), Headed: true}, "--headed shows a window"},
		"and one of here":        {Options{BrowserURL: secret.New(nobody), BrowserPath: "chromium"}, "named twice"},
		"a page of its DevTools": {Options{BrowserURL: secret.New("http://127.0.0.1:9222/the-id-of-it")}, "webSocketDebuggerUrl"},
	} {
		t.Run(name, func(t *testing.T) {
			row.options.EvidenceDir = filepath.Join(t.TempDir(), "evidence")
			_, err := Prove(t.Context(), row.options, ProveRequest{Roles: []string{embeddedRole}, Way: verdict.WayGraph}, nil)
			if requirement := new(RequirementError); !errors.As(err, &requirement) || !strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), "the-id-of-it") {
				t.Errorf("error %v, want a requirement with %q and without the address", err, row.want)
			}
		})
	}
}

// A cleanup gives roles back in the remote browser that it is given, held to the hosts of the tenant. One that cannot
// be used is named before the tenant is touched, and the journal keeps what it holds.
func TestACleanupWorksInTheBrowserItIsGiven(t *testing.T) {
	tenant := lab(t, true)
	options := CleanupOptions{Tenant: tenant, BrowserURL: elsewhere(t)}
	p, err := options.place()
	if err != nil {
		t.Fatal(err)
	}
	b := &onDemand{options: options.browser(), place: p}
	defer b.close()
	running, err := b.get(t.Context())
	if err != nil || !strings.Contains(running.Version(), "Chrome/") || b.running.list == nil || b.running.fence != nil {
		t.Errorf("browser %+v, %v: want the remote one, with a list of hosts", b.running, err)
	}
}

func TestACleanupThatCannotUseItsBrowserTouchesNothing(t *testing.T) {
	for name, with := range map[string]CleanupOptions{
		"named twice":         {BrowserURL: secret.New("ws://127.0.0.1:1/x"), BrowserPath: "chromium"},
		"of another machine":  {BrowserURL: secret.New("wss://browser.example/x")},
		"a host that is none": {AllowHosts: []string{"https://x.example"}},
	} {
		t.Run(name, func(t *testing.T) {
			with.Tenant = leftTenant(t)
			report, err := Cleanup(t.Context(), with)
			requirement, left := new(RequirementError), new(NotRestoredError)
			if !errors.As(err, &requirement) || errors.As(err, &left) || report != nil {
				t.Errorf("report %+v, error %v, want a requirement that is missing", report, err)
			}
			after, err := Cleanup(t.Context(), CleanupOptions{Tenant: with.Tenant, DryRun: true})
			if after == nil || after.Pending != 1 {
				t.Errorf("the journal then: %+v, %v", after, err)
			}
		})
	}
}

// A remote browser accepts any certificate only where all that it reaches is an embedded tenant of this machine.
func TestOnlyATenantOfThisMachineIsReachedWithoutItsCertificate(t *testing.T) {
	emulated := &control{}
	for _, row := range []struct {
		proxy   string
		control *control
		want    bool
	}{
		{"http://127.0.0.1:8080", emulated, true},
		{"http://localhost:8080", emulated, true},
		{"http://[::1]:8080", emulated, true},
		{"http://127.0.0.1:8080", nil, false}, // a real tenant behind a proxy of this machine
		{"http://proxy.example:8080", emulated, false},
		{"http://localhost.example:8080", emulated, false},
		{"", emulated, false},
	} {
		if got := (place{proxy: row.proxy, control: row.control}).leadsNowhereElse(); got != row.want {
			t.Errorf("%q, embedded %v: %v, want %v", row.proxy, row.control != nil, got, row.want)
		}
	}
}
