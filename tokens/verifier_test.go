package tokens_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/tokens"
)

func TestVerifiedTokenKeepsTheAllowedClaims(t *testing.T) {
	raw := mint{claims: map[string]any{"amr": []string{"pwd", "mfa"}, "email": "kept@by.nobody"}}.token(t)
	got, err := verifier().ID(raw)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.SHA256) != 64 || strings.ToLower(got.SHA256) != got.SHA256 {
		t.Errorf("digest is %q, want 64 lower-case hexadecimal digits", got.SHA256)
	}
	got.SHA256 = ""
	want := tokens.IDClaims{
		Issuer: issuer, Audience: client, Subject: "pairwise-subject", ObjectID: admin, TenantID: tenant,
		SessionID: "session-1", UPN: "admin@contoso.example", UTI: "uti-1",
		IssuedAt: now, NotBefore: now, Expires: now.Add(time.Hour), AuthTime: now.Add(-11 * time.Minute),
		ACRS: []string{"c1"}, AMR: []string{"pwd", "mfa"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
}

// idRow is one token and one verifier, a change away from a pair that fits. Empty refused means
// accepted.
type idRow struct {
	name     string
	mint     mint
	verifier func(*tokens.Verifier)
	refused  string // Field of the RefusedError
}

func (row idRow) run(t *testing.T) {
	v := verifier()
	if row.verifier != nil {
		row.verifier(&v)
	}
	raw := row.mint.token(t)
	got, err := v.ID(raw)
	if row.refused == "" {
		if err != nil {
			t.Fatalf("refused: %v", err)
		}
		return
	}
	var refused *tokens.RefusedError
	if !errors.As(err, &refused) {
		t.Fatalf("error is %v, want a RefusedError", err)
	}
	if refused.Field != row.refused {
		t.Errorf("refused for %q (%v), want %q", refused.Field, err, row.refused)
	}
	if diff := cmp.Diff(tokens.IDClaims{}, got); diff != "" {
		t.Errorf("a refused token yields claims:\n%s", diff)
	}
	mustNotShow(t, err, raw)
}

// mustNotShow fails when an error holds a part of the token or the nonce.
func mustNotShow(t *testing.T, err error, raw secret.Text) {
	t.Helper()
	for _, part := range append(strings.Split(raw.Reveal(), "."), nonce) {
		if part != "" && strings.Contains(err.Error(), part) {
			t.Errorf("error shows a part of the token: %v", err)
		}
	}
}

func runAll(t *testing.T, rows []idRow) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, row.run)
	}
}

func claim(name string, v any) mint { return mint{claims: map[string]any{name: v}} }

