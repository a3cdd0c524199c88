package steps

import (
	"regexp"
	"sync"

	"github.com/cucumber/godog"
)

// sentences is where the sentences of this package are registered. godog has them registered for each
// scenario anew, and keeps what a step matched until its run is over: compiled once, they cost a long run
// nothing.
type sentences struct{ *godog.ScenarioContext }

// Given is godog's.
func (s sentences) Given(pattern string, step any) { s.ScenarioContext.Given(compiled(pattern), step) }

// When is godog's.
func (s sentences) When(pattern string, step any) { s.ScenarioContext.When(compiled(pattern), step) }

// Then is godog's.
func (s sentences) Then(pattern string, step any) { s.ScenarioContext.Then(compiled(pattern), step) }

// expressions are the patterns that were compiled, each by its text.
var expressions sync.Map

func compiled(pattern string) *regexp.Regexp {
	if known, ok := expressions.Load(pattern); ok {
		return known.(*regexp.Regexp)
	}
	known, _ := expressions.LoadOrStore(pattern, regexp.MustCompile(pattern))
	return known.(*regexp.Regexp)
}
