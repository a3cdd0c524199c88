package graph_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	abs "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoft/kiota-abstractions-go/serialization"
	kauth "github.com/microsoft/kiota-authentication-azure-go"
	khttp "github.com/microsoft/kiota-http-go"
	kjson "github.com/microsoft/kiota-serialization-json-go"
	core "github.com/microsoftgraph/msgraph-sdk-go-core"
	"github.com/microsoftgraph/msgraph-sdk-go/auditlogs"
	"github.com/microsoftgraph/msgraph-sdk-go/directoryroles"
	"github.com/microsoftgraph/msgraph-sdk-go/groups"
	"github.com/microsoftgraph/msgraph-sdk-go/identity"
	"github.com/microsoftgraph/msgraph-sdk-go/organization"
	"github.com/microsoftgraph/msgraph-sdk-go/policies"
	"github.com/microsoftgraph/msgraph-sdk-go/rolemanagement"
	"github.com/microsoftgraph/msgraph-sdk-go/users"

	"github.com/reprompt/reprompt/clients/go/credential"
	"github.com/reprompt/reprompt/clients/go/tenant"
)

const graphDefault = "https://graph.microsoft.com/.default"

// sdk is msgraph-sdk-go without its root package, which would compile and link every service of
// Graph: the request builders are made as NewGraphServiceClient makes them.
type sdk struct {
	adapter        abs.RequestAdapter
	identity       *identity.IdentityRequestBuilder
	policies       *policies.PoliciesRequestBuilder
	roles          *rolemanagement.DirectoryRequestBuilder
	users          *users.UsersRequestBuilder
	me             *users.UserItemRequestBuilder
	groups         *groups.GroupsRequestBuilder
	audits         *auditlogs.AuditLogsRequestBuilder
	organization   *organization.OrganizationRequestBuilder
	directoryRoles *directoryroles.DirectoryRolesRequestBuilder
}

// stack is an HTTP client of the SDK.
type stack struct {
	name string
	make func() *http.Client
}

// stacks are the two in use. The default one has its middleware in random order and compresses
// request bodies; the other is what a careful program lists itself.
var (
	standard = stack{"default", func() *http.Client { return nil }}
	explicit = stack{"explicit", func() *http.Client {
		return khttp.GetDefaultClient(
			core.NewGraphTelemetryHandler(&core.GraphClientOptions{}), khttp.NewUrlReplaceHandler(true, core.ReplacementPairs), khttp.NewRetryHandler(),
			khttp.NewRedirectHandler(), khttp.NewParametersNameDecodingHandler(), khttp.NewUserAgentHandler(), khttp.NewHeadersInspectionHandler())
	}}
	stacks = []stack{standard, explicit}
)

// newSDK makes the SDK for a credential. With the real names nothing is configured; at the
// tenant's own address the client is told the base URL, and that its host may have the token.
func newSDK(t *testing.T, tn *tenant.Tenant, s stack, signedIn azcore.TokenCredential) *sdk {
	t.Helper()
	abs.RegisterDefaultSerializer(func() serialization.SerializationWriterFactory { return kjson.NewJsonSerializationWriterFactory() })
	abs.RegisterDefaultDeserializer(func() serialization.ParseNodeFactory { return kjson.NewJsonParseNodeFactory() })
	auth, err := kauth.NewAzureIdentityAuthenticationProviderWithScopes(signedIn, []string{graphDefault})
	if tn.Run == tenant.Authority {
		auth, err = kauth.NewAzureIdentityAuthenticationProviderWithScopesAndValidHosts(signedIn, []string{graphDefault}, []string{hostOf(t, tn.GraphBase)})
	}
	if err != nil {
		t.Fatal(err)
	}
	adapter, err := core.NewGraphRequestAdapterBaseWithParseNodeFactoryAndSerializationWriterFactoryAndHttpClient(auth, core.GraphClientOptions{}, nil, nil, s.make())
	if err != nil {
		t.Fatal(err)
	}
	adapter.SetBaseUrl(tn.GraphBase + "/v1.0") // the root package sets this to the real address by itself
	base := func() map[string]string { return map[string]string{"baseurl": adapter.GetBaseUrl()} }
	me := base()
	me["user%2Did"] = "me-token-to-replace"
	return &sdk{
		adapter:        adapter,
		identity:       identity.NewIdentityRequestBuilderInternal(base(), adapter),
		policies:       policies.NewPoliciesRequestBuilderInternal(base(), adapter),
		roles:          rolemanagement.NewRoleManagementRequestBuilderInternal(base(), adapter).Directory(),
		users:          users.NewUsersRequestBuilderInternal(base(), adapter),
		me:             users.NewUserItemRequestBuilderInternal(me, adapter),
		groups:         groups.NewGroupsRequestBuilderInternal(base(), adapter),
		audits:         auditlogs.NewAuditLogsRequestBuilderInternal(base(), adapter),
		organization:   organization.NewOrganizationRequestBuilderInternal(base(), adapter),
		directoryRoles: directoryroles.NewDirectoryRolesRequestBuilderInternal(base(), adapter),
	}
}

func hostOf(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ToLower(u.Hostname())
}

// application signs in as the application that may configure the tenant.
func application(t *testing.T, tn *tenant.Tenant) azcore.TokenCredential {
	t.Helper()
	return credential.Secret(t, tn, tn.Fixtures.Secret)
}

// admin signs in as the test admin, by device code.
func admin(t *testing.T, tn *tenant.Tenant) azcore.TokenCredential {
	t.Helper()
	return credential.DeviceCode(t, tn, new([]string))
}