func TestHeaderOfAnIDToken(t *testing.T) {
	der, err := x509.MarshalPKIXPublicKey(&tenantKey().PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	runAll(t, []idRow{
		{name: "the tenant's own"},
		{name: "unsigned", mint: mint{method: jwt.SigningMethodNone, key: jwt.UnsafeAllowNoneSignatureType}, refused: "alg"},
		{name: "signed with the public key as HMAC secret", mint: mint{method: jwt.SigningMethodHS256, key: public}, refused: "alg"},
		{
			name: "signed by HMAC where the key set holds the HMAC secret", mint: mint{method: jwt.SigningMethodHS256, key: public},
			verifier: func(v *tokens.Verifier) { v.Keys = func(*jwt.Token) (any, error) { return public, nil } }, refused: "alg",
		},
		{name: "another RSA algorithm", mint: mint{method: jwt.SigningMethodPS256}, refused: "alg"},
		{name: "a longer RSA digest", mint: mint{method: jwt.SigningMethodRS512}, refused: "alg"},
		{name: "an algorithm nobody knows", mint: mint{header: map[string]any{"alg": "RS257"}}, refused: "alg"},
		{name: "algorithm in lower case", mint: mint{header: map[string]any{"alg": "rs256"}}, refused: "alg"},
		{name: "no algorithm", mint: mint{header: map[string]any{"alg": nil}}, refused: "alg"},
		{name: "an algorithm that is a number", mint: mint{header: map[string]any{"alg": 256}}, refused: "alg"},
		{name: "critical extension", mint: mint{header: map[string]any{"crit": []string{"b64"}}}, refused: "crit"},
		{name: "no key id", mint: mint{header: map[string]any{"kid": nil}}, refused: "kid"},
		{
			name: "no key id where one key is for all", mint: mint{header: map[string]any{"kid": nil}},
			verifier: func(v *tokens.Verifier) {
				v.Keys = func(*jwt.Token) (any, error) { return &tenantKey().PublicKey, nil }
			}, refused: "kid",
		},
		{name: "unknown key id", mint: mint{header: map[string]any{"kid": "other"}}, refused: "kid"},
		{name: "signed with another key under the tenant's id", mint: mint{key: foreignKey()}, refused: "signature"},
	})
}

func TestAddressOfAnIDToken(t *testing.T) {
	runAll(t, []idRow{
		{name: "another tenant's issuer", mint: claim("iss", "https://login.microsoftonline.com/other/v2.0"), refused: "iss"},
		{name: "version 1 issuer", mint: claim("iss", "https://sts.windows.net/"+tenant+"/"), refused: "iss"},
		{name: "issuer with a trailing slash", mint: claim("iss", issuer+"/"), refused: "iss"},
		{name: "issuer template of the common endpoint", mint: claim("iss", "https://login.microsoftonline.com/{tenantid}/v2.0"), refused: "iss"},
		{name: "no issuer", mint: mint{drop: []string{"iss"}}, refused: "iss"},
		{name: "issuer under another case", mint: mint{drop: []string{"iss"}, claims: map[string]any{"ISS": issuer}}, refused: "iss"},
		{name: "another client", mint: claim("aud", "00000003-0000-0000-c000-000000000000"), refused: "aud"},
		{name: "several audiences", mint: claim("aud", []string{client, "other"}), refused: "aud"},
		{name: "audience as a list of one", mint: claim("aud", []string{client}), refused: "aud"},
		{name: "no audience", mint: mint{drop: []string{"aud"}}, refused: "aud"},
		{name: "another tenant", mint: claim("tid", admin), refused: "tid"},
		{name: "no tenant", mint: mint{drop: []string{"tid"}}, refused: "tid"},
		{name: "no subject", mint: mint{drop: []string{"sub"}}, refused: "sub"},
		{name: "subject null", mint: claim("sub", nil), refused: "sub"},
		{name: "no object id", mint: mint{drop: []string{"oid"}}, refused: "oid"},
		{name: "object id a number", mint: claim("oid", 7), refused: "oid"},
		{name: "no session id", mint: mint{drop: []string{"sid"}}},
		{name: "session id an object", mint: claim("sid", map[string]any{"id": "x"}), refused: "sid"},
	})
}

func TestNonceOfAnIDToken(t *testing.T) {
	refresh := func(v *tokens.Verifier) { v.InsecureWithoutNonce = true }
	runAll(t, []idRow{
		{name: "another nonce", mint: claim("nonce", "other"), refused: "nonce"},
		{name: "no nonce", mint: mint{drop: []string{"nonce"}}, refused: "nonce"},
		{name: "nonce empty", mint: claim("nonce", ""), refused: "nonce"},
		{name: "nonce a number", mint: claim("nonce", 5), refused: "nonce"},
		{name: "no nonce after a refresh", mint: mint{drop: []string{"nonce"}}, verifier: refresh},
		{name: "the same nonce after a refresh", verifier: refresh},
		{name: "another nonce after a refresh", mint: claim("nonce", "other"), verifier: refresh, refused: "nonce"},
		{
			name: "a nonce after a refresh that sent none", mint: claim("nonce", nonce),
			verifier: func(v *tokens.Verifier) { v.InsecureWithoutNonce, v.Nonce = true, "" }, refused: "nonce",
		},
	})
}

func TestTimesOfAnIDToken(t *testing.T) {
	at := func(d time.Duration) int64 { return now.Add(d).Unix() }
	runAll(t, []idRow{
		{name: "expired within the tolerance", mint: claim("exp", at(-60*time.Second))},
		{name: "expired", mint: claim("exp", at(-61*time.Second)), refused: "exp"},
		{name: "expired within a tolerance of none", mint: claim("exp", at(-time.Second)), verifier: leeway(-1), refused: "exp"},
		{name: "expired within a tolerance of an hour", mint: claim("exp", at(-59*time.Minute)), verifier: leeway(time.Hour)},
		{name: "a negative tolerance is none", verifier: leeway(-2 * time.Hour)},
		{name: "expiry in milliseconds", mint: claim("exp", now.UnixMilli()), refused: "exp"},
		{name: "no expiry", mint: mint{drop: []string{"exp"}}, refused: "exp"},
		{name: "expiry a string", mint: claim("exp", "1772442000"), refused: "exp"},
		{name: "valid soon within the tolerance", mint: claim("nbf", at(60*time.Second))},
		{name: "not yet valid", mint: claim("nbf", at(61*time.Second)), refused: "nbf"},
		{name: "not before left out", mint: mint{drop: []string{"nbf"}}},
		{name: "issued in the future", mint: claim("iat", at(61*time.Second)), refused: "iat"},
		{name: "no instant of issue", mint: mint{drop: []string{"iat"}}, refused: "iat"},
		{name: "instant of issue in milliseconds", mint: claim("iat", now.UnixMilli()), refused: "iat"},
	})
}

func TestAuthTimeOfAnIDToken(t *testing.T) {
	at := func(d time.Duration) int64 { return now.Add(d).Unix() }
	runAll(t, []idRow{
		{name: "just now", mint: claim("auth_time", at(0))},
		{name: "ahead within the tolerance", mint: claim("auth_time", at(60*time.Second))},
		{name: "in the future", mint: claim("auth_time", at(61*time.Second)), refused: "auth_time"},
		{
			name:    "later than the token that says so",
			mint:    mint{claims: map[string]any{"iat": at(-10 * time.Minute), "auth_time": at(-5 * time.Minute)}},
			refused: "auth_time",
		},
		{name: "in the future, though no later than a token that is ahead", mint: mint{claims: map[string]any{"iat": at(60 * time.Second), "auth_time": at(61 * time.Second)}}, refused: "auth_time"},
		{name: "a string", mint: claim("auth_time", "1772438400"), refused: "auth_time"},
		{name: "null", mint: claim("auth_time", nil), refused: "auth_time"},
		{name: "a fraction", mint: claim("auth_time", float64(at(0))+0.5), refused: "auth_time"},
		{name: "zero", mint: claim("auth_time", 0), refused: "auth_time"},
		{name: "negative", mint: claim("auth_time", -1), refused: "auth_time"},
		{name: "in milliseconds", mint: claim("auth_time", now.UnixMilli()), refused: "auth_time"},
		{name: "a boolean", mint: claim("auth_time", true), refused: "auth_time"},
		{name: "an array", mint: claim("auth_time", []int64{at(0)}), refused: "auth_time"},
	})
}

func TestAbsentAuthTimeIsZero(t *testing.T) {
	got, err := verifier().ID(mint{drop: []string{"auth_time", "acrs"}}.token(t))
	if err != nil {
		t.Fatal(err)
	}
	if !got.AuthTime.IsZero() || got.ACRS != nil || got.AMR != nil {
		t.Errorf("auth_time %s, acrs %v, amr %v; want them absent", got.AuthTime, got.ACRS, got.AMR)
	}
}

func TestListsOfAnIDToken(t *testing.T) {
	runAll(t, []idRow{
		{name: "acrs empty", mint: claim("acrs", []string{})},
		{name: "acrs a string", mint: claim("acrs", "c1"), refused: "acrs"},
		{name: "acrs null", mint: claim("acrs", nil), refused: "acrs"},
		{name: "acrs of numbers", mint: claim("acrs", []int{1}), refused: "acrs"},
		{name: "acrs with a null", mint: claim("acrs", []any{"c1", nil}), refused: "acrs"},
		{name: "amr a string", mint: claim("amr", "mfa"), refused: "amr"},
	})
}

func TestUPNIsPreferredOverPreferredUsername(t *testing.T) {
	got, err := verifier().ID(claim("upn", "upn@contoso.example").token(t))
	if err != nil || got.UPN != "upn@contoso.example" {
		t.Errorf("UPN is %q, %v", got.UPN, err)
	}
}

func TestDamagedTokensAreRefused(t *testing.T) {
	genuine := mint{}.token(t).Reveal()
	part := strings.Split(genuine, ".")
	other := strings.Split(claim("acrs", []string{"c2"}).token(t).Reveal(), ".")
	for name, row := range map[string]struct{ raw, refused string }{
		"empty":                        {"", "token"},
		"a word":                       {"eyJ", "token"},
		"two parts":                    {part[0] + "." + part[1], "token"},
		"four parts":                   {genuine + ".x", "token"},
		"signature cut off":            {part[0] + "." + part[1] + ".", "signature"},
		"payload of another token":     {part[0] + "." + other[1] + "." + part[2], "signature"},
		"payload that is no object":    {part[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`["a"]`)) + "." + part[2], "token"},
		"signature padded":             {genuine + "==", "token"},
		"signature with a line at end": {genuine + "\n", "token"},
	} {
		_, err := verifier().ID(secret.New(row.raw))
		var refused *tokens.RefusedError
		if !errors.As(err, &refused) || refused.Field != row.refused {
			t.Errorf("%s: error is %v, want refused for %q", name, err, row.refused)
		}
	}
}

