// Package features holds the specification in Gherkin: what must be true of a tenant whose
// privileged roles ask for a new sign-in, and which faults of configuration are found.
//
//	go test ./features                            runs every scenario
//	go test ./features -run 'TestFeatures/twice'  runs those whose name matches
//	cd features && go tool godog run --strict .   the same through the godog tool
//
// [FS] carries the files in the binary, so that `reprompt run` needs no checkout.
package features

import "embed"

// FS holds the feature files, at its root.
//
//go:embed *.feature
var FS embed.FS
