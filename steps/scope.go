package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/reprompt/reprompt/verdict"
)

func registerScope(sc sentences) {
	sc.Then(`^the verdict speaks for everyone who may activate the role$`, speaksForEveryone)
	sc.Then(`^the verdict is narrowed by "(.+)"$`, narrowedBy)
	sc.Then(`^(\d+) of (\d+) who may activate the role (?:is|are) not covered$`, notCovered)
}

// speaksForEveryone passes when the configuration treats every eligible admin, everywhere, as the
// test admin was treated.
//
// Example: Then the verdict speaks for everyone who may activate the role
func speaksForEveryone(ctx context.Context) error {
	scope, err := of(ctx).scope()
	if err != nil {
		return err
	}
	if !scope.Clean() {
		return fmt.Errorf("%d are not covered, narrowed by %s, %d other paths", len(scope.NotCovered), narrowings(scope), len(scope.OtherPaths))
	}
	return nil
}

// narrowedBy passes when a condition of a policy is named that this sign-in met and another might
// not.
//
// Example: Then the verdict is narrowed by "only on the platforms linux"
func narrowedBy(ctx context.Context, condition string) error {
	scope, err := of(ctx).scope()
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(scope.NarrowedBy, func(n verdict.Narrowing) bool { return n.Condition == condition }) {
		return fmt.Errorf("the verdict is narrowed by %s, expected %q", narrowings(scope), condition)
	}
	return nil
}

// notCovered passes when so many may activate the role, and for so many of them no policy asks.
//
// Example: Then 1 of 2 who may activate the role is not covered
func notCovered(ctx context.Context, without, all int) error {
	scope, err := of(ctx).scope()
	if err != nil {
		return err
	}
	if len(scope.NotCovered) != without || scope.Eligible != all {
		return fmt.Errorf("%d of %d are not covered, expected %d of %d", len(scope.NotCovered), scope.Eligible, without, all)
	}
	return nil
}

// scope returns the scope of the verdict, where the configuration could be read.
func (s *scenario) scope() (verdict.Scope, error) {
	proof, err := s.outcome()
	if err != nil {
		return verdict.Scope{}, err
	}
	if !proof.Verdict.Scope.Known() {
		return verdict.Scope{}, errors.New("the scope is not known: the configuration was not read")
	}
	return proof.Verdict.Scope, nil
}

func narrowings(scope verdict.Scope) string {
	if len(scope.NarrowedBy) == 0 {
		return "nothing"
	}
	texts := make([]string, len(scope.NarrowedBy))
	for i, n := range scope.NarrowedBy {
		texts[i] = fmt.Sprintf("%q", n.Condition)
	}
	return strings.Join(texts, ", ")
}
