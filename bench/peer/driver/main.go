// Driver runs the peer's scenarios with the page objects of reprompt under godog. Facts of the
// embedded tenant and where to write the results are in the environment, as for the peer.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/cucumber/godog"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/browser/entra"
	"github.com/reprompt/reprompt/secret"
	_ "github.com/reprompt/reprompt/suite" // what the real program holds in memory is held here too
)

const redirect = "http://localhost/"

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(features []string) error {
	d := &driver{results: os.Getenv("PEER_RESULTS")}
	if err := json.Unmarshal([]byte(os.Getenv("PEER_FACTS")), &d.facts); err != nil {
		return fmt.Errorf("read PEER_FACTS: %w", err)
	}
	found, err := browser.Find(os.Getenv("PEER_BROWSER"))
	if err != nil {
		return err
	}
	started, err := browser.Start(context.Background(), browser.Options{
		Installation: found, Proxy: d.facts.Proxy, TrustSPKI: []string{os.Getenv("PEER_SPKI")},
	})
	if err != nil {
		return err
	}
	d.browser = started
	status := godog.TestSuite{
		ScenarioInitializer: d.scenario,
		Options:             &godog.Options{Format: "progress", Output: io.Discard, Paths: features, Strict: true},
	}.Run()
	if status != 0 {
		err = fmt.Errorf("godog ended with status %d", status)
	}
	return errors.Join(err, started.Close())
}

// facts are what the embedded tenant tells of itself.
type facts struct {
	Proxy   string `json:"proxy"`
	Control string `json:"control"`
	Token   string `json:"control_token"`
}

// tenant is one tenant of it.
type tenant struct {
	ID    string `json:"tenant_id"`
	Admin struct {
		UPN      string `json:"upn"`
		Password string `json:"password"`
		TOTP     string `json:"totp_secret"`
	} `json:"admin"`
	Harness struct {
		ClientID    string `json:"client_id"`
		RedirectURI string `json:"redirect_uri"`
	} `json:"harness_app"`
}

type driver struct {
	facts   facts
	results string
	browser *browser.Browser
}

// scenario is one scenario under way.
type scenario struct {
	*driver
	tenant    tenant
	session   *browser.Session
	tab       *browser.Tab
	offset    time.Duration
	back      *url.URL
	asked     []string
	portal    *entra.Portal
	activated entra.Activated
}

func (d *driver) scenario(sc *godog.ScenarioContext) {
	s := &scenario{driver: d}
	var began time.Time
	sc.Before(func(ctx context.Context, _ *godog.Scenario) (context.Context, error) {
		began = time.Now()
		session, err := d.browser.NewSession(ctx)
		if err != nil {
			return ctx, err
		}
		s.session = session
		s.tab, err = session.NewTab(ctx)
		return ctx, err
	})
	sc.After(func(ctx context.Context, scenario *godog.Scenario, failed error) (context.Context, error) {
		err := s.session.Close(ctx)
		return ctx, errors.Join(err, d.record(scenario.Name, failed, time.Since(began)))
	})
	sc.Given(`^a new tenant$`, func(ctx context.Context) error { return s.newTenant(ctx, `{}`) })
	sc.Given(`^a new tenant in which the role is protected$`, func(ctx context.Context) error { return s.newTenant(ctx, `{"sample":true}`) })
	sc.When(`^the admin signs in to the application$`, s.signsIn)
	sc.Then(`^the application is given a code$`, s.hasCode)
	sc.When(`^the admin opens My roles$`, s.opensMyRoles)
	sc.When(`^eleven minutes pass$`, s.elevenMinutes)
	sc.When(`^the admin activates the role$`, s.activates)
	sc.Then(`^a credential was asked for on the way$`, s.wasAsked)
	sc.Then(`^the portal says that the role is active$`, s.isActive)
}

func (d *driver) record(name string, failed error, took time.Duration) error {
	line, err := json.Marshal(map[string]any{"scenario": name, "passed": failed == nil, "ms": float64(took.Microseconds()) / 1000})
	if err != nil {
		return err
	}
	file, err := os.OpenFile(d.results, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(append(line, '\n'))
	return errors.Join(err, file.Close())
}

// control makes one call of the control listener.
func (d *driver) control(ctx context.Context, path, body string, out any) error {
	method := http.MethodGet
	if body != "" {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, d.facts.Control+path, bytes.NewBufferString(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+d.facts.Token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusCreated {
		return fmt.Errorf("%s: HTTP %d", path, resp.StatusCode)
	}
	return json.NewDecoder(resp.Body).Decode(out)
}

func (s *scenario) newTenant(ctx context.Context, body string) error {
	return s.control(ctx, "/tenants", body, &s.tenant)
}

func (s *scenario) signIn() *entra.SignIn {
	return &entra.SignIn{
		Tab:   s.tab,
		Admin: entra.Admin{UPN: s.tenant.Admin.UPN, Password: secret.New(s.tenant.Admin.Password), TOTP: secret.New(s.tenant.Admin.TOTP)},
		Now:   func() time.Time { return time.Now().Add(s.offset) }, NoPictures: true,
		OnPage: func(v entra.Visit) {
			if v.StoodStill && v.Factor != "" {
				s.asked = append(s.asked, v.Factor)
			}
		},
	}
}

func (s *scenario) signsIn(ctx context.Context) (err error) {
	query := url.Values{
		"client_id": {s.tenant.Harness.ClientID}, "response_type": {"code"}, "redirect_uri": {s.tenant.Harness.RedirectURI},
		"scope": {"openid profile"}, "state": {"1"}, "nonce": {"2"},
		"code_challenge_method": {"S256"}, "code_challenge": {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"},
	}
	authorize, err := url.Parse("https://login.microsoftonline.com/" + s.tenant.ID + "/oauth2/v2.0/authorize?" + query.Encode())
	if err != nil {
		return err
	}
	s.back, err = s.signIn().Authorize(ctx, authorize, s.tenant.Harness.RedirectURI)
	return err
}

func (s *scenario) hasCode() error {
	if s.back.Query().Get("code") == "" {
		return fmt.Errorf("sent back to %s without a code", redirect)
	}
	return nil
}

func (s *scenario) opensMyRoles(ctx context.Context) error {
	s.portal = &entra.Portal{Tab: s.tab, URL: "https://entra.microsoft.com", SignIn: s.signIn()}
	return s.portal.OpenMyRoles(ctx)
}

func (s *scenario) elevenMinutes(ctx context.Context) error {
	s.asked = nil
	var clock struct {
		Now time.Time `json:"now"`
	}
	if err := s.control(ctx, "/clock/advance?tenant="+s.tenant.ID, `{"duration":"11m"}`, &clock); err != nil {
		return err
	}
	s.offset = time.Until(clock.Now)
	return nil
}

func (s *scenario) activates(ctx context.Context) (err error) {
	s.activated, err = s.portal.Activate(ctx, "Application Administrator", entra.ActivateOptions{Reason: "measured"})
	return err
}

func (s *scenario) wasAsked() error {
	if !strings.Contains(strings.Join(s.asked, " "), entra.FactorPassword) {
		return fmt.Errorf("asked for %q", s.asked)
	}
	return nil
}

func (s *scenario) isActive() error {
	if s.activated.Outcome != entra.OutcomeActive {
		return fmt.Errorf("the portal says %q", s.activated.Outcome)
	}
	return nil
}
