// Package clients holds clients that know nothing of this project against the embedded tenant:
// MSAL for Go, azidentity, msgraph-sdk-go and coreos/go-oidc, from their registries, unchanged.
//
// It proves that `reprompt emulator` is taken for Entra and Microsoft Graph by what Microsoft
// and others ship: tokens are got by every grant, by a real browser where there is one, claims
// challenges are answered, ID tokens pass a verifier that trusts nobody, and the operations of
// the Graph subset are called by their own fluent code. It does not prove that the tenant
// behaves as Entra where no client looks; docs/fidelity.md says on whose word that stands.
//
// Each test runs twice (package tenant): with the real host names through the proxy, where
// HTTPS_PROXY and SSL_CERT_FILE in the environment are all that the client is given, and
// against the tenant's own address, which the client's own settings name.
//
//	tenant      starts the product as a user does, and runs a test twice
//	person      who signs in: in Chromium, or by walking the forms
//	credential  the credentials of the Azure SDK, for the tests of both its users
//	msal        MSAL for Go, public and confidential
//	azidentity  credentials of the Azure SDK
//	graph       msgraph-sdk-go, operation by operation
//	oidc        coreos/go-oidc, a foreign verifier of ID tokens
//	token       reads access tokens, as no client does
//	results     the record of what was really called, for all languages
//	table       docs/clients.md, from these records
//
// It is a module of its own and imports nothing of the one it looks at: all it knows of the
// product is a command and the files that it writes.
package clients
