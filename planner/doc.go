// Package planner orders proofs over test admins and says when the last one will be over. It is pure: it
// asks nobody, waits for nothing and knows no clock; package pool carries a plan out.
//
// # What bounds the time
//
// PIM asks nobody twice within ten minutes, whichever role it is (documented: the window "applies across
// Microsoft Entra roles, Azure resource roles, and PIM for Groups"). A proof therefore keeps its admin from
// the sign-in until it has activated for the last time, about eleven minutes, and one admin proves one role
// per eleven minutes; K admins prove K at a time. What comes after (PIM keeps a role for five minutes, the
// sign-in log is late) keeps no admin: the next role of that admin begins meanwhile, with a sign-in and a
// priming of its own, since a session older than an hour proves nothing.
//
// The browser is the other bound: a proof drives it in a few stretches (Stage.Browser) and no more than a
// number of contexts are open at a time. Between stretches the proof only waits, and keeps no context.
//
// # What the plan does
//
// Each role goes to one of the admins who are eligible for it, so that the busiest admin has as few roles as
// can be. Who wants a context gets it in the order of Line: whoever has begun before whoever has not, so that
// no session grows old in a queue.
//
// Where the roles are taken as they come (Work.AsTheyCome) nobody has one beforehand: whoever is free takes the
// first of those left that can begin. So scenarios are begun, of which nobody knows how long they take.
//
// A plan does not prove that the proofs take as long as it says: Stage.Browser is an estimate.
package planner
