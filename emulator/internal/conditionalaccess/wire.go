package conditionalaccess

import (
	"fmt"
	"strings"
	"time"
)

// wirePolicy is the JSON of a conditionalAccessPolicy; pointers tell null from absent values.
type wirePolicy struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
	State       string `json:"state"`
	Conditions  struct {
		UserRiskLevels    []string `json:"userRiskLevels"`
		SignInRiskLevels  []string `json:"signInRiskLevels"`
		InsiderRiskLevels *string  `json:"insiderRiskLevels"`
		ClientAppTypes    []string `json:"clientAppTypes"`
		Platforms         *struct {
			Include []string `json:"includePlatforms"`
			Exclude []string `json:"excludePlatforms"`
		} `json:"platforms"`
		Locations *struct {
			Include []string `json:"includeLocations"`
			Exclude []string `json:"excludeLocations"`
		} `json:"locations"`
		Devices *struct {
			Filter *struct {
				Mode string `json:"mode"`
				Rule string `json:"rule"`
			} `json:"deviceFilter"`
		} `json:"devices"`
		ClientApplications *struct {
			Include []string `json:"includeServicePrincipals"`
		} `json:"clientApplications"`
		AuthenticationFlows *struct {
			TransferMethods string `json:"transferMethods"`
		} `json:"authenticationFlows"`
		Applications *struct {
			Include     []string `json:"includeApplications"`
			Exclude     []string `json:"excludeApplications"`
			UserActions []string `json:"includeUserActions"`
			Contexts    []string `json:"includeAuthenticationContextClassReferences"`
		} `json:"applications"`
		Users *wireUsers `json:"users"`
	} `json:"conditions"`
	GrantControls   *wireGrant   `json:"grantControls"`
	SessionControls *wireSession `json:"sessionControls"`
}

type wireUsers struct {
	IncludeUsers  []string    `json:"includeUsers"`
	ExcludeUsers  []string    `json:"excludeUsers"`
	IncludeGroups []string    `json:"includeGroups"`
	ExcludeGroups []string    `json:"excludeGroups"`
	IncludeRoles  []string    `json:"includeRoles"`
	ExcludeRoles  []string    `json:"excludeRoles"`
	IncludeGuests *wireGuests `json:"includeGuestsOrExternalUsers"`
	ExcludeGuests *wireGuests `json:"excludeGuestsOrExternalUsers"`
}

type wireGuests struct {
	Types   string `json:"guestOrExternalUserTypes"`
	Tenants *struct {
		Kind    string   `json:"membershipKind"`
		Members []string `json:"members"`
	} `json:"externalTenants"`
}

type wireGrant struct {
	Operator   *string  `json:"operator"`
	BuiltIn    []string `json:"builtInControls"`
	Custom     []string `json:"customAuthenticationFactors"`
	TermsOfUse []string `json:"termsOfUse"`
	Strength   *struct {
		ID           string   `json:"id"`
		DisplayName  string   `json:"displayName"`
		Combinations []string `json:"allowedCombinations"`
	} `json:"authenticationStrength"`
}

type wireSession struct {
	SignInFrequency *struct {
		IsEnabled          bool   `json:"isEnabled"`
		Type               string `json:"type"`
		Value              *int   `json:"value"`
		AuthenticationType string `json:"authenticationType"`
		FrequencyInterval  string `json:"frequencyInterval"`
	} `json:"signInFrequency"`
	PersistentBrowser *struct {
		IsEnabled bool   `json:"isEnabled"`
		Mode      string `json:"mode"`
	} `json:"persistentBrowser"`
	CloudAppSecurity *struct {
		IsEnabled bool `json:"isEnabled"`
	} `json:"cloudAppSecurity"`
	AppRestrictions *struct {
		IsEnabled bool `json:"isEnabled"`
	} `json:"applicationEnforcedRestrictions"`
	SecureSignIn *struct {
		IsEnabled bool `json:"isEnabled"`
	} `json:"secureSignInSession"`
}

// stateFrom matches in any case, as the service does.
func stateFrom(s string) (State, error) {
	for _, known := range []State{Enabled, Disabled, ReportOnly} {
		if strings.EqualFold(s, string(known)) {
			return known, nil
		}
	}
	return "", fmt.Errorf("state %q is none of enabled, disabled, enabledForReportingButNotEnforced", s)
}

func (w wirePolicy) policy() (Policy, error) {
	state, err := stateFrom(w.State)
	if err != nil {
		return Policy{}, err
	}
	conditions, err := w.conditions()
	if err != nil {
		return Policy{}, err
	}
	grant, err := w.GrantControls.grant()
	if err != nil {
		return Policy{}, err
	}
	session, err := w.SessionControls.session()
	if err != nil {
		return Policy{}, err
	}
	return Policy{ID: w.ID, DisplayName: w.DisplayName, State: state, Conditions: conditions, Grant: grant, Session: session}, nil
}

