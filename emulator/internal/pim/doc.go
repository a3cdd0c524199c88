// Package pim is Privileged Identity Management of the embedded tenant: the role
// settings, and the requests that make somebody eligible, activate, deactivate and
// remove. Microsoft Graph and the legacy PIM host are two doors to it.
//
// Every function works on a [store.Tenant] whose lock the caller holds, does no I/O
// and takes the time from the tenant's clock. A refused request is an [*Error] with
// the status, code and text of the service.
//
// # Order of the checks of an activation
//
// Who may ask, what is asked for, eligibility, an assignment that is there already,
// a request that is pending, the authentication context, and last the rules of the
// role setting, all failing ones named in one answer. Documented are the answers,
// not their order; that an active role answers RoleAssignmentExists before anything
// is said about the context is inferred.
//
// # The authentication context
//
// A role setting that names a context wants it in the claim acrs of the access token
// that carries the request, and wants the client to understand claims challenges
// (xms_cc has cp1; observed, a setting). Otherwise the answer is HTTP 400
// RoleAssignmentRequestAcrsValidationFailed whose message is the claims to ask for,
// "&claims=" and percent-encoded JSON; there is no 401 and no WWW-Authenticate
// (observed). Where no policy at all targets the context, MFA is required as well
// (documented); a policy that is off, in report-only mode or excludes the user
// switches this fallback off (documented).
//
// PIM cannot see when the user signed in: re-authentication is the business of
// Conditional Access. PIM only remembers that a fresh sign-in served an activation
// (the ten-minute window), for Conditional Access to read.
package pim
