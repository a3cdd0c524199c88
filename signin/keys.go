package signin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"

	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/tokens"
)

// verify verifies an ID token against the tenant's keys. A key id that the keys at hand do not have
// makes it fetch them once more: the host rolls its keys over without notice (documented).
func (c *Client) verify(ctx context.Context, v tokens.Verifier, raw secret.Text) (tokens.IDClaims, error) {
	keys, fresh, err := c.tenantKeys(ctx, false)
	if err != nil {
		return tokens.IDClaims{}, err
	}
	v.Keys = keys
	id, err := v.ID(raw)
	var refused *tokens.RefusedError
	if !errors.As(err, &refused) || refused.Field != "kid" || fresh {
		return id, err
	}
	if v.Keys, _, err = c.tenantKeys(ctx, true); err != nil {
		return tokens.IDClaims{}, err
	}
	return v.ID(raw)
}

// tenantKeys returns the tenant's signing keys and whether they were fetched just now.
func (c *Client) tenantKeys(ctx context.Context, anew bool) (keys jwt.Keyfunc, fresh bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.keys != nil && !anew {
		return c.keys, false, nil
	}
	if keys, err = c.fetchKeys(ctx); err != nil {
		return nil, false, fmt.Errorf("fetch signing keys: %w", err)
	}
	c.keys = keys
	return keys, true, nil
}

// KeysError is an answer of the sign-in host that holds no keys. The document is public: nothing of the
// tenant, the admin or the policies leads to it, the service failed.
type KeysError struct {
	Host   string
	Status int // HTTP
}

// Error names host and status.
func (e *KeysError) Error() string { return fmt.Sprintf("%s answered HTTP %d", e.Host, e.Status) }

// fetchKeys reads the key set of this tenant alone, not the common one: a key that signs for other
// issuers only is not in it.
func (c *Client) fetchKeys(ctx context.Context) (jwt.Keyfunc, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.endpoint("/discovery/v2.0/keys"), nil)
	if err != nil {
		return nil, err
	}
	status, body, err := c.do(req)
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, &KeysError{Host: req.URL.Host, Status: status}
	}
	signing, err := signingKeys(body)
	if err != nil {
		return nil, fmt.Errorf("read key set: %w", err)
	}
	return signing.Keyfunc, nil
}

// signingKeys reads the keys of a set that are meant for signatures (RFC 7517, section 4.2). A key
// that does not say what it is for is left out.
func signingKeys(body []byte) (keyfunc.Keyfunc, error) {
	var all, signing struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(body, &all); err != nil {
		return nil, err
	}
	for _, key := range all.Keys {
		var of struct {
			Use string `json:"use"`
		}
		if json.Unmarshal(key, &of) == nil && of.Use == "sig" {
			signing.Keys = append(signing.Keys, key)
		}
	}
	filtered, err := json.Marshal(signing)
	if err != nil {
		return nil, err
	}
	return keyfunc.NewJWKSetJSON(filtered)
}
