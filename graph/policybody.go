package graph

import (
	"fmt"

	"github.com/microsoftgraph/msgraph-sdk-go/models"
)

// body is the policy as the SDK writes it. What is empty is not sent at all: Graph takes an
// all-zero session control for a mistake and answers 400 (observed).
func (p Policy) body() (models.ConditionalAccessPolicyable, error) {
	state, err := enum[models.ConditionalAccessPolicyState](p.State, models.ParseConditionalAccessPolicyState)
	if err != nil {
		return nil, err
	}
	conditions, err := p.conditions()
	if err != nil {
		return nil, err
	}
	grant, err := p.grant()
	if err != nil {
		return nil, err
	}
	session, err := p.session()
	if err != nil {
		return nil, err
	}
	body := models.NewConditionalAccessPolicy()
	body.SetDisplayName(&p.Name)
	body.SetState(state)
	body.SetConditions(conditions)
	if grant != nil {
		body.SetGrantControls(grant)
	}
	if session != nil {
		body.SetSessionControls(session)
	}
	return body, nil
}

func (p Policy) conditions() (models.ConditionalAccessConditionSetable, error) {
	types := p.ClientAppTypes
	if len(types) == 0 {
		types = []string{"all"} // required by Graph
	}
	clients, err := enums[models.ConditionalAccessClientApp](types, models.ParseConditionalAccessClientApp)
	if err != nil {
		return nil, err
	}
	set := models.NewConditionalAccessConditionSet()
	set.SetClientAppTypes(clients)
	set.SetApplications(p.applications())
	set.SetUsers(p.users())
	if len(p.IncludeLocations)+len(p.ExcludeLocations) > 0 {
		locations := models.NewConditionalAccessLocations()
		locations.SetIncludeLocations(p.IncludeLocations)
		locations.SetExcludeLocations(p.ExcludeLocations)
		set.SetLocations(locations)
	}
	if err := p.setPlatforms(set); err != nil {
		return nil, err
	}
	if err := p.setDeviceFilter(set); err != nil {
		return nil, err
	}
	return set, p.setRisk(set)
}

func (p Policy) applications() models.ConditionalAccessApplicationsable {
	applications := models.NewConditionalAccessApplications()
	if len(p.Contexts) > 0 {
		applications.SetIncludeAuthenticationContextClassReferences(p.Contexts)
	}
	if len(p.UserActions) > 0 {
		applications.SetIncludeUserActions(p.UserActions)
	}
	// A policy on a context has an empty list here (documented).
	applications.SetIncludeApplications(append([]string{}, p.IncludeApplications...))
	if len(p.ExcludeApplications) > 0 {
		applications.SetExcludeApplications(p.ExcludeApplications)
	}
	return applications
}

func (p Policy) users() models.ConditionalAccessUsersable {
	users := models.NewConditionalAccessUsers()
	users.SetIncludeUsers(append([]string{}, p.IncludeUsers...))
	users.SetExcludeUsers(append([]string{}, p.ExcludeUsers...))
	users.SetIncludeGroups(append([]string{}, p.IncludeGroups...))
	users.SetExcludeGroups(append([]string{}, p.ExcludeGroups...))
	users.SetIncludeRoles(append([]string{}, p.IncludeRoles...))
	users.SetExcludeRoles(append([]string{}, p.ExcludeRoles...))
	return users
}

func (p Policy) setPlatforms(set models.ConditionalAccessConditionSetable) error {
	if len(p.IncludePlatforms)+len(p.ExcludePlatforms) == 0 {
		return nil
	}
	include, err := enums[models.ConditionalAccessDevicePlatform](p.IncludePlatforms, models.ParseConditionalAccessDevicePlatform)
	if err != nil {
		return err
	}
	exclude, err := enums[models.ConditionalAccessDevicePlatform](p.ExcludePlatforms, models.ParseConditionalAccessDevicePlatform)
	if err != nil {
		return err
	}
	platforms := models.NewConditionalAccessPlatforms()
	platforms.SetIncludePlatforms(include)
	platforms.SetExcludePlatforms(exclude)
	set.SetPlatforms(platforms)
	return nil
}

