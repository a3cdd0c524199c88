// Package tokens reads what a sign-in host issues: ID tokens, which it verifies, access tokens,
// which it cannot, and claims challenges. It does no HTTP: keys and times are given.
//
// A claims challenge of Privileged Identity Management is an HTTP 400 of Microsoft Graph whose
// error.message holds, percent-encoded, the claims that the next sign-in must ask for (observed;
// Microsoft does not document it):
//
//	{"error":{"code":"RoleAssignmentRequestAcrsValidationFailed",
//	          "message":"&claims=%7B%22access_token%22%3A%7B%22acrs%22%3A%7B%22essential%22%3Atrue%2C%20%22value%22%3A%22c1%22%7D%7D%7D"}}
//
// which is {"access_token":{"acrs":{"essential":true, "value":"c1"}}}. The documented challenge is
// another one, an HTTP 401 of continuous access evaluation, and says nothing about a role:
//
//	WWW-Authenticate: Bearer realm="", error="insufficient_claims", claims="eyJhY2Nlc3…"
//
// What the claims mean, and what they do not:
//
//   - acrs holds authentication contexts. It says that the token satisfies them, not that the
//     admin was asked: a context that no policy protects may be emitted unasked (observed).
//   - auth_time is when the user last authenticated, in an ID token whose registration asks for
//     the optional claim (documented). It may be the instant of the password (observed), has
//     one-second grain, and is judged against the clock of the sign-in host.
//   - amr names the methods of the session, not those of the last prompt.
//   - xms_cc with cp1 says that the client answers claims challenges. PIM was observed to refuse
//     every context from a client without it.
package tokens
