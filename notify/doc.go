// Package notify tells other systems what a person has to know: a verdict that changed, a proof that is
// overdue, a tenant that could not be restored.
//
// A notification is one JSON object of [Schema]:
//
//	{"schema":"reprompt/notification/v1","id":"…","kind":"verdict-changed","at":"2026-03-14T09:26:53Z",
//	 "tenant_id":"…","tenant":"contoso","labels":{"region":"eu"},"role":"Application Administrator",
//	 "role_definition_id":"…","before":"enforced","after":"not-enforced","text":"…","changes":["…"],"evidence":"DIR"}
//
// A webhook gets it as the body of a POST, with three headers:
//
//	Reprompt-Event:     verdict-changed
//	Reprompt-Delivery:  the id, the same at each try
//	Reprompt-Signature: t=UNIX SECONDS,v1=HEX
//
// HEX is the HMAC-SHA256 of "UNIX SECONDS.BODY" under the shared secret, so that an old notification
// cannot be sent again as a new one; without a secret the header is missing. [Verify] is what a receiver
// does. A command gets the object on its standard input.
//
// A delivery is tried again while the receiver does not answer, answers 408, 429 or 5xx, and given up
// where it refuses. It may arrive twice, when the answer to it was lost: the id tells.
package notify
