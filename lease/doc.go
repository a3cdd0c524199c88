// Package lease keeps those apart who work on one tenant at the same time in one process: who has which test
// admin, which role, which authentication context. It knows nothing of a tenant; a [Thing] is a kind and an id.
//
// A holder begins with [Manager.Acquire], which gives everything that it names at once, or nothing: who waits
// there has nothing that another waits for. What a holder learns only later that it needs, it claims one by one
// ([Holder.Claim]). A claim that would wait for somebody who waits for the claimant, directly or over others, is
// refused with a [CycleError]; so nobody ever waits in a circle. Everything is let go of together, by
// [Holder.End].
//
// # Order
//
// A claim goes before those who have not begun: its claimant holds things that others wait for. Among each
// other both are first come, first served: who came earlier is passed by only by those who want nothing of what
// it waits for, and a thing that it will need is not given away again once it was let go of.
//
// Those who have not begun stand by rank first (Need.Rank), and may be gathered before the first begins
// ([Manager.Gather]). No more than Manager.AtOnce hold something at a time.
//
// # The test clock
//
// A shared test clock (package await) moves only when everybody who has joined it waits for it. A holder has
// joined while it runs and not while it waits for a thing: then others have to move on first. Whoever lets
// something go joins for who gets it, so that the clock cannot move in between. See [Manager.Expect] for those
// who have not come yet.
//
// Locks between processes are none of its business: the journal of package fixtures is one.
package lease
