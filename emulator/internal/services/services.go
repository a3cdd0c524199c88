// Package services puts the parts of the embedded tenant together: which handler answers for
// which part's host names.
package services

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/cloud"
	"github.com/reprompt/reprompt/emulator/internal/graphapi"
	"github.com/reprompt/reprompt/emulator/internal/issuer"
	"github.com/reprompt/reprompt/emulator/internal/login"
	"github.com/reprompt/reprompt/emulator/internal/mspim"
	"github.com/reprompt/reprompt/emulator/internal/portal"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// New returns the handler of every part, over one store and one set of keys.
func New(st *store.Store, keys *issuer.Keys) map[cloud.Part]http.Handler {
	signIn, pages := login.New(st, keys), portal.New(st)
	return map[cloud.Part]http.Handler{
		cloud.Login: signIn, cloud.Fido: signIn,
		cloud.Graph:  graphapi.New(st, graphVerifier{keys}),
		cloud.Portal: pages, cloud.Frame: pages,
		cloud.PIM: mspim.New(st, keys),
	}
}

// graphVerifier reads access tokens for Microsoft Graph: the one place where the issuer's
// claims become what Graph looks at.
type graphVerifier struct{ keys *issuer.Keys }

func (v graphVerifier) Verify(_ context.Context, bearer string) (graphapi.Token, error) {
	claims, err := v.keys.Verify(bearer)
	if err != nil {
		return graphapi.Token{}, err
	}
	token := graphapi.Token{
		TenantID: claims.TenantID, Audience: claims.Audience, AppID: claims.AppID, TokenID: claims.TokenID,
		Scopes: strings.Fields(claims.Scopes), Roles: claims.Roles, AMR: claims.AMR, ACRS: claims.ACRS, XMSCC: claims.ClientCap,
		IssuedAt: time.Unix(claims.IssuedAt, 0), NotBefore: time.Unix(claims.NotBefore, 0), Expires: time.Unix(claims.Expires, 0),
	}
	if claims.IdentityType == "user" {
		token.UserID = claims.ObjectID
	}
	return token, nil
}
