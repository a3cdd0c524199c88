// Package verdict decides, from what one proof observed, whether activating a role really
// asked the admin to sign in again. Decide is a pure function: no clock, no network, no file.
// Whoever has the observation can decide again and must come to the same verdict.
//
// # The decision table
//
// The first line that matches wins; the others still add their reasons after the decisive one.
//
//  1. A plain token was accepted: not-enforced, PLAIN_TOKEN_ACCEPTED.
//  2. The flow broke, a control failed, or what a control needs was not observed:
//     inconclusive, with the code of each; UNKNOWN for what was not observed.
//  3. The role became active, or pending approval, without a prompt and without a later
//     auth_time: not-enforced, ACTIVATED_WITHOUT_PROMPT. The role setting names no context:
//     not-enforced, CONTEXT_NOT_REQUIRED.
//  4. Screen and token disagree: inconclusive, PROMPT_WITHOUT_FRESH_TOKEN or
//     FRESH_TOKEN_WITHOUT_PROMPT.
//  5. The step-up was weaker than Observation.Require: not-enforced,
//     STEP_UP_SINGLE_FACTOR or STEP_UP_METHOD_TOO_WEAK.
//  6. Plain tokens were tried by validation-only requests alone, and no real request with one
//     was refused: inconclusive, PLAIN_TOKENS_ONLY_VALIDATED.
//  7. In every activation: a prompt, a later auth_time, the context in the token that
//     carried the activation and not in the plain ones, and every control held:
//     enforced, REPROMPTED.
//  8. Otherwise inconclusive: TOKEN_MALFORMED where the token that carried the activation could
//     not be read, else UNKNOWN, with what was compared.
//
// With two activations lines 1 to 6 match when any of them does, line 7 only when all do.
// An error, a missing observation or a failed control never turns into enforced, and a flow
// that broke is never counted as not-enforced.
//
// Beside the decisive reason, and never changing the outcome: STEP_UP_SINGLE_FACTOR under
// RequireAny, STEPPED_UP_TOKEN_REUSABLE, STEPPED_UP_REFRESH_TOKEN_REUSABLE, LOG_DISAGREES,
// ADMIN_USE_NOT_CHECKED, and UNKNOWN where the configuration says otherwise than what was tried.
//
// # Why line 6, and where it does not match
//
// That a real request refuses a plain token is what keeps a stolen one from activating the role. A
// service may judge validation-only requests rightly and real ones not (the embedded tenant can):
// then the portal's step-up is seen, and whoever does without it gets in all the same. What was not
// observed never counts, so that --replay validation through the portal stays inconclusive. Through
// Graph the challenge itself is the refusal of a real request with a plain token.
//
// # A role that nobody can activate
//
// A role setting may go on naming a context that was unpublished or deleted: no token ever holds it,
// and PIM demands it for ever. Nobody gets in unasked, so this is not "not-enforced"; nobody is seen
// to be asked, so it is not enforced either. It is line 2, CHALLENGE_LOOP, and the cause names the
// context.
//
// # Somebody else
//
// PIM's window is the user's, as far as anybody knows: another session of the account in which the
// admin signs in, or activates any role, within it can suppress the prompt. What the tenant tells of
// such use (Elsewhere) is a control of line 2, ADMIN_IN_USE. It cannot cause a prompt; where the
// sign-in log could not be read the control says so and counts against nobody.
//
// # The witnesses
//
// The screen saw a prompt when, between the challenge and the first token after it, a page
// that asks for a credential stood still and the credential was seen leaving. Account picker,
// stay signed in, consent and terms are no prompts; a page that goes on by itself is none.
//
// The token is fresh when auth_time of the session, by verified ID tokens of one object id,
// tenant and session, moved past the challenge (Tolerance) and the token that carried the
// activation holds the context while the plain tokens do not. The claim acrs alone proves
// nothing: observed, Entra emits contexts that no policy protects unasked.
//
// The log is the tenant's own and late. It confirms or disagrees; it never overrules.
//
// Microsoft's What-If is no witness: it foretells from the configuration and tries nothing.
// Observation.Prediction is laid beside what happened and never looked at by Decide.
//
// # What a verdict does not prove
//
// Enforced speaks of one admin, one device, one place, one client and one moment. Scope says
// which other admins and conditions the configuration would treat differently. It does not
// prove that a stepped-up token cannot be used again, that another way to the same power asks
// too, nor that the machine that ran the proof was honest.
package verdict
