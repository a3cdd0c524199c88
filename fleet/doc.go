// Package fleet proves the roles of many tenants, a few at a time.
//
// A run has a folder:
//
//	fleet.json      the summary, [Schema], written anew after each tenant
//	NAME/           one per tenant: its bundle, in a folder of its own
//
// A verdict grows old. What a run comes to no verdict on it takes from an earlier run that it is given, with the
// time at which it was proved last, and tells of it once that is too long ago.
//
// A tenant that fails does not hold up the others: what went wrong is part of the summary. A run that was
// broken off can be resumed: a tenant whose folder holds a finished bundle is not proved again.
package fleet
