package evidence

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/reprompt/reprompt/verdict"
)

// Types of the in-toto attestation framework, version 1, and of the two predicates that a bundle
// makes. They are small structs of our own: the framework's types are protobuf, whose JSON is
// deliberately not the same each time, and what is signed here must be.
const (
	statementV1    = "https://in-toto.io/Statement/v1"
	testResultType = "https://in-toto.io/attestation/test-result/v0.1"
	svrType        = "https://in-toto.io/attestation/svr/v0.1"
)

// statement says something about subjects.
type statement[P any] struct {
	Type          string     `json:"_type"` // in-toto Statement v1
	Subject       []resource `json:"subject"`
	PredicateType string     `json:"predicateType"` // which form the predicate has
	Predicate     P          `json:"predicate"`
}

// resource is a ResourceDescriptor, as far as it is used here.
type resource struct {
	Name   string            `json:"name"`   // path in the bundle
	Digest map[string]string `json:"digest"` // sha256, in hexadecimal
}

func resourceOf(name, sha256 string) resource {
	return resource{Name: name, Digest: map[string]string{"sha256": sha256}}
}

// testResult is the predicate of statement.dsse.json.
type testResult struct {
	Result        string     `json:"result"` // PASSED, WARNED or FAILED
	Configuration []resource `json:"configuration"`
	Passed        []string   `json:"passedTests"` // scenarios that came out as demanded
	Warned        []string   `json:"warnedTests"` // undecided, or passed only on a later try
	Failed        []string   `json:"failedTests"` // scenarios that did not
}

// The results of a test-result predicate.
const (
	resultPassed = "PASSED"
	resultWarned = "WARNED"
	resultFailed = "FAILED"
)

// verification is the predicate of svr.dsse.json, a simple verification result.
type verification struct {
	Verifier    verifier  `json:"verifier"`
	TimeCreated time.Time `json:"timeCreated"` // when the run ended, by the machine
	Properties  []string  `json:"properties"`  // what is verified; see evidence.md
}

type verifier struct {
	ID string `json:"id"` // with the version of the rules
}

// Properties that svr.dsse.json may state. The second says that no real tenant was there.
const (
	PropertyVerified         = "REPROMPT_REAUTHENTICATION_ON_PRIVILEGED_ACTIVATION_VERIFIED"
	PropertyVerifiedEmulated = "REPROMPT_REAUTHENTICATION_ON_EMULATED_TENANT_VERIFIED"
)

// verifierID names the decision rules by which a run was judged.
func verifierID(rules int) string {
	return fmt.Sprintf("https://github.com/reprompt/reprompt/verdict/rules/v%d", rules)
}

// testResultOf is what a run's record comes to. A proof passes when re-authentication was enforced; a
// scenario when every sentence of it was so. Nothing that stayed undecided passes, and what passed
// only when it was tried again is warned of.
func testResultOf(r runRecord) testResult {
	t := testResult{Configuration: configurationOf(r), Passed: []string{}, Warned: []string{}, Failed: []string{}}
	flaky, of, last := r.flaky(), r.tries(), map[int]bool{} // latest attempts seen
	for i, s := range slices.Backward(r.Scenarios) {
		if last[of[i]] {
			continue
		}
		last[of[i]] = true
		name := s.title()
		if r.Kind == KindMerge { // whose bundles may be of several ways
			name = s.titleWithWay()
		}
		switch outcome := s.outcome(); {
		case outcome == outcomeFailed:
			t.Failed = append(t.Failed, name)
		case outcome == outcomeUndecided || flaky[of[i]]:
			t.Warned = append(t.Warned, name)
		default:
			t.Passed = append(t.Passed, name)
		}
	}
	for _, list := range [][]string{t.Passed, t.Warned, t.Failed} {
		slices.Reverse(list)
	}
	switch {
	case len(t.Failed) > 0 || r.Failure != "" || r.Restored != nil && !*r.Restored:
		t.Result = resultFailed
	case len(t.Warned) > 0 || len(t.Passed) == 0:
		t.Result = resultWarned
	default:
		t.Result = resultPassed
	}
	return t
}

// configurationOf are the things that a run was made with and that have a digest: the features, the
// program, the browser, and the configuration objects as they were before.
func configurationOf(r runRecord) []resource {
	all := []resource{}
	for _, f := range r.Features {
		all = append(all, resourceOf(f.URI, f.SHA256))
	}
	if r.Build.SHA256 != "" {
		all = append(all, resourceOf("reprompt "+r.Build.Version, r.Build.SHA256))
	}
	if r.Browser.SHA256 != "" {
		all = append(all, resourceOf(r.Browser.Name+" "+r.Browser.Version, r.Browser.SHA256))
	}
	seen := map[Object]bool{}
	for _, s := range r.Scenarios {
		for _, o := range s.Configuration.Before {
			if !seen[o] {
				seen[o] = true
				all = append(all, resourceOf(o.Object, o.SHA256))
			}
		}
	}
	return all
}

// propertiesOf are what a run may state of the tenant: nothing, unless it proved roles as they were
// configured, and every proof came out enforced. Scenarios set a tenant up for themselves and say
// nothing about how it is.
func propertiesOf(r runRecord, target Target) []string {
	not := func(s scenarioRecord) bool {
		return s.Feature != "" || s.Verdict != verdict.Enforced || s.State != stateFinished
	}
	proved := len(r.Scenarios) > 0 && !slices.ContainsFunc(r.Scenarios, not)
	switch {
	case !proved:
		return []string{}
	case target == Embedded:
		return []string{PropertyVerifiedEmulated}
	default:
		return []string{PropertyVerified}
	}
}

// testStatement makes what statement.dsse.json holds.
func testStatement(r runRecord, files []File) ([]byte, error) {
	s := statement[testResult]{Type: statementV1, Subject: []resource{}, PredicateType: testResultType, Predicate: testResultOf(r)}
	for _, f := range files {
		s.Subject = append(s.Subject, resourceOf(f.Path, f.SHA256))
	}
	return json.Marshal(s)
}

// svrStatement makes what svr.dsse.json holds. Its one subject is the manifest, and with it every
// other file.
func svrStatement(r runRecord, manifest File) ([]byte, error) {
	at := r.Started
	if r.Finished != nil {
		at = *r.Finished
	}
	return json.Marshal(statement[verification]{
		Type: statementV1, Subject: []resource{resourceOf(manifest.Path, manifest.SHA256)}, PredicateType: svrType,
		Predicate: verification{Verifier: verifier{verifierID(r.Rules)}, TimeCreated: at.UTC().Truncate(time.Second), Properties: propertiesOf(r, r.Target)},
	})
}
