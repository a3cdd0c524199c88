package steps

import (
	"context"
	"errors"
	"fmt"
)

func registerLab(sc sentences) {
	sc.Given(`^a tenant that (accepts|refuses) a stepped-up token again$`, reusesSteppedUp)
	sc.Given(`^a tenant whose validation-only requests (look at|ignore) the context$`, validationLooks)
	sc.Given(`^a tenant that emits unprotected contexts (unasked|only when asked)$`, emitsContexts)
	sc.Given(`^a tenant whose portal calls (Microsoft Graph|the legacy PIM host)$`, portalCalls)
	sc.Given(`^a tenant whose portal steps up in a (redirect|popup)$`, portalStepsUp)
	sc.Given(`^a tenant whose portal speaks (English|German|French)$`, portalSpeaks)
	sc.Given(`^a tenant whose portal lays a survey over its pages$`, portalSurveys)
	sc.Given(`^a tenant that (wants|does not want) every client to answer challenges$`, wantsCP1)
	sc.Given(`^a tenant whose refresh tokens (step up|do not step up) without the admin$`, refreshStepsUp)
	sc.Given(`^a tenant with continuous access evaluation$`, evaluatesContinuously)
	sc.Given(`^a tenant that is broken: "([a-z0-9_-]+)"$`, misbehaves)
}

// reusesSteppedUp says whether a token that stepped up once activates again while it lives. No
// document says which. It needs the embedded tenant.
//
// Example: Given a tenant that accepts a stepped-up token again
func reusesSteppedUp(ctx context.Context, does string) error {
	return of(ctx).set(ctx, "replay_stepped_up", does == "accepts")
}

// validationLooks says whether an activation that is only to be validated is refused without the
// context, as a real one is. Nobody has shown which. It needs the embedded tenant.
//
// Example: Given a tenant whose validation-only requests ignore the context
func validationLooks(ctx context.Context, does string) error {
	return of(ctx).set(ctx, "validation_only_checks_context", does == "look at")
}

// emitsContexts says whether an access token holds every context that no policy protects, without
// being asked for it (observed of Entra). It needs the embedded tenant.
//
// Example: Given a tenant that emits unprotected contexts unasked
func emitsContexts(ctx context.Context, when string) error {
	return of(ctx).set(ctx, "unasked_contexts", when == "unasked")
}

// portalCalls says which of the two interfaces of PIM the portal's page uses. It needs the embedded
// tenant.
//
// Example: Given a tenant whose portal calls the legacy PIM host
func portalCalls(ctx context.Context, host string) error {
	return of(ctx).set(ctx, "portal_api", map[string]string{"Microsoft Graph": "graph", "the legacy PIM host": "mspim"}[host])
}

// portalStepsUp says how the portal's page sends the admin to the sign-in page. It needs the
// embedded tenant.
//
// Example: Given a tenant whose portal steps up in a popup
func portalStepsUp(ctx context.Context, way string) error {
	return of(ctx).set(ctx, "portal_step_up", way)
}

// portalSpeaks says which language the portal's and the sign-in's pages are in. It needs the embedded
// tenant.
//
// Example: Given a tenant whose portal speaks French
func portalSpeaks(ctx context.Context, language string) error {
	return of(ctx).speak(ctx, map[string]string{"English": "en", "German": "de", "French": "fr"}[language])
}

// portalSurveys has the portal lay a survey over its pages whenever they are loaded. It needs the
// embedded tenant.
//
// Example: Given a tenant whose portal lays a survey over its pages
func portalSurveys(ctx context.Context) error { return of(ctx).set(ctx, "portal_survey", true) }

// wantsCP1 says whether PIM honours a context only from a client that says it answers claims challenges
// (observed of Entra). It needs the embedded tenant.
//
// Example: Given a tenant that wants every client to answer challenges
func wantsCP1(ctx context.Context, does string) error {
	return of(ctx).set(ctx, "cp1_required", does == "wants")
}

// refreshStepsUp says whether a refresh token that is redeemed for the context gets it although a new
// sign-in is due. No document says which. It needs the embedded tenant.
//
// Example: Given a tenant whose refresh tokens step up without the admin
func refreshStepsUp(ctx context.Context, do string) error {
	return of(ctx).set(ctx, "refresh_steps_up", do == "step up")
}

// evaluatesContinuously has Graph answer tokens from before a change of policies or of the admin's roles
// with a challenge of its own (observed of Entra), which is not PIM's. It needs the embedded tenant.
//
// Example: Given a tenant with continuous access evaluation
func evaluatesContinuously(ctx context.Context) error { return of(ctx).set(ctx, "cae", true) }

// misbehaves breaks the embedded tenant: its sign-in service or its Graph does what Entra never
// should. The name of the defect is one that the control listener's setting "misbehaviour" knows.
//
// Example: Given a tenant that is broken: "wrong_key"
func misbehaves(ctx context.Context, defect string) error {
	return of(ctx).set(ctx, "misbehaviour", defect)
}

// set changes one setting of the embedded tenant.
func (s *scenario) set(ctx context.Context, name string, value any) error {
	lab, err := s.lab()
	if err != nil {
		return err
	}
	if err := lab.Set(ctx, map[string]any{name: value}); err != nil {
		return fmt.Errorf("change the embedded tenant's setting %s: %w", name, err)
	}
	return nil
}

// speak changes the language of the embedded tenant's pages.
func (s *scenario) speak(ctx context.Context, language string) error {
	lab, err := s.lab()
	if err != nil {
		return err
	}
	if err := lab.Speak(ctx, language); err != nil {
		return fmt.Errorf("change the language of the embedded tenant: %w", err)
	}
	return nil
}

func (s *scenario) lab() (Lab, error) {
	if lab := s.tenant.Lab(); lab != nil {
		return lab, nil
	}
	return nil, errors.New("only the embedded tenant can be told how to behave: tag the scenario @embedded, so that it is not chosen on a real one")
}
