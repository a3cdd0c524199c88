package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/suite"
)

// lab is an embedded tenant that is served as `reprompt emulator` serves it, and what this program itself
// does with it.
type lab struct {
	dir    string
	tenant *config.Tenant
	facts  facts
	proxy  *http.Client // behind the tenant's proxy, for Graph and the sign-in host
	direct *http.Client // for the control listener
	asked  map[string]int
	end    context.CancelFunc
	ended  chan error
}

// facts are what is needed of emulator.json.
type facts struct {
	Proxy        string `json:"proxy"`
	Control      string `json:"control"`
	ControlToken string `json:"control_token"`
	TenantID     string `json:"tenant_id"`
	FixturesApp  struct {
		ClientID     string `json:"client_id"`
		ClientSecret string `json:"client_secret"`
	} `json:"fixtures_app"`
}

// serve starts a tenant; its files go into dir.
func serve(ctx context.Context, dir string, sample bool) (*lab, error) {
	ctx, cancel := context.WithCancel(ctx)
	l := &lab{dir: dir, end: cancel, ended: make(chan error, 1), asked: map[string]int{}}
	serving := make(chan suite.EmulatorAccess, 1)
	go func() {
		l.ended <- suite.ServeEmulator(ctx, suite.EmulatorOptions{Dir: dir, Sample: sample, Serving: func(a suite.EmulatorAccess) { serving <- a }})
	}()
	select {
	case a := <-serving:
		return l, l.connect(a)
	case err := <-l.ended:
		cancel()
		return nil, err
	}
}

func (l *lab) close() {
	l.end()
	<-l.ended
	l.proxy.CloseIdleConnections()
	l.direct.CloseIdleConnections()
}

func (l *lab) connect(a suite.EmulatorAccess) error {
	data, err := os.ReadFile(a.AccessFile)
	if err == nil {
		err = json.Unmarshal(data, &l.facts)
	}
	if err != nil {
		return err
	}
	ca, err := os.ReadFile(a.CAFile)
	if err != nil {
		return err
	}
	proxy, err := url.Parse(l.facts.Proxy)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	l.proxy = &http.Client{Timeout: time.Minute, Transport: &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: roots}}}
	l.direct = &http.Client{Timeout: time.Minute, Transport: &http.Transport{}}
	l.tenant, err = tenantOf(a.TenantFile)
	return err
}

// prepare does what a fault does before the run.
func (l *lab) prepare(ctx context.Context, j job) error {
	var errs []error
	if j.Fault.Lag != nil {
		errs = append(errs, l.call(ctx, http.MethodPost, "/lag", j.Fault.Lag, nil))
	}
	if j.Fault.Settings != nil {
		errs = append(errs, l.call(ctx, http.MethodPost, "/settings", j.Fault.Settings, nil))
	}
	return errors.Join(errs...)
}

// inject adds a fault and returns its id.
func (l *lab) inject(ctx context.Context, c control) (string, error) {
	var made struct{ ID string }
	err := l.call(ctx, http.MethodPost, "/faults", c, &made)
	l.asked[made.ID] = max(c.Times, 1)
	return made.ID, err
}

// faultsLeft is how often each fault that is not used up could still strike.
func (l *lab) faultsLeft(ctx context.Context) (map[string]int, error) {
	var rows []struct {
		ID    string
		Times int
	}
	err := l.call(ctx, http.MethodGet, "/faults", nil, &rows)
	left := map[string]int{}
	for _, row := range rows {
		left[row.ID] = row.Times
	}
	return left, err
}

// lift takes every fault and lag away.
func (l *lab) lift(ctx context.Context) error {
	left, err := l.faultsLeft(ctx)
	for id := range left {
		err = errors.Join(err, l.call(ctx, http.MethodDelete, "/faults/"+id, nil, nil))
	}
	none := map[string]string{"policy": "0s", "context": "0s", "role_setting": "0s", "assignment": "0s", "sign_in_log": "0s"}
	err = errors.Join(err, l.call(ctx, http.MethodPost, "/lag", none, nil))
	// What was written under a lag takes effect now.
	return errors.Join(err, l.call(ctx, http.MethodPost, "/clock/advance", map[string]string{"duration": "5m"}, nil))
}

// call calls the control listener.
func (l *lab) call(ctx context.Context, method, path string, body, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, method, l.facts.Control+path+"?tenant="+l.facts.TenantID, bytes.NewReader(text))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+l.facts.ControlToken)
	return send(l.direct, request, into)
}

// send sends a request and reads the JSON that is answered.
func send(client *http.Client, request *http.Request, into any) error {
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return err
	case response.StatusCode >= http.StatusMultipleChoices:
		return fmt.Errorf("%s %s: %s: %s", request.Method, request.URL.Path, response.Status, bytes.TrimSpace(answer))
	case into == nil:
		return nil
	}
	return json.Unmarshal(answer, into)
}

// browser is the browser to use: the one that is found, or a script that starts it with more flags.
func (l *lab) browser(flags []string) (string, error) {
	if len(flags) == 0 {
		return "", nil
	}
	path, err := browserPath()
	if err != nil {
		return "", err
	}
	var quoted []string
	for _, flag := range flags {
		quoted = append(quoted, "'"+flag+"'")
	}
	script := filepath.Join(l.dir, "browser-headless.sh")
	text := "#!/bin/sh\nexec " + path + ` "$@" ` + strings.Join(quoted, " ") + "\n"
	return script, os.WriteFile(script, []byte(text), 0o700)
}

// browserPath is where a headless shell is, as the suite would find it.
func browserPath() (string, error) {
	if path := os.Getenv("REPROMPT_BROWSER"); path != "" {
		return exec.LookPath(path)
	}
	for _, name := range []string{"/usr/lib/chromium/chromium-headless-shell", "chromium-headless-shell", "chrome-headless-shell", "/usr/lib/chromium/chromium", "chromium", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no browser is found: make deps")
}
