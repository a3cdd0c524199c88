package graphapi

import (
	"slices"
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

var (
	methodsPolicyType = &entity{name: "microsoft.graph.authenticationMethodsPolicy", properties: []string{
		"id", "displayName", "description", "lastModifiedDateTime", "policyVersion", "policyMigrationState", "reconfirmationInDays", "registrationEnforcement",
		"authenticationMethodConfigurations",
	}}
	configurationType = &entity{name: "microsoft.graph.authenticationMethodConfiguration", properties: []string{"id", "state", "excludeTargets", "includeTargets"}}
)

var methodsPolicyBody = &bodyType{methodsPolicyType.name, shape{
	"id": text, "displayName": text, "description": text, "lastModifiedDateTime": moment, "policyVersion": text, "reconfirmationInDays": integer,
	"policyMigrationState":    oneOf("preMigration", "migrationInProgress", "migrationComplete"),
	"registrationEnforcement": anything, "authenticationMethodConfigurations": anything,
}}

// configurationBody has what the configurations share and what those with an effect on the
// tenant add.
var configurationBody = &bodyType{configurationType.name, shape{
	"id": text, "state": oneOf("enabled", "disabled"), "includeTargets": anything, "excludeTargets": anything,
	"defaultLifetimeInMinutes": integer, "defaultLength": integer, "minimumLifetimeInMinutes": integer, "maximumLifetimeInMinutes": integer, "isUsableOnce": boolean,
	"isAttestationEnforced": boolean, "isSelfServiceRegistrationAllowed": boolean,
	"keyRestrictions": objectOf(graphPrefix+"fido2KeyRestrictions", shape{"isEnforced": boolean, "enforcementType": oneOf("allow", "block"), "aaGuids": texts}),
	"featureSettings": anything, "isSoftwareOathEnabled": boolean, "isOfficePhoneAllowed": boolean, "allowExternalIdToUseEmailOtp": text,
	"authenticationModeConfiguration": anything, "certificateUserBindings": anything,
}}

const methodsPolicyPath = "/policies/authenticationMethodsPolicy"

func methodsPolicyOperations() []*operation {
	methodPolicyAdmins := []string{"0526716b-113d-4c15-b2c8-68e3c22b9f80"} // Authentication Policy Administrator
	read := permissions("Policy.Read.AuthenticationMethod", "Policy.Read.All").as(deniedByPolicy)
	write := permissions("Policy.ReadWrite.AuthenticationMethod").as(deniedByPolicy).role(methodPolicyAdmins)
	const one = methodsPolicyPath + "/authenticationMethodConfigurations/{configuration}"
	return []*operation{
		{method: get, path: methodsPolicyPath, grant: read, handle: getMethodsPolicy},
		{method: patch, path: methodsPolicyPath, grant: write, body: methodsPolicyBody, handle: patchMethodsPolicy},
		{method: get, path: one, grant: read, handle: getConfiguration},
		{method: patch, path: one, grant: write, body: configurationBody, handle: patchConfiguration},
	}
}

const everybody = `"excludeTargets":[],"includeTargets":[{"targetType":"group","id":"all_users","isRegistrationRequired":false}]`

// defaultConfigurations are those of a new tenant, in the order of the documented example.
// That passkeys, codes, notifications and passes are on, and that a pass may live as long as
// the documentation allows at all, is inferred: no public export of a new tenant is known.
var defaultConfigurations = []string{
	`{"@odata.type":"#microsoft.graph.fido2AuthenticationMethodConfiguration","id":"Fido2","state":"enabled","isSelfServiceRegistrationAllowed":true,"isAttestationEnforced":false,` +
		`"keyRestrictions":{"isEnforced":false,"enforcementType":"block","aaGuids":[]},` + everybody + `}`,
	`{"@odata.type":"#microsoft.graph.microsoftAuthenticatorAuthenticationMethodConfiguration","id":"MicrosoftAuthenticator","state":"enabled","isSoftwareOathEnabled":true,` + everybody + `}`,
	`{"@odata.type":"#microsoft.graph.smsAuthenticationMethodConfiguration","id":"Sms","state":"disabled",` + everybody + `}`,
	`{"@odata.type":"#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration","id":"TemporaryAccessPass","state":"enabled","defaultLifetimeInMinutes":60,"defaultLength":8,` +
		`"minimumLifetimeInMinutes":10,"maximumLifetimeInMinutes":43200,"isUsableOnce":false,` + everybody + `}`,
	`{"@odata.type":"#microsoft.graph.softwareOathAuthenticationMethodConfiguration","id":"SoftwareOath","state":"enabled",` + everybody + `}`,
	`{"@odata.type":"#microsoft.graph.voiceAuthenticationMethodConfiguration","id":"Voice","state":"disabled","isOfficePhoneAllowed":false,` + everybody + `}`,
	`{"@odata.type":"#microsoft.graph.emailAuthenticationMethodConfiguration","id":"Email","state":"enabled","allowExternalIdToUseEmailOtp":"default",` + everybody + `}`,
	`{"@odata.type":"#microsoft.graph.x509CertificateAuthenticationMethodConfiguration","id":"X509Certificate","state":"disabled",` + everybody + `}`,
}

// configurations are those of the tenant, with its changes.
func configurations(t *store.Tenant) []*document.Object {
	var list []*document.Object
	for _, text := range defaultConfigurations {
		o := document.MustParse([]byte(text))
		if changed, ok := t.MethodConfigurations[o.String("id")]; ok {
			o = document.MustParse(changed)
		}
		list = append(list, o)
	}
	return list
}

// configuration is the one with the id; nil where there is none.
func configuration(t *store.Tenant, id string) *document.Object {
	all := configurations(t)
	i := slices.IndexFunc(all, func(o *document.Object) bool { return strings.EqualFold(o.String("id"), id) })
	if i < 0 {
		return nil
	}
	return all[i]
}

func methodsPolicyObject(t *store.Tenant) *document.Object {
	campaign := document.Of("snoozeDurationInDays", 1, "enforceRegistrationAfterAllowedSnoozes", true, "state", "default", "excludeTargets", []string{},
		"includeTargets", []*document.Object{document.Of("id", "all_users", "targetType", "group", "targetedAuthenticationMethod", "microsoftAuthenticator")})
	o := document.Of("id", "authenticationMethodsPolicy", "displayName", "Authentication Methods Policy",
		"description", "The tenant-wide policy that controls which authentication methods are allowed in the tenant, authentication method registration requirements, and self-service password reset settings",
		"lastModifiedDateTime", t.CreatedAt, "policyVersion", "1.5", "policyMigrationState", "migrationComplete", "reconfirmationInDays", nil,
		"registrationEnforcement", document.Of("authenticationMethodsRegistrationCampaign", campaign))
	if len(t.MethodsPolicy) > 0 {
		o = document.Merge(o, document.MustParse(t.MethodsPolicy))
	}
	if !t.MethodsPolicyChangedAt.IsZero() {
		o.Set("lastModifiedDateTime", t.MethodsPolicyChangedAt)
	}
	return o.Set("authenticationMethodConfigurations", configurations(t))
}

func getMethodsPolicy(c *call) (result, error) {
	r, err := c.one(methodsPolicyType, methodsPolicyObject(c.t))
	r.context = "authenticationMethodsPolicy"
	return r, err
}

// patchMethodsPolicy changes the policy itself. Methods are changed one by one, as the
// reference shows it.
func patchMethodsPolicy(c *call) (result, error) {
	if c.body.Has("authenticationMethodConfigurations") {
		return result{}, badRequest("The property 'authenticationMethodConfigurations' is changed by its elements, one at a time.")
	}
	before := &document.Object{}
	if len(c.t.MethodsPolicy) > 0 {
		before = document.MustParse(c.t.MethodsPolicy)
	}
	c.t.MethodsPolicy, c.t.MethodsPolicyChangedAt = document.Merge(before, c.body).Raw(), c.now
	c.auditMethodsPolicy("Authentication Methods Policy Update", nil, c.body)
	return noContent(), nil
}

func (c *call) configuration() (*document.Object, error) {
	if o := configuration(c.t, c.vars["configuration"]); o != nil {
		return o, nil
	}
	return nil, notFound("authentication method configuration", c.vars["configuration"])
}

func getConfiguration(c *call) (result, error) {
	o, err := c.configuration()
	if err != nil {
		return result{}, err
	}
	r, err := c.one(configurationType, o)
	r.context = "authenticationMethodConfigurations/$entity"
	return r, err
}

// patchConfiguration merges the body into a configuration; the type has to be named and be
// the configuration's own (documented for derived types).
func patchConfiguration(c *call) (result, error) {
	before, err := c.configuration()
	if err != nil {
		return result{}, err
	}
	if kind := c.body.String("@odata.type"); kind != before.String("@odata.type") {
		return result{}, badRequest("The property '@odata.type' must be '%s' for this configuration.", before.String("@odata.type"))
	}
	for _, k := range c.body.Keys() {
		if !before.Has(k) {
			return result{}, badRequest("The property '%s' does not exist on type '%s'.", k, strings.TrimPrefix(before.String("@odata.type"), "#"))
		}
	}
	after := before.Clone()
	for _, k := range c.body.Keys() {
		after.Set(k, valueOf(c.body, k))
	}
	after.Set("id", before.String("id"))
	if c.t.MethodConfigurations == nil {
		c.t.MethodConfigurations = map[string][]byte{}
	}
	c.t.MethodConfigurations[before.String("id")] = after.Raw()
	c.t.MethodsPolicyChangedAt = c.now
	c.auditMethodsPolicy("Authentication Methods Policy Update", before, after)
	return noContent(), nil
}

func (c *call) auditMethodsPolicy(activity string, before, after *document.Object) {
	c.audit(activity, "ApplicationManagement", "Authentication Methods", store.AuditTarget{
		ID: "authenticationMethodsPolicy", DisplayName: "Authentication Methods Policy", Type: "Policy",
		Modified: []store.AuditProperty{{Name: "AuthenticationMethodsPolicy", Old: rawOrEmpty(before), New: rawOrEmpty(after)}},
	})
}

// enabled refuses a method that the policy turns off (the text is inferred).
func (c *call) enabled(id string) (*document.Object, error) {
	o := configuration(c.t, id)
	if o.String("state") != "enabled" {
		return nil, badRequest("The authentication method '%s' is not enabled by the authentication methods policy.", id)
	}
	return o, nil
}

// admits checks a new passkey against the policy on passkeys (documented: attestation and
// key restrictions).
func admits(policy *document.Object, k *store.Passkey, aaguid string) error {
	if policy.Bool("isAttestationEnforced") && k.Attestation != "attested" {
		return badRequest("The passkey could not be registered: the policy enforces attestation, and the passkey has none.")
	}
	restrictions := policy.Object("keyRestrictions")
	listed := containsFold(restrictions.Strings("aaGuids"), aaguid)
	if restrictions.Bool("isEnforced") && listed != (restrictions.String("enforcementType") == "allow") {
		return badRequest("The passkey could not be registered: the policy does not allow keys of the model %s.", aaguid)
	}
	return nil
}
