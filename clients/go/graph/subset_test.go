package graph_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/clients/go/tenant"
)

// Every operation of the Graph subset by the SDK's fluent code, as each of its HTTP clients sends
// it. What the tenant was really sent is read from the tenant, not from the client.
func TestOperationsOfTheSubset(t *testing.T) {
	tenant.Twice(t, func(t *testing.T, tn *tenant.Tenant) {
		recorded := map[string]int{}
		for _, s := range stacks {
			t.Run(s.name, func(t *testing.T) {
				for _, name := range callAll(t, tn, s) {
					recorded[name]++
				}
			})
		}
		var called []string
		for name, times := range recorded {
			if times == len(stacks) {
				called = append(called, name)
			}
		}
		hold(t, tn, called)
	})
}

// callAll makes every call and returns those that the tenant was sent, answered, and the SDK
// took.
func callAll(t *testing.T, tn *tenant.Tenant, s stack) (called []string) {
	t.Helper()
	c := &calls{ctx: t.Context(), tenant: tn, now: tn.Now(t), app: newSDK(t, tn, s, application(t, tn)), admin: newSDK(t, tn, s, admin(t, tn))}
	c.unique = s.name
	seen := len(tn.Requests(t))
	for _, op := range operations() {
		err := op.call(c)
		all := tn.Requests(t)
		sent := answered(t, tn, op.name, all[seen:])
		seen = len(all)
		switch {
		case err != nil:
			t.Errorf("%s: %v", op.name, err)
		case !sent:
			t.Errorf("%s: the SDK was content, and the tenant was not asked for it", op.name)
		default:
			called = append(called, op.name)
		}
	}
	return called
}

var variable = regexp.MustCompile(`\\\{[a-zA-Z]+\\\}`)

// answered says whether an operation is among requests that were answered with success.
func answered(t *testing.T, tn *tenant.Tenant, name string, requests []tenant.Request) bool {
	t.Helper()
	method, path, _ := strings.Cut(name, " ")
	pattern := regexp.MustCompile("^" + variable.ReplaceAllString(regexp.QuoteMeta(tn.GraphBase+"/v1.0"+path), `[^/]+`) + "$")
	for _, r := range requests {
		plain, err := url.PathUnescape(r.URL)
		if err != nil {
			t.Fatal(err)
		}
		if r.Method == method && r.Status/100 == 2 && pattern.MatchString(plain) {
			return true
		}
	}
	return false
}
