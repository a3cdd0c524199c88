// Package login is the sign-in service of the embedded tenant: OpenID Connect as Entra
// speaks it, and the pages that an admin sees.
//
// # Endpoints
//
// {t} is a tenant id, a verified domain, "common" or "organizations".
//
//	GET  /{t}/v2.0/.well-known/openid-configuration   and /{t}/.well-known/openid-configuration
//	GET  /{t}/discovery/v2.0/keys                     and /{t}/discovery/keys
//	GET  /common/discovery/instance
//	GET  /{t}/oauth2/v2.0/authorize                   and /{t}/oauth2/authorize, by POST too
//	POST /{t}/oauth2/v2.0/token                       and /{t}/oauth2/token
//	POST /{t}/oauth2/v2.0/devicecode                  and /{t}/oauth2/devicecode
//	GET  /{t}/oauth2/v2.0/logout                      and /{t}/oauth2/logout
//	GET  /common/oauth2/deviceauth                    where a device code is typed
//	POST /{t}/login, /common/SAS/…, /kmsi, /common/Consent/Set, /appverify, /common/SSPR/…   from the pages
//	GET  /{t}/reprocess and /{t}/resume               the page again, found by its context
//	POST /{t}/fido/get                                the passkey ceremony, on login.microsoft.com
//
// # How a sign-in goes on
//
// An authorize request becomes a [store.Flow]. After each act of the user the whole flow is
// looked at again: who is it, which factors does the session hold, what does Conditional
// Access say now; the first thing that is missing decides the next page (machine.go). When
// nothing is missing the browser goes back to the client with a code.
//
// The grant of the code carries the evidence on: the history of factors, auth_time (the
// instant of the first factor, observed), the contexts that were satisfied. A refresh is
// evaluated anew with that evidence, and answers an error where a page would be needed.
//
// What a page sends back (flow token, context, canary) is checked against the sign-in and the
// page that it was made for (pagetoken.go), and must come to the address of the page that
// stands.
//
// # Claims
//
// Current clients send the claims parameter with every request; only acrs in it means
// step-up. xms_cc with cp1 says that the client understands challenges.
package login
