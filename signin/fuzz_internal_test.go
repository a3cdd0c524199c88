package signin

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/tokens"
)

// FuzzKeySet reads anything as the key set of a tenant. Of what is read, only keys that say that they sign
// are used, never one that is shared or private, and none of them verifies a token that nobody signed.
func FuzzKeySet(f *testing.F) {
	const rsaKey = `"kty":"RSA","kid":"k","n":"sXchDaQebHnPiGvyDOAT4saGEUetSyo9MKLOoWFsueri23bOdgWp4Dy1WlUzewbgBHod5pcM9H95GQRV3JDXboIRROSBigeC5yjU1hGzHHyXss8UDprecbAYxknTcQkhslANGRUZmdTOQ5qTRsLAt6BTYuyvVRdhS8exSZEy_c4gs_7svlJJQ4H9_NxsiIoLwAEk7-Q3UXERGYw_75IDrGA84-lA_-Ct4eTlXHBIY2EaV7t7LjJaynVJCpkv4LKjTTAumiGUIuQhrNhZLuF_RJLqHpM2kgWFLU7-VTdL1VbC2tejvcI2BlMkEpk1BzBZI0KQB0GaDWFLN-aEAw3vRw","e":"AQAB"`
	f.Add([]byte(`{"keys":[{` + rsaKey + `,"use":"sig"}]}`))
	f.Add([]byte(`{"keys":[{` + rsaKey + `,"use":"enc"},{` + rsaKey + `}]}`))
	f.Add([]byte(`{"keys":[{"kty":"oct","kid":"k","k":"c2hhcmVk","use":"sig"}]}`))
	f.Add([]byte(`{"keys":[{"kty":"RSA","kid":"k","n":"AQ","e":"AQ","use":"sig"}]}`))
	f.Add([]byte(`{"keys":{}}`))
	f.Add([]byte(`null`))
	unsigned := secret.New("eyJhbGciOiJSUzI1NiIsImtpZCI6ImsifQ.e30.c2lnbmF0dXJl")
	f.Fuzz(func(t *testing.T, body []byte) {
		keys, err := signingKeys(body)
		if err != nil {
			return
		}
		var set struct {
			Keys []struct {
				Use string `json:"use"`
			} `json:"keys"`
		}
		if err := json.Unmarshal(body, &set); err != nil {
			t.Fatalf("a set was read that is none: %v", err)
		}
		signing := 0
		for _, key := range set.Keys {
			if key.Use == "sig" {
				signing++
			}
		}
		read, err := keys.Storage().KeyReadAll(context.Background())
		if err != nil || len(read) > signing {
			t.Errorf("%d keys of %d that sign, %v", len(read), signing, err)
		}
		v := tokens.Verifier{Keys: keys.Keyfunc, Issuer: "https://login.example/t/v2.0", Audience: "c", TenantID: "t", Nonce: "n"}
		var refused *tokens.RefusedError
		if _, err := v.ID(unsigned); !errors.As(err, &refused) {
			t.Errorf("a token that nobody signed came to %v", err)
		}
		mac := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"iss": "https://login.example/t/v2.0", "aud": "c", "tid": "t", "nonce": "n"})
		mac.Header["kid"] = "k"
		forged, err := mac.SignedString([]byte("shared"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.ID(secret.New(forged)); !errors.As(err, &refused) {
			t.Errorf("a token that was signed with a shared key came to %v", err)
		}
	})
}
