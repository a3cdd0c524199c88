// Package emulator is the embedded tenant: an emulated Microsoft Entra that answers for
// Microsoft's own host names behind a proxy on loopback.
//
//	server, err := emulator.Start(ctx, emulator.Options{})
//	if err != nil {
//		return err
//	}
//	defer server.Close()
//	access := server.Access() // proxy, authority, control listener, admin, applications
//
// A client is given the proxy and the certificate authority and needs nothing else: every
// URL, issuer, audience and relying-party id is the real one. Hosts that are not emulated are
// refused and recorded.
//
// A client that is told where its authority is needs no proxy: [Access.Authority] is the
// tenant at an address of its own, [Access.GraphBase] Microsoft Graph beside it. Addresses in
// answers name the host that was asked; issuers and audiences stay the real ones, since they
// are names. Passkeys made there belong to that host, as in every browser; the portal and the
// legacy PIM API are reached under their real names only.
//
// The tenant is moved over the control listener only, in process or not: its clock, faults,
// lag, settings, further tenants. See [Access] for what a harness is told, and the package
// doc of internal/control for the calls.
//
// It must never be mistaken for a real tenant: every certificate names the organisation
// "reprompt embedded tenant" and carries an extension with the object identifier
// 2.25.6199.64144.33652.18988.43794.28360.46524.42893.
//
// The package shares no code with the harness, not even types: two halves that agree because
// they are the same code would prove nothing.
package emulator
