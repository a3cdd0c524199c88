package signin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/tokens"
)

// answerLimit bounds what is read of one answer of the host; the largest, a key set, is some 30 kB.
const answerLimit = 1 << 20

// tokenAnswer is what the token endpoint answers. It is all secret and never leaves the package.
type tokenAnswer struct {
	TokenType    string      `json:"token_type"`
	IDToken      secret.Text `json:"id_token"`
	AccessToken  secret.Text `json:"access_token"`
	RefreshToken secret.Text `json:"refresh_token"`
}

// redeem posts a grant to the token endpoint. The claims are repeated there, as MSAL does
// (observed).
func (c *Client) redeem(ctx context.Context, form url.Values, claims tokens.ClaimsRequest) (tokenAnswer, error) {
	form.Set("client_id", c.ClientID)
	if text := claims.JSON(); text != "" {
		form.Set("claims", text)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint("/oauth2/v2.0/token"), strings.NewReader(form.Encode()))
	if err != nil {
		return tokenAnswer{}, fmt.Errorf("redeem grant: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	status, body, err := c.do(req)
	if err != nil {
		return tokenAnswer{}, fmt.Errorf("redeem grant: %w", err)
	}
	if status != http.StatusOK {
		return tokenAnswer{}, tokenError(status, body)
	}
	var answer tokenAnswer
	if err := json.Unmarshal(body, &answer); err != nil {
		return tokenAnswer{}, errors.New("redeem grant: the token answer is no JSON object of texts")
	}
	return answer, answer.complete()
}

// complete refuses an answer that a sign-in cannot go on with.
func (a tokenAnswer) complete() error {
	switch {
	case !strings.EqualFold(a.TokenType, "Bearer"):
		return fmt.Errorf("redeem grant: token type is %q, want Bearer", a.TokenType)
	case a.IDToken.Empty():
		return errors.New("redeem grant: the answer holds no ID token")
	case a.AccessToken.Empty():
		return errors.New("redeem grant: the answer holds no access token")
	}
	return nil
}

// do sends one request, once, and reads the answer.
func (c *Client) do(req *http.Request) (status int, body []byte, err error) {
	resp, err := c.http().Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(io.LimitReader(resp.Body, answerLimit))
	if err != nil {
		return 0, nil, &url.Error{Op: "read answer of", URL: req.URL.Host, Err: err} // as one that never began
	}
	return resp.StatusCode, body, nil
}