func (p Policy) setDeviceFilter(set models.ConditionalAccessConditionSetable) error {
	if p.DeviceFilter == "" {
		return nil
	}
	mode, err := enum[models.FilterMode](p.DeviceFilterMode, models.ParseFilterMode)
	if err != nil {
		return err
	}
	filter := models.NewConditionalAccessFilter()
	filter.SetMode(mode)
	filter.SetRule(&p.DeviceFilter)
	devices := models.NewConditionalAccessDevices()
	devices.SetDeviceFilter(filter)
	set.SetDevices(devices)
	return nil
}

func (p Policy) setRisk(set models.ConditionalAccessConditionSetable) error {
	user, err := enums[models.RiskLevel](p.UserRisk, models.ParseRiskLevel)
	if err != nil {
		return err
	}
	signIn, err := enums[models.RiskLevel](p.SignInRisk, models.ParseRiskLevel)
	if err != nil {
		return err
	}
	if len(user) > 0 {
		set.SetUserRiskLevels(user)
	}
	if len(signIn) > 0 {
		set.SetSignInRiskLevels(signIn)
	}
	return nil
}

func (p Policy) grant() (models.ConditionalAccessGrantControlsable, error) {
	if len(p.Grants) == 0 && p.Strength == "" {
		return nil, nil
	}
	controls, err := enums[models.ConditionalAccessGrantControl](p.Grants, models.ParseConditionalAccessGrantControl)
	if err != nil {
		return nil, err
	}
	operator := p.GrantOperator
	if operator == "" {
		operator = "OR"
	}
	grant := models.NewConditionalAccessGrantControls()
	grant.SetOperator(&operator)
	grant.SetBuiltInControls(controls)
	if p.Strength != "" {
		strength := models.NewAuthenticationStrengthPolicy()
		strength.SetId(&p.Strength)
		grant.SetAuthenticationStrength(strength)
	}
	return grant, nil
}

func (p Policy) session() (models.ConditionalAccessSessionControlsable, error) {
	if p.Frequency == nil {
		return nil, nil
	}
	interval, err := enum[models.SignInFrequencyInterval](p.Frequency.Interval, models.ParseSignInFrequencyInterval)
	if err != nil {
		return nil, err
	}
	factors, err := enum[models.SignInFrequencyAuthenticationType](p.Frequency.AuthenticationType, models.ParseSignInFrequencyAuthenticationType)
	if err != nil {
		return nil, err
	}
	frequency := models.NewSignInFrequencySessionControl()
	frequency.SetIsEnabled(&p.Frequency.Enabled)
	frequency.SetFrequencyInterval(interval)
	frequency.SetAuthenticationType(factors)
	if p.Frequency.Interval == FrequencyTimeBased { // with everyTime both are null (documented)
		unit, err := enum[models.SigninFrequencyType](p.Frequency.Type, models.ParseSigninFrequencyType)
		if err != nil {
			return nil, err
		}
		value := int32(p.Frequency.Value)
		frequency.SetTypeEscaped(unit)
		frequency.SetValue(&value)
	}
	session := models.NewConditionalAccessSessionControls()
	session.SetSignInFrequency(frequency)
	return session, nil
}

// enum turns a text into the SDK's value. The SDK's parsers answer nil, without an error, for
// what they do not know.
func enum[E any](text string, parse func(string) (any, error)) (*E, error) {
	value, err := parse(text)
	if err != nil {
		return nil, err
	}
	known, ok := value.(*E)
	if !ok || known == nil {
		return nil, fmt.Errorf("unknown value %q of %T", text, *new(E))
	}
	return known, nil
}

func enums[E any](texts []string, parse func(string) (any, error)) ([]E, error) {
	values := []E{}
	for _, text := range texts {
		value, err := enum[E](text, parse)
		if err != nil {
			return nil, err
		}
		values = append(values, *value)
	}
	return values, nil
}
