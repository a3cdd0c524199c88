// Package store holds the whole state of the embedded tenants: one [Store] with one
// mutex, any number of [Tenant] values in it.
//
// A handler works on one tenant with the lock held, and copies out what it answers:
//
//	err := st.With(tenantID, func(t *store.Tenant) error {
//		user, ok := t.Users.Get(id)
//		if !ok {
//			return errNotFound
//		}
//		answer = render(user) // values, never pointers into the tenant
//		return nil
//	})
//
// Nothing in here does I/O, and nothing blocks: a handler renders, signs and writes
// after With has returned.
//
// # Time
//
// A tenant has its own clock: the machine's plus an offset that only grows
// ([Tenant.Now], [Tenant.Advance]). Everything a tenant remembers is an instant of that
// clock, in UTC.
//
// # Identifiers
//
// Object ids, secrets and cookies come from the tenant's seeded source ([Tenant.NewID],
// [Tenant.NewSecret], [Tenant.Rand]), so that a run can be repeated with its seed and no
// client can over-fit to a constant.
//
// # Two kinds of collection
//
// [Index] is an ordered map. [Lagged] is an ordered map whose writes take effect late:
// the service that wrote it reads its own write at once (Get, List), and the one that
// evaluates it sees the write when [Tenant.LagOf] its kind has passed (GetAt, ListAt).
//
// # Unmodelled requests
//
// A handler that has no model for a request answers 501 and nothing else. The shell
// records every request with its status, and takes each 501 that it did not inject itself
// as unmodelled.
package store
