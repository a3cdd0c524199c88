// Package suite opens a target, runs scenarios or single proofs on it, and closes everything
// again. It is what the command line uses, what `go test ./features` uses, and what other teams'
// godog suites use beside sentences of their own:
//
//	s, err := suite.Open(ctx, suite.Options{Paths: []string{"own.feature"}})
//	…
//	options := s.Options()   // only the chosen scenarios, strict, side by side
//	options.TestingT = t
//	status := godog.TestSuite{
//		TestSuiteInitializer: s.InitializeTestSuite,
//		ScenarioInitializer: func(sc *godog.ScenarioContext) {
//			s.InitializeScenarioAround(sc, func(sc *godog.ScenarioContext) {
//				sc.Then(`^our own sentence$`, ourOwnStep)
//			})
//		},
//		Options: options,
//	}.Run()
//	err = s.Close(ctx)
//
// The target is the tenant of a tenant file, or, without one, an embedded tenant: an emulated
// Entra that this process serves on loopback, with a fresh tenant for each scenario. The suite
// drives it over its control listener only, as any other program would.
//
// Each scenario has its tenant for itself, and what it made is undone when it ends, also when
// the context was cancelled: undoing has a deadline of its own. A scenario on an embedded tenant
// fails when it sent a request that the emulator has no model for, or to a host that is not
// emulated: what nobody modelled proves nothing.
//
// A run in which no scenario was executed is an error, because a slip in a tag expression must
// not make a green run.
package suite
