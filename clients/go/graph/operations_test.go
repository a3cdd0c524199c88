package graph_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/reprompt/reprompt/clients/go/tenant"
)

// operation is one call, by the SDK's own fluent code, of an operation of the Graph subset. The
// calls of one table follow each other: what one makes, the next ones read, change and delete.
type operation struct {
	name string // as the schema spells it
	call func(*calls) error
}

// calls is what goes from one call to the next.
type calls struct {
	ctx    context.Context
	tenant *tenant.Tenant
	now    time.Time // the tenant's

	app, admin *sdk   // acting as the application, as the admin
	unique     string // part of names that must not be taken

	policy, location, strength, user, group, pass          string
	assignmentRequest, assignmentSchedule, assignmentNow   string
	eligibilityRequest, eligibilitySchedule, eligibleNow   string
	assignment, setting, settingOf, signIn, directoryAudit string
}

// identified is any object of Graph.
type identified interface{ GetId() *string }

// one takes an answer that is an object, and returns its id.
func one[T identified](object T, err error) (string, error) {
	if err != nil {
		return "", err
	}
	if id := object.GetId(); id != nil && *id != "" {
		return *id, nil
	}
	return "", errors.New("the object has no id")
}

// same takes an answer that is an object, and compares its display name.
func same[T interface{ GetDisplayName() *string }](object T, err error) func(want string) error {
	return func(want string) error {
		if err != nil {
			return err
		}
		if name := object.GetDisplayName(); name == nil || *name != want {
			return fmt.Errorf("the display name is not %q", want)
		}
		return nil
	}
}

// page is any list of Graph.
type page[T identified] interface{ GetValue() []T }

// some takes an answer that is a list with something in it, and returns the first one's id.
func some[T identified](list page[T], err error) (string, error) {
	if err != nil {
		return "", err
	}
	values := list.GetValue()
	if len(values) == 0 {
		return "", errors.New("the list is empty")
	}
	for _, value := range values {
		if _, err := one(value, nil); err != nil {
			return "", err
		}
	}
	return one(values[0], nil)
}

// done takes the answer of a change, which may be empty.
func done[T any](_ T, err error) error { return err }

// dropped drops the id of an answer.
func dropped(_ string, err error) error { return err }

// operations are all of them, in an order in which each finds what it needs.
func operations() []operation {
	return slices.Concat(directoryOperations(), policyOperations(), contextOperations(), roleOperations(), eligibilityOperations(), settingOperations(), logOperations())
}
