// Package graphapi is Microsoft Graph of the embedded tenant: the part of v1.0 that
// [Operations] lists, and of beta the sign-in log, authentication contexts and
// approvals.
//
// A request passes these stages, each in its own file: the bearer token is verified
// (token.go), the operation found (route.go), the permission checked (permission.go),
// the body read and its properties checked (body.go, shape.go), and the handler called
// with the lock of one tenant held. A handler returns a value; one adapter applies the
// query options and writes it in the vendor's shape (answer.go, collection.go). A
// refused request has the vendor's error envelope:
//
//	{"error":{"code":"ResourceNotFound","message":"…","innerError":{"date":"2026-11-23T07:00:00","request-id":"…","client-request-id":"…"}}}
//
// What has no model is answered 501 and nothing else; the shell records it.
//
// What the service reads back of its own writes is immediate; what takes effect
// elsewhere (policies in a sign-in, role settings and assignments in PIM, log rows)
// follows the lags of the tenant.
package graphapi
