// Package graph is what this project needs of Microsoft Graph: role definitions, role settings,
// authentication contexts, Conditional Access policies, eligibilities, assignments, users,
// groups, passkeys, logs, and the one request that activates a role. It holds no policy; package
// fixtures decides, and awaits what a change does. All that is waited for here is Graph itself,
// where it is too busy: Conditional Access calls are kept apart (Pace), Retry-After is obeyed, and
// where there is none a call backs off with jitter until Options.Patience is over.
//
// Microsoft's own SDK (msgraph-sdk-go) makes the requests: its request builders know the paths
// and query options, its models write the bodies, its adapter sends them, gets tokens through
// Options.Token, and answers a continuous access evaluation challenge (401 insufficient_claims)
// once. Only this package imports it.
//
// What comes back is read from the bytes of the answer into small structs, not through the SDK's
// models, because those lose what a proof depends on (measured with v1.96.0): an enum value that
// the model does not know becomes the first member when it sits in a collection ("Activate"
// reads as "all") and nil when it stands alone ("AfterDuration", which Microsoft's own examples
// send), a null cannot be told from an absent member, and an error that is not JSON loses its
// status. A role management policy rule goes the other way untouched too: what was read is what
// is written back.
//
// Activate and Deactivate do not use the SDK at all. They are the experiment: exactly one POST
// with exactly the given token, so nothing may refresh it, answer a challenge or retry.
package graph
