package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	abs "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoft/kiota-abstractions-go/authentication"
	"github.com/microsoft/kiota-abstractions-go/serialization"
	khttp "github.com/microsoft/kiota-http-go"
	kjson "github.com/microsoft/kiota-serialization-json-go"
	"github.com/microsoftgraph/msgraph-sdk-go/auditlogs"
	"github.com/microsoftgraph/msgraph-sdk-go/groups"
	"github.com/microsoftgraph/msgraph-sdk-go/identity"
	"github.com/microsoftgraph/msgraph-sdk-go/policies"
	"github.com/microsoftgraph/msgraph-sdk-go/rolemanagement"
	"github.com/microsoftgraph/msgraph-sdk-go/users"

	"github.com/reprompt/reprompt/await"
	"github.com/reprompt/reprompt/secret"
)

// PublicBaseURL is Graph of the public cloud.
const PublicBaseURL = "https://graph.microsoft.com/v1.0"

// Options say how Graph is reached.
type Options struct {
	// HTTP gives the transport (proxy, certificate authorities); nil means http.DefaultTransport.
	// Its Timeout, CheckRedirect and Jar are not used.
	HTTP *http.Client
	// BaseURL ends in /v1.0; empty means PublicBaseURL. Where only beta knows a property, beta
	// beside it is asked.
	BaseURL string
	// Token returns the access token of one request. claims is empty, or the base64 JSON of a
	// continuous access evaluation challenge that the new token has to answer. Required for
	// everything but Activate and Deactivate, which are given their token.
	Token func(ctx context.Context, claims string) (secret.Text, error)
	// Clock is waited by when Graph is too busy; nil means the machine's.
	Clock await.Clock
	// Patience is for how long, by Clock, one call is tried again while it is throttled; 0 means five
	// minutes. Activate and Deactivate are never repeated.
	Patience time.Duration
	// Pace keeps Conditional Access calls apart; nil leaves that to the refusals.
	Pace *Pace
	// Seed is of the jitter; 0 means one that nobody knows.
	Seed uint64
	// ReadOnly lets nothing through that is not a GET: it fails with a *WriteRefusedError.
	ReadOnly bool
}

// Client calls Graph. It may be used by several goroutines.
type Client struct {
	options Options
	baseURL string
	v1      *khttp.NetHttpRequestAdapter
	beta    *khttp.NetHttpRequestAdapter
	plain   *http.Client // for Activate and Deactivate: no middleware, no redirects

	identity *identity.IdentityRequestBuilder
	policies *policies.PoliciesRequestBuilder
	roles    *rolemanagement.RoleManagementRequestBuilder
	users    *users.UsersRequestBuilder
	groups   *groups.GroupsRequestBuilder
	audits   *auditlogs.AuditLogsRequestBuilder
	betaLogs *auditlogs.AuditLogsRequestBuilder
}

// New makes a Client. It calls nothing.
func New(o Options) (*Client, error) {
	base := strings.TrimRight(o.BaseURL, "/")
	if base == "" {
		base = PublicBaseURL
	}
	if u, err := url.Parse(base); err != nil || u.Host == "" || !strings.HasSuffix(u.Path, "/v1.0") {
		return nil, fmt.Errorf("graph base URL %q: want an absolute URL that ends in /v1.0", base)
	}
	transport := http.DefaultTransport
	if o.HTTP != nil && o.HTTP.Transport != nil {
		transport = o.HTTP.Transport
	}
	if o.ReadOnly {
		transport = readOnly{transport}
	}
	registerJSON()
	sdk := sdkHTTP(newPatient(o, transport))
	provider := tokenProvider{o.Token}
	v1, err := newAdapter(provider, sdk, base)
	if err != nil {
		return nil, err
	}
	beta, err := newAdapter(provider, sdk, strings.TrimSuffix(base, "/v1.0")+"/beta")
	if err != nil {
		return nil, err
	}
	c := &Client{options: o, baseURL: base, v1: v1, beta: beta, plain: plainHTTP(transport)}
	c.addBuilders()
	return c, nil
}

// ReadOnly is the same client, which can write nothing.
func (c *Client) ReadOnly() (*Client, error) {
	o := c.options
	o.ReadOnly = true
	return New(o)
}

// addBuilders makes the roots of the SDK's fluent paths. Their constructors end in Internal and
// are what NewGraphServiceClient itself calls; that one would compile and link every service
// of Graph.
func (c *Client) addBuilders() {
	v1 := map[string]string{"baseurl": c.v1.GetBaseUrl()}
	beta := map[string]string{"baseurl": c.beta.GetBaseUrl()}
	c.identity = identity.NewIdentityRequestBuilderInternal(v1, c.v1)
	c.policies = policies.NewPoliciesRequestBuilderInternal(v1, c.v1)
	c.roles = rolemanagement.NewRoleManagementRequestBuilderInternal(v1, c.v1)
	c.users = users.NewUsersRequestBuilderInternal(v1, c.v1)
	c.groups = groups.NewGroupsRequestBuilderInternal(v1, c.v1)
	c.audits = auditlogs.NewAuditLogsRequestBuilderInternal(v1, c.v1)
	c.betaLogs = auditlogs.NewAuditLogsRequestBuilderInternal(beta, c.beta)
}

// registerJSON does what NewGraphServiceClient does: the SDK's models are written through a
// process-wide registry that starts empty. Registering twice is harmless.
func registerJSON() {
	abs.RegisterDefaultSerializer(func() serialization.SerializationWriterFactory {
		return kjson.NewJsonSerializationWriterFactory()
	})
	abs.RegisterDefaultDeserializer(func() serialization.ParseNodeFactory {
		return kjson.NewJsonParseNodeFactory()
	})
}

func newAdapter(p tokenProvider, hc *http.Client, base string) (*khttp.NetHttpRequestAdapter, error) {
	auth := authentication.NewBaseBearerTokenAuthenticationProvider(p)
	adapter, err := khttp.NewNetHttpRequestAdapterWithParseNodeFactoryAndSerializationWriterFactoryAndHttpClient(auth, nil, nil, hc)
	if err != nil {
		return nil, fmt.Errorf("make graph adapter: %w", err)
	}
	adapter.SetBaseUrl(base)
	return adapter, nil
}

// tokenProvider gives the SDK its tokens.
type tokenProvider struct {
	token func(ctx context.Context, claims string) (secret.Text, error)
}

// GetAuthorizationToken implements authentication.AccessTokenProvider. It refuses an empty token,
// with which the SDK would send the request without any.
func (p tokenProvider) GetAuthorizationToken(ctx context.Context, _ *url.URL, more map[string]any) (string, error) {
	if p.token == nil {
		return "", errors.New("get graph token: this client was made without Options.Token")
	}
	claims, _ := more["claims"].(string)
	token, err := p.token(ctx, claims)
	if err != nil {
		return "", fmt.Errorf("get graph token: %w", err)
	}
	if token.Empty() {
		return "", errors.New("get graph token: Options.Token returned an empty token")
	}
	return token.Reveal(), nil
}

// GetAllowedHostsValidator implements authentication.AccessTokenProvider. Which host gets the
// token is decided where pages are followed: see list.
func (tokenProvider) GetAllowedHostsValidator() *authentication.AllowedHostsValidator { return nil }
