// Package signin is the harness's own client of the sign-in host: a public client that signs an
// admin in with the authorization code flow, redeems the code itself, and asks a session silently
// when it last authenticated.
//
// It reaches the browser through Navigator alone. What it sends to the authorize endpoint of
// AUTHORITY/TENANT/oauth2/v2.0, beyond client_id, redirect_uri and scope:
//
//	response_type=code  response_mode=query  state  nonce
//	code_challenge  code_challenge_method=S256
//	claims  prompt  login_hint  sid        (each only when asked for)
//
// It sends no max_age and no amr_values, and no prompt of its own but none: a client that forces
// the prompt measures itself and not the tenant's policy.
//
// Every answer is checked before it is used: where the browser was sent, state, PKCE by the host,
// and the ID token by tokens.Verifier against the tenant's keys. The access token is read and
// never verified.
package signin
