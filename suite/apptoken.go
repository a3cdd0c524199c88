package suite

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/reprompt/reprompt/secret"
)

// early is how long before its end a token is no longer handed out: a request may travel, and
// the clocks differ.
const early = 5 * time.Minute

// appTokens gets application tokens for Graph and keeps each while the tenant's clock says that
// it lives. The credential's own cache knows only the machine's clock, which an embedded
// tenant's leaves behind at every move; therefore each token comes from a new credential.
type appTokens struct {
	scope      string // for example https://graph.microsoft.com/.default
	credential func() (azcore.TokenCredential, error)
	now        func() time.Time // the tenant's clock
	// reach says why the sign-in host cannot be reached, as long as no token came; may be nil.
	reach func(ctx context.Context) error

	mu      sync.Mutex
	token   secret.Text
	expires time.Time // by the tenant's clock
}

// get has the shape that the Graph client asks for. claims is the base64 of a challenge that the
// kept token did not meet, or empty.
func (a *appTokens) get(ctx context.Context, claims string) (secret.Text, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if claims == "" && !a.token.Empty() && a.now().Before(a.expires.Add(-early)) {
		return a.token, nil
	}
	options := policy.TokenRequestOptions{Scopes: []string{a.scope}}
	if claims != "" {
		decoded, err := base64.StdEncoding.DecodeString(claims)
		if err != nil {
			return secret.Text{}, fmt.Errorf("read claims challenge: %w", err)
		}
		options.Claims, options.EnableCAE = string(decoded), true
	}
	if a.reach != nil && a.token.Empty() {
		if err := a.reach(ctx); err != nil {
			return secret.Text{}, err
		}
	}
	credential, err := a.credential()
	if err != nil {
		return secret.Text{}, fmt.Errorf("make application credential: %w", err)
	}
	token, err := credential.GetToken(ctx, options)
	if err != nil {
		return secret.Text{}, fmt.Errorf("sign in as the application: %w", shortened(err))
	}
	a.token = secret.New(token.Token)
	a.expires = a.now().Add(time.Until(token.ExpiresOn))
	return a.token, nil
}

// shortenedError keeps an error for errors.As and shows only its first telling line: the identity
// library's text is the whole HTTP exchange.
type shortenedError struct {
	text string
	err  error
}

func (e *shortenedError) Error() string { return e.text }
func (e *shortenedError) Unwrap() error { return e.err }

func shortened(err error) error {
	text := err.Error()
	if i := strings.Index(text, "AADSTS"); i >= 0 {
		text = text[i:]
		if end := strings.IndexAny(text, "\"\n\\"); end > 0 {
			text = text[:end]
		}
	}
	first, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return &shortenedError{text: strings.TrimSpace(first), err: err}
}