func (w wirePolicy) conditions() (Conditions, error) {
	c := w.Conditions
	out := Conditions{
		ClientAppTypes: c.ClientAppTypes, UserRiskLevels: c.UserRiskLevels, SignInRiskLevels: c.SignInRiskLevels,
		Users: c.Users.users(),
	}
	if c.InsiderRiskLevels != nil {
		out.InsiderRiskLevels = flags(*c.InsiderRiskLevels)
	}
	if c.Platforms != nil {
		out.Platforms = IncludeExclude(*c.Platforms)
	}
	if c.Locations != nil {
		out.Locations = IncludeExclude(*c.Locations)
	}
	if c.AuthenticationFlows != nil {
		out.TransferMethods = flags(c.AuthenticationFlows.TransferMethods)
	}
	if a := c.Applications; a != nil {
		out.Applications = Applications(*a)
	}
	out.ForServicePrincipals = c.ClientApplications != nil && len(c.ClientApplications.Include) > 0
	if c.Devices != nil && c.Devices.Filter != nil {
		filter, err := ParseDeviceFilter(c.Devices.Filter.Mode, c.Devices.Filter.Rule)
		if err != nil {
			return Conditions{}, fmt.Errorf("device filter: %w", err)
		}
		out.DeviceFilter = filter
	}
	return out, nil
}

func (w *wireUsers) users() Users {
	if w == nil {
		return Users{}
	}
	return Users{
		IncludeUsers: w.IncludeUsers, ExcludeUsers: w.ExcludeUsers,
		IncludeGroups: w.IncludeGroups, ExcludeGroups: w.ExcludeGroups,
		IncludeRoles: w.IncludeRoles, ExcludeRoles: w.ExcludeRoles,
		IncludeGuests: w.IncludeGuests.guests(), ExcludeGuests: w.ExcludeGuests.guests(),
	}
}

func (w *wireGuests) guests() *Guests {
	if w == nil {
		return nil
	}
	g := &Guests{Types: flags(w.Types)}
	if w.Tenants != nil && strings.EqualFold(w.Tenants.Kind, "enumerated") {
		g.Tenants = w.Tenants.Members
	}
	return g
}

func (w *wireGrant) grant() (*Grant, error) {
	if w == nil {
		return nil, nil
	}
	g := &Grant{BuiltIn: w.BuiltIn, Custom: w.Custom, TermsOfUse: w.TermsOfUse}
	if w.Operator != nil {
		switch strings.ToUpper(*w.Operator) {
		case "AND":
			g.All = true
		case "OR":
		default:
			return nil, fmt.Errorf("grant operator %q is neither AND nor OR", *w.Operator)
		}
	}
	if w.Strength != nil {
		s, err := strengthFrom(w.Strength.ID, w.Strength.DisplayName, w.Strength.Combinations)
		if err != nil {
			return nil, err
		}
		g.Strength = &s
	}
	return g, nil
}

func (w *wireSession) session() (Session, error) {
	if w == nil {
		return Session{}, nil
	}
	var s Session
	if f := w.SignInFrequency; f != nil && f.IsEnabled {
		frequency := Frequency{
			EveryTime:     strings.EqualFold(f.FrequencyInterval, "everyTime"),
			SecondaryOnly: strings.EqualFold(f.AuthenticationType, "secondaryAuthentication"),
		}
		if !frequency.EveryTime {
			interval, err := interval(f.Type, f.Value)
			if err != nil {
				return Session{}, err
			}
			frequency.Interval = interval
		}
		s.Frequency = &frequency
	}
	if b := w.PersistentBrowser; b != nil && b.IsEnabled {
		s.PersistentBrowser = strings.ToLower(b.Mode)
	}
	if w.CloudAppSecurity != nil && w.CloudAppSecurity.IsEnabled {
		s.Other = append(s.Other, "cloudAppSecurity")
	}
	if w.AppRestrictions != nil && w.AppRestrictions.IsEnabled {
		s.Other = append(s.Other, "applicationEnforcedRestrictions")
	}
	if w.SecureSignIn != nil && w.SecureSignIn.IsEnabled {
		s.Other = append(s.Other, "secureSignInSession")
	}
	return s, nil
}

// interval reads a time-based frequency; the shortest is one hour (documented).
func interval(unit string, value *int) (time.Duration, error) {
	if value == nil || *value < 1 {
		return 0, fmt.Errorf("a time-based sign-in frequency needs a value of at least 1")
	}
	switch strings.ToLower(unit) {
	case "hours":
		return time.Duration(*value) * time.Hour, nil
	case "days":
		return time.Duration(*value) * 24 * time.Hour, nil
	}
	return 0, fmt.Errorf("sign-in frequency type %q is neither hours nor days", unit)
}

// flags splits Graph's comma-separated flag enums.
func flags(s string) []string {
	var out []string
	for _, f := range strings.Split(s, ",") {
		if f = strings.TrimSpace(f); f != "" && !strings.EqualFold(f, "none") {
			out = append(out, f)
		}
	}
	return out
}