func TestIncompleteVerifierRefuses(t *testing.T) {
	raw := mint{}.token(t)
	for name, empty := range map[string]func(*tokens.Verifier){
		"issuer": func(v *tokens.Verifier) { v.Issuer = "" }, "audience": func(v *tokens.Verifier) { v.Audience = "" },
		"tenant": func(v *tokens.Verifier) { v.TenantID = "" }, "nonce": func(v *tokens.Verifier) { v.Nonce = "" },
		"keys": func(v *tokens.Verifier) { v.Keys = nil },
	} {
		v := verifier()
		empty(&v)
		_, err := v.ID(raw)
		var refused *tokens.RefusedError
		if err == nil || errors.As(err, &refused) {
			t.Errorf("without %s: error is %v, want one about the verifier", name, err)
		}
	}
}

func TestZeroClockIsTheMachines(t *testing.T) {
	v := verifier()
	v.Now = nil
	machine := time.Now()
	fresh := mint{claims: map[string]any{"iat": machine.Unix(), "nbf": machine.Unix(), "exp": machine.Add(time.Hour).Unix(), "auth_time": machine.Unix()}}
	if _, err := v.ID(fresh.token(t)); err != nil {
		t.Errorf("a token of now is refused: %v", err)
	}
	old := mint{claims: map[string]any{"exp": machine.Add(-time.Hour).Unix()}}
	if _, err := v.ID(old.token(t)); err == nil {
		t.Error("a token that expired an hour ago is accepted")
	}
}

func leeway(d time.Duration) func(*tokens.Verifier) {
	return func(v *tokens.Verifier) { v.Leeway = d }
}

// FuzzVerifier holds that the tenant's own token is accepted and nothing else, not even another
// spelling of it.
func FuzzVerifier(f *testing.F) {
	genuine := mint{}.token(f).Reveal()
	part := strings.Split(genuine, ".")
	f.Add(genuine)
	f.Add(genuine + "=")
	f.Add(part[0] + "." + part[1] + "." + part[2][:len(part[2])-1] + "B")
	f.Add(mint{method: jwt.SigningMethodNone, key: jwt.UnsafeAllowNoneSignatureType}.token(f).Reveal())
	f.Add("..")
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := verifier().ID(secret.New(raw))
		if (err == nil) != (raw == genuine) {
			t.Errorf("genuine %v, error %v, claims %v", raw == genuine, err, got)
		}
	})
}
