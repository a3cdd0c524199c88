package issuer

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Damage says what is wrong with the form of a token. The zero value is a right token.
type Damage struct {
	OtherKey       bool // ID token: signed with a key that is not published, under the id of one that is
	Unsigned       bool // ID token: alg none, no signature
	AuthTimeAsText bool // ID token: auth_time is a text
	ACRSAsText     bool // ID token: acrs is a text of words
	// AccessACRSAsText: acrs of the access token is a text of words.
	AccessACRSAsText bool
}

// SignDamagedID is [Keys.SignID] with the damage done.
func (k *Keys) SignDamagedID(by int, claims ID, d Damage) (string, error) {
	if d == (Damage{}) {
		return k.SignID(by, claims)
	}
	p, err := k.number(by)
	if err != nil {
		return "", err
	}
	wrong, err := d.claims(claims)
	if err != nil {
		return "", err
	}
	if d.Unsigned {
		payload, err := json.Marshal(wrong)
		if err != nil {
			return "", fmt.Errorf("encode token claims: %w", err)
		}
		return encodeHeader(header{Type: "JWT", Algorithm: "none", KeyID: p.public.ID}) + "." + base64.RawURLEncoding.EncodeToString(payload) + ".", nil
	}
	if d.OtherKey {
		if p.private, err = rsa.GenerateKey(rand.Reader, keyBits); err != nil {
			return "", fmt.Errorf("make a key of nobody's: %w", err)
		}
	}
	return seal(p, header{Type: "JWT", Algorithm: "RS256", KeyID: p.public.ID}, "", wrong)
}

// SignDamagedAccess is [Keys.SignAccess] with the damage done that access tokens can have.
// [Keys.Verify] takes such a token.
func (k *Keys) SignDamagedAccess(by int, claims Access, d Damage) (string, error) {
	if !d.AccessACRSAsText {
		return k.SignAccess(by, claims)
	}
	wrong, err := Damage{ACRSAsText: true}.claims(claims)
	if err != nil {
		return "", err
	}
	return k.signAccess(by, wrong)
}

// claims are those of a token with the types changed.
func (d Damage) claims(right any) (map[string]any, error) {
	text, err := json.Marshal(right)
	if err != nil {
		return nil, fmt.Errorf("encode token claims: %w", err)
	}
	var claims map[string]any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber() // instants must stay whole numbers
	if err := decoder.Decode(&claims); err != nil {
		return nil, fmt.Errorf("read token claims back: %w", err)
	}
	if at, ok := claims["auth_time"].(json.Number); ok && d.AuthTimeAsText {
		claims["auth_time"] = at.String()
	}
	if list, ok := claims["acrs"].([]any); ok && d.ACRSAsText {
		words := make([]string, 0, len(list))
		for _, context := range list {
			words = append(words, fmt.Sprint(context))
		}
		claims["acrs"] = strings.Join(words, " ")
	}
	return claims, nil
}

// contexts reads acrs as a list or, from a damaged token, as a text of words.
type contexts []string

// UnmarshalJSON takes both forms.
func (c *contexts) UnmarshalJSON(text []byte) error {
	if words, err := strconv.Unquote(string(text)); err == nil {
		*c = strings.Fields(words)
		return nil
	}
	return json.Unmarshal(text, (*[]string)(c))
}
