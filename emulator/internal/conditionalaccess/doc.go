// Package conditionalaccess decides a sign-in of the embedded tenant: from one
// sign-in attempt and the tenant's Conditional Access policies to a decision.
//
// It is pure. There is no clock (the instant is SignIn.Now), no store and no
// network; the same values always give the same decision.
//
// What it reads: policies in the JSON of Microsoft Graph's
// conditionalAccessPolicy (see [Parse]) and a [SignIn]. What it answers: a
// [Decision], which names the policies that block, the grant controls that are
// still to be met, the factors that must be given anew, and what the sign-in
// log says about each policy, context and session lifetime.
//
// The rules, with their sources:
//
//   - Exclusion wins over inclusion, in every condition (documented). Groups
//     count with nested membership (documented); roles only while they are
//     active, so a policy scoped to a role does not reach an admin who is merely
//     eligible for it (documented).
//   - A policy on an authentication context applies only to a sign-in that asks
//     for that context (documented). "All cloud apps" reaches a sign-in through
//     the app that is asked for, never through a context.
//   - An MFA grant is met by an MFA that the session already holds, an
//     authentication strength by a method used at any time in the session
//     (documented: the method "is already part of their token").
//   - Sign-in frequency "every time" asks for full re-authentication when the
//     session is evaluated, with five minutes of allowance for clock skew; who
//     completed MFA within these five minutes is not prompted (documented).
//   - A time-based sign-in frequency counts from the instant of each factor, and
//     applies to MFA as well (documented). Of several policies the strictest
//     counts (documented), which needs no rule here: each policy demands by itself.
//   - PIM's window of ten minutes after a re-authentication for an activation is
//     documented; how it combines with the five minutes is not, so it is a
//     setting ([WindowRule]).
package conditionalaccess
