package graph

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/microsoftgraph/msgraph-sdk-go/identity"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
)

// WhatIfQuery is a sign-in that Conditional Access is asked about. What stays empty is left out,
// and What-If then takes a condition on it as not known.
type WhatIfQuery struct {
	UserID    string // object id, required
	ContextID string // the authentication context that the sign-in asks for, required
	// ClientApp is "browser" among others, Platform "windows", "linux" among others.
	ClientApp string
	Platform  string
}

// WhatIfPolicy is a policy with what What-If says of it.
type WhatIfPolicy struct {
	Policy  Policy
	Applies bool
	// Reasons say why it does not apply: policyNotEnabled, users, authenticationContext,
	// notEnoughInformation among others.
	Reasons string
}

// UnmarshalJSON reads Graph's whatIfAnalysisResult, which is a policy with two more properties.
func (p *WhatIfPolicy) UnmarshalJSON(raw []byte) error {
	var in struct {
		Applies bool   `json:"policyApplies"`
		Reasons string `json:"analysisReasons"`
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return fmt.Errorf("read what-if result: %w", err)
	}
	p.Applies, p.Reasons = in.Applies, in.Reasons
	return p.Policy.UnmarshalJSON(raw)
}

// WhatIf asks which policies would apply to a sign-in. Documented; it needs
// Policy.Read.ConditionalAccess or Policy.Read.All (IsForbidden without). It tries nothing: what
// Graph foretells is not what the sign-in host does.
func (c *Client) WhatIf(ctx context.Context, q WhatIfQuery) ([]WhatIfPolicy, error) {
	body, err := q.body()
	if err != nil {
		return nil, fmt.Errorf("ask what-if: %w", err)
	}
	info, err := c.identity.ConditionalAccess().Evaluate().ToPostRequestInformation(ctx, body, nil)
	return list[WhatIfPolicy](ctx, c.v1, "ask what-if", info, err)
}

func (q WhatIfQuery) body() (*identity.ConditionalAccessEvaluatePostRequestBody, error) {
	user, asked, conditions := models.NewUserSignIn(), models.NewAuthContext(), models.NewSignInConditions()
	user.SetUserId(&q.UserID)
	asked.SetAuthenticationContextValue(&q.ContextID)
	if q.ClientApp != "" {
		app, err := enum[models.ConditionalAccessClientApp](q.ClientApp, models.ParseConditionalAccessClientApp)
		if err != nil {
			return nil, err
		}
		conditions.SetClientAppType(app)
	}
	if q.Platform != "" {
		platform, err := enum[models.ConditionalAccessDevicePlatform](q.Platform, models.ParseConditionalAccessDevicePlatform)
		if err != nil {
			return nil, err
		}
		conditions.SetDevicePlatform(platform)
	}
	all := false
	body := identity.NewConditionalAccessEvaluatePostRequestBody()
	body.SetSignInIdentity(user)
	body.SetSignInContext(asked)
	body.SetSignInConditions(conditions)
	body.SetAppliedPoliciesOnly(&all)
	return body, nil
}
