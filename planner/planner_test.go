package planner_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/planner"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// costs make every figure of a plan one that can be added up by hand.
var costs = planner.Costs{SignIn: time.Minute, Activate: 2 * time.Minute, GiveBack: time.Minute}

func mustPlan(t *testing.T, w planner.Work) planner.Plan {
	t.Helper()
	if w.Start.IsZero() {
		w.Start = noon
	}
	if w.Contexts == 0 {
		w.Contexts = 100
	}
	if w.Proof == nil {
		w.Proof = costs.Proof(false, 0)
	}
	plan, err := planner.New(w)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func roles(admins ...[]int) []planner.Role {
	all := make([]planner.Role, len(admins))
	for i, of := range admins {
		all[i] = planner.Role{Name: fmt.Sprintf("role %d", i), Admins: of}
	}
	return all
}

// One admin: a role begins as soon as the one before has been activated, and the five minutes for which PIM
// keeps a role pass beside the next window.
func TestOneAdminProvesOneRoleAfterTheOther(t *testing.T) {
	plan := mustPlan(t, planner.Work{Roles: roles([]int{0}, []int{0}, []int{0}), Admins: 1})
	var got []string
	for _, s := range plan.Steps {
		got = append(got, fmt.Sprintf("%d: %s, %s, %s", s.Role, s.Begins.Sub(noon), s.Activates.Sub(noon), s.Ends.Sub(noon)))
	}
	want := []string{"0: 0s, 12m0s, 20m5s", "1: 14m0s, 26m0s, 34m5s", "2: 28m0s, 40m0s, 48m5s"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
	if plan.Ends != noon.Add(48*time.Minute+5*time.Second) || plan.Windows != 3 || plan.Admins != 1 || plan.Browser != 12*time.Minute || plan.Oldest != 11*time.Minute {
		t.Errorf("plan = %+v", plan)
	}
}

// A second activation keeps the admin for a second window.
func TestASecondActivationKeepsTheAdmin(t *testing.T) {
	plan := mustPlan(t, planner.Work{Roles: roles([]int{0}, []int{0}), Admins: 1, Proof: costs.Proof(true, 15*time.Minute)})
	first, second := plan.Steps[0], plan.Steps[1]
	// sign-in, window, activation, five minutes, give back, the rest of the window, activation
	if got, want := second.Begins.Sub(first.Begins), (1+11+2+1+11+2)*time.Minute; got != want {
		t.Errorf("the second role began after %s, want %s", got, want)
	}
	if got, want := first.Ends.Sub(first.Begins), 28*time.Minute+5*time.Minute+5*time.Second+time.Minute+15*time.Minute; got != want {
		t.Errorf("a proof takes %s, want %s", got, want)
	}
}

// Who may open no context waits, and those that have begun come first.
func TestOneContextIsSharedByTwoAdmins(t *testing.T) {
	plan := mustPlan(t, planner.Work{Roles: roles([]int{0}, []int{1}, []int{0}), Admins: 2, Contexts: 1})
	var got []string
	for _, s := range plan.Steps {
		got = append(got, fmt.Sprintf("%d by %d: %s, %s", s.Role, s.Admin, s.Begins.Sub(noon), s.Activates.Sub(noon)))
	}
	want := []string{"0 by 0: 0s, 12m0s", "2 by 0: 16m0s, 28m0s", "1 by 1: 1m0s, 14m0s"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
	if plan.Oldest != 12*time.Minute {
		t.Errorf("the oldest session is %s old, want 12m0s", plan.Oldest)
	}
}

// The busiest admin has as few roles as can be, whoever is eligible for what.
func TestRolesGoToTheAdminsWhoAreEligible(t *testing.T) {
	for name, row := range map[string]struct {
		eligible [][]int
		admins   int
		windows  int
	}{
		"everybody for everything":    {slices.Repeat([][]int{{0, 1, 2}}, 7), 3, 3},
		"one alone for all":           {slices.Repeat([][]int{{2}}, 5), 3, 5},
		"a chain that has to move on": {[][]int{{0}, {0, 1}, {0, 1}, {1, 2}, {1, 2}, {2}}, 3, 2},
		// Taken in this order the first four would all go to 0 and 1; three chains put that right.
		"some for a few": {[][]int{{0, 1}, {0, 1}, {0, 1}, {0, 1}, {1, 2}, {1, 2}, {2, 3}, {3}}, 4, 2},
	} {
		plan := mustPlan(t, planner.Work{Roles: roles(row.eligible...), Admins: row.admins})
		if plan.Windows != row.windows {
			t.Errorf("%s: the busiest has %d roles, want %d", name, plan.Windows, row.windows)
		}
		proved := map[int]bool{}
		for _, s := range plan.Steps {
			if proved[s.Role] || !slices.Contains(row.eligible[s.Role], s.Admin) {
				t.Errorf("%s: role %d by admin %d, eligible are %v, proved before: %t", name, s.Role, s.Admin, row.eligible[s.Role], proved[s.Role])
			}
			proved[s.Role] = true
		}
		if len(proved) != len(row.eligible) {
			t.Errorf("%s: %d roles are planned of %d", name, len(proved), len(row.eligible))
		}
	}
}

// A role that nobody is eligible for costs no window: the proof says so before anybody signs in.
func TestARoleWithoutAnAdminCostsNothing(t *testing.T) {
	plan := mustPlan(t, planner.Work{Roles: roles(nil, []int{0}, nil), Admins: 1})
	if plan.Nobody != 2 || plan.Windows != 1 || plan.Browser != 4*time.Minute || len(plan.Steps) != 3 {
		t.Errorf("plan = %+v", plan)
	}
}

// The same work gives the same plan.
func TestAPlanIsDeterministic(t *testing.T) {
	work := planner.Work{Admins: 5, Contexts: 3}
	for i := range 60 {
		work.Roles = append(work.Roles, planner.Role{Admins: []int{i % 5, (i * 7) % 5, 4}})
	}
	first := mustPlan(t, work)
	for range 20 {
		if diff := cmp.Diff(first, mustPlan(t, work)); diff != "" {
			t.Fatalf("the plan differs (-first +now):\n%s", diff)
		}
	}
}

func TestWorkThatCannotBePlannedIsRefused(t *testing.T) {
	good := planner.Work{Roles: roles([]int{0}), Admins: 1, Contexts: 1, Proof: costs.Proof(false, 0)}
	for want, change := range map[string]func(*planner.Work){
		"no role":             func(w *planner.Work) { w.Roles = nil },
		"no admin":            func(w *planner.Work) { w.Admins = 0 },
		"no browser context":  func(w *planner.Work) { w.Contexts = 0 },
		"never frees":         func(w *planner.Work) { w.Proof = w.Proof[:1] },
		"names admin 1 of 1":  func(w *planner.Work) { w.Roles = roles([]int{1}) },
		"names admin -1 of 1": func(w *planner.Work) { w.Roles = roles([]int{-1}) },
	} {
		work := good
		change(&work)
		if _, err := planner.New(work); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error = %v", want, err)
		}
	}
}

// Where roles are taken as they come, whoever is free takes the next, whatever the others take; no more are under way
// than may be, and what one has from beginning to end the next waits for, which another passes.
func TestRolesAreTakenAsTheyCome(t *testing.T) {
	short := []planner.Stage{{Frees: true, Wait: time.Minute}}
	all := []int{0, 1}
	row := func(proof []planner.Stage, alone ...string) planner.Role {
		return planner.Role{Admins: all, Proof: proof, Alone: alone}
	}
	for name, test := range map[string]struct {
		roles  []planner.Role
		atOnce int
		want   []string // role by admin: begins, ends
	}{
		"the free admin takes the short ones": {
			[]planner.Role{row(nil), row(short), row(short), row(nil)},
			0,
			[]string{"0 by 0: 0s, 20m5s", "1 by 1: 0s, 1m0s", "2 by 1: 0s, 1m0s", "3 by 1: 0s, 20m5s"},
		},
		"one at a time": {
			[]planner.Role{row(nil), row(short), row(short)},
			1,
			[]string{"0 by 0: 0s, 20m5s", "1 by 0: 20m5s, 21m5s", "2 by 0: 21m5s, 22m5s"},
		},
		"what others have is waited for, and those who want none of it pass": {
			[]planner.Role{row(nil, "c7"), row(short, "c7"), row(short)},
			0,
			[]string{"0 by 0: 0s, 20m5s", "1 by 0: 20m5s, 21m5s", "2 by 1: 0s, 1m0s"},
		},
		"what somebody waits for is kept for it": {
			[]planner.Role{row(nil, "a"), row(short, "a", "b"), row(short, "b")},
			0,
			[]string{"0 by 0: 0s, 20m5s", "1 by 0: 20m5s, 21m5s", "2 by 0: 21m5s, 22m5s"},
		},
	} {
		plan := mustPlan(t, planner.Work{Roles: test.roles, Admins: 2, AsTheyCome: true, AtOnce: test.atOnce})
		var got []string
		for _, s := range plan.Steps {
			got = append(got, fmt.Sprintf("%d by %d: %s, %s", s.Role, s.Admin, s.Begins.Sub(noon), s.Ends.Sub(noon)))
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
