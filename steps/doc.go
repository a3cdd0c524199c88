// Package steps joins the sentences of a scenario to the packages that do the work. It does
// nothing itself: a step is a call, and what it learns is kept for the next one.
//
// There is one file per subject. Each holds its sentences, one line a sentence and literal, so
// that editors and `reprompt steps` find them, and below them the functions they name:
//
//	sc.Given(`^a published authentication context$`, publishContext)
//
// The comment above such a function says what the sentence does and ends with a line
// "Example:" as a scenario would write it. [Catalogue] reads both from the source.
//
// Two rules hold for every scenario. What it asks for is asked of a tenant that it has for
// itself (a fresh embedded one, or on the only real one an admin, roles and contexts of its own), and is undone when it ends,
// however it ends. And a verdict that no sentence asserted fails the scenario: a scenario that
// activates and looks away proves nothing.
//
// Other teams use the same sentences beside their own: suite.InitializeScenario registers them,
// and [ProofOf] gives a step of theirs what the scenario saw.
package steps
