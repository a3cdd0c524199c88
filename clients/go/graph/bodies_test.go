package graph_test

import (
	"time"

	"github.com/microsoft/kiota-abstractions-go/serialization"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
)

func ptr[T any](v T) *T { return &v }

// newPolicy protects a context, for nobody, and is off.
func newPolicy() models.ConditionalAccessPolicyable {
	applications := models.NewConditionalAccessApplications()
	applications.SetIncludeApplications([]string{})
	applications.SetIncludeAuthenticationContextClassReferences([]string{"c1"})
	who := models.NewConditionalAccessUsers()
	who.SetIncludeUsers([]string{"None"})
	conditions := models.NewConditionalAccessConditionSet()
	conditions.SetClientAppTypes([]models.ConditionalAccessClientApp{models.ALL_CONDITIONALACCESSCLIENTAPP})
	conditions.SetApplications(applications)
	conditions.SetUsers(who)
	frequency := models.NewSignInFrequencySessionControl()
	frequency.SetIsEnabled(ptr(true))
	frequency.SetFrequencyInterval(ptr(models.EVERYTIME_SIGNINFREQUENCYINTERVAL))
	frequency.SetAuthenticationType(ptr(models.PRIMARYANDSECONDARYAUTHENTICATION_SIGNINFREQUENCYAUTHENTICATIONTYPE))
	session := models.NewConditionalAccessSessionControls()
	session.SetSignInFrequency(frequency)
	policy := models.NewConditionalAccessPolicy()
	policy.SetDisplayName(ptr("of the Graph SDK"))
	policy.SetState(ptr(models.DISABLED_CONDITIONALACCESSPOLICYSTATE))
	policy.SetConditions(conditions)
	policy.SetSessionControls(session)
	return policy
}

func renamedPolicy() models.ConditionalAccessPolicyable {
	policy := models.NewConditionalAccessPolicy()
	policy.SetDisplayName(ptr("renamed by the Graph SDK"))
	return policy
}

func newLocation(name string) models.NamedLocationable {
	addresses := models.NewIPv4CidrRange()
	addresses.SetCidrAddress(ptr("192.0.2.0/24"))
	location := models.NewIpNamedLocation()
	location.SetOdataType(ptr("#microsoft.graph.ipNamedLocation")) // required by Graph (documented), and not set by the SDK
	location.SetDisplayName(&name)
	location.SetIsTrusted(ptr(false))
	location.SetIpRanges([]models.IpRangeable{addresses})
	return location
}

func newContext(name string) models.AuthenticationContextClassReferenceable {
	context := models.NewAuthenticationContextClassReference()
	context.SetDisplayName(&name)
	context.SetDescription(ptr("made by the Graph SDK"))
	context.SetIsAvailable(ptr(false))
	return context
}

func newStrength(name string) models.AuthenticationStrengthPolicyable {
	strength := renamedStrength(name)
	strength.SetAllowedCombinations([]models.AuthenticationMethodModes{models.FIDO2_AUTHENTICATIONMETHODMODES})
	return strength
}

func renamedStrength(name string) models.AuthenticationStrengthPolicyable {
	strength := models.NewAuthenticationStrengthPolicy()
	strength.SetDisplayName(&name)
	return strength
}

func newUser(name, domain string) models.Userable {
	password := models.NewPasswordProfile()
	password.SetPassword(ptr("One-of-a-kind-9!"))
	user := models.NewUser()
	user.SetAccountEnabled(ptr(true))
	user.SetDisplayName(&name)
	user.SetMailNickname(&name)
	user.SetUserPrincipalName(ptr(name + "@" + domain))
	user.SetPasswordProfile(password)
	return user
}

func newGroup(name string) models.Groupable {
	group := models.NewGroup()
	group.SetDisplayName(&name)
	group.SetMailNickname(&name)
	group.SetMailEnabled(ptr(false))
	group.SetSecurityEnabled(ptr(true))
	return group
}

// schedule is for two hours from an instant.
func schedule(from time.Time) models.RequestScheduleable {
	duration, err := serialization.ParseISODuration("PT2H")
	if err != nil {
		panic(err) // a constant
	}
	expiration := models.NewExpirationPattern()
	expiration.SetTypeEscaped(ptr(models.AFTERDURATION_EXPIRATIONPATTERNTYPE))
	expiration.SetDuration(duration)
	s := models.NewRequestSchedule()
	s.SetStartDateTime(&from)
	s.SetExpiration(expiration)
	return s
}

// directoryReaders is a role that can do no harm.
const directoryReaders = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"

// scheduleRequest is what requests for assignments and for eligibilities have in common.
type scheduleRequest interface {
	SetAction(*models.UnifiedRoleScheduleRequestActions)
	SetPrincipalId(*string)
	SetRoleDefinitionId(*string)
	SetDirectoryScopeId(*string)
	SetJustification(*string)
	SetScheduleInfo(models.RequestScheduleable)
}

// byAdministrator fills in a request of an administrator for somebody else.
func byAdministrator[T scheduleRequest](request T, principal string, from time.Time) T {
	request.SetAction(ptr(models.ADMINASSIGN_UNIFIEDROLESCHEDULEREQUESTACTIONS))
	request.SetPrincipalId(&principal)
	request.SetRoleDefinitionId(ptr(directoryReaders))
	request.SetDirectoryScopeId(ptr("/"))
	request.SetJustification(ptr("clients"))
	request.SetScheduleInfo(schedule(from))
	return request
}

func newAssignment(principal string, from time.Time) models.UnifiedRoleAssignmentScheduleRequestable {
	return byAdministrator(models.NewUnifiedRoleAssignmentScheduleRequest(), principal, from)
}

func newEligibility(principal string, from time.Time) models.UnifiedRoleEligibilityScheduleRequestable {
	return byAdministrator(models.NewUnifiedRoleEligibilityScheduleRequest(), principal, from)
}

// contextRule is the id of the rule that names an authentication context.
const contextRule = "AuthenticationContext_EndUser_Assignment"

func newContextRule() models.UnifiedRoleManagementPolicyRuleable {
	rule := models.NewUnifiedRoleManagementPolicyAuthenticationContextRule()
	rule.SetId(ptr(contextRule))
	rule.SetIsEnabled(ptr(false))
	rule.SetClaimValue(ptr(""))
	return rule
}

func newPass() models.TemporaryAccessPassAuthenticationMethodable {
	pass := models.NewTemporaryAccessPassAuthenticationMethod()
	pass.SetLifetimeInMinutes(ptr(int32(30)))
	pass.SetIsUsableOnce(ptr(true))
	return pass
}
