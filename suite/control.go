package suite

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/reprompt/reprompt/await"
	"github.com/reprompt/reprompt/secret"
)

// control drives an embedded tenant over its control listener, the way any other program
// would: the suite and the emulator share no type.
type control struct {
	url   string
	token secret.Text
	http  *http.Client
}

// clock is the clock of one of its tenants, which is moved instead of waited for.
func (c *control) clock(tenantID string) *await.TestClock {
	return await.NewTestClock(c.url, c.token.Reveal, tenantID, c.http)
}

// controlWithin bounds one call of the control listener, which is on this machine.
const controlWithin = 30 * time.Second

// controlAnswer bounds what is read of one of its answers; the largest is the list of what a tenant was
// asked.
const controlAnswer = 64 << 20

// access is what the control listener says about one tenant; the shape of emulator.json.
type access struct {
	Schema       string      `json:"schema"`
	Proxy        string      `json:"proxy"`
	CA           string      `json:"ca"`
	Authority    string      `json:"authority"`
	GraphBase    string      `json:"graph_base"`
	Control      string      `json:"control"`
	ControlToken secret.Text `json:"control_token"`
	TenantID     string      `json:"tenant_id"`
	Domain       string      `json:"domain"`
	Admin        struct {
		UPN        string      `json:"upn"`
		ObjectID   string      `json:"object_id"`
		Password   secret.Text `json:"password"`
		TOTPSecret secret.Text `json:"totp_secret"`
	} `json:"admin"`
	FixturesApp struct {
		ClientID     string      `json:"client_id"`
		ClientSecret secret.Text `json:"client_secret"`
	} `json:"fixtures_app"`
	ReaderApp struct {
		ClientID     string      `json:"client_id"`
		ClientSecret secret.Text `json:"client_secret"`
	} `json:"reader_app"`
	SetupApp struct {
		ClientID     string      `json:"client_id"`
		ClientSecret secret.Text `json:"client_secret"`
	} `json:"setup_app"`
	HarnessApp struct {
		ClientID    string `json:"client_id"`
		RedirectURI string `json:"redirect_uri"`
	} `json:"harness_app"`
	PID int `json:"pid"`
}

// request is one request that reached the embedded tenant.
type request struct {
	At          time.Time `json:"at"`
	Tenant      string    `json:"tenant"`
	Method      string    `json:"method"`
	URL         string    `json:"url"`
	Status      int       `json:"status"`
	Unmodelled  bool      `json:"unmodelled"`
	RefusedHost bool      `json:"refused_host"`
}

// newTenant makes a fresh tenant: Entra's defaults, or with sample the four settings right.
func (c *control) newTenant(ctx context.Context, sample bool) (access, error) {
	var a access
	err := c.call(ctx, http.MethodPost, "/tenants", "", map[string]bool{"sample": sample}, &a)
	return a, err
}

func (c *control) deleteTenant(ctx context.Context, id string) error {
	return c.call(ctx, http.MethodDelete, "/tenants/"+url.PathEscape(id), "", nil, nil)
}

func (c *control) settings(ctx context.Context, tenant string, changed map[string]any) error {
	return c.call(ctx, http.MethodPost, "/settings", tenant, changed, nil)
}

func (c *control) requests(ctx context.Context, tenant string) ([]request, error) {
	var all []request
	err := c.call(ctx, http.MethodGet, "/requests", tenant, nil, &all)
	return all, err
}

func (c *control) call(ctx context.Context, method, path, tenant string, body, answer any) error {
	what := method + " " + path
	req, err := c.request(ctx, method, path, tenant, body)
	if err != nil {
		return fmt.Errorf("ask the control listener, %s: %w", what, err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("ask the control listener, %s: %w", what, err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, controlAnswer))
	if err != nil {
		return fmt.Errorf("read the control listener's answer to %s: %w", what, err)
	}
	if resp.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("ask the control listener, %s: it answered %d: %s", what, resp.StatusCode, strings.TrimSpace(string(data)))
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(data, answer); err != nil {
		return fmt.Errorf("read the control listener's answer to %s: %w", what, err)
	}
	return nil
}

func (c *control) request(ctx context.Context, method, path, tenant string, body any) (*http.Request, error) {
	var reader io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		reader = bytes.NewReader(data)
	}
	target := c.url + path
	if tenant != "" {
		target += "?tenant=" + url.QueryEscape(tenant)
	}
	req, err := http.NewRequestWithContext(ctx, method, target, reader)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token.Reveal())
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}
