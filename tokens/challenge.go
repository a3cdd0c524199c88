package tokens

import (
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
)

// ErrNoChallenge says that an error message holds no claims challenge for a context.
var ErrNoChallenge = errors.New("no claims challenge in the error message")

// wrappings bounds how deep a challenge may be wrapped in JSON that is text of other JSON: the
// legacy PIM host wraps once, a whole error body once more.
const wrappings = 4

// Challenge is PIM's demand for authentication contexts.
type Challenge struct {
	Contexts []string `json:"contexts"` // at least one, in the order given
	JSON     string   `json:"json"`     // the claims as the server wrote them, to be sent with the next authorize request
}

// ParseChallenge reads the claims challenge out of error.message of PIM's HTTP 400. It knows
// Graph's form, "&claims=" and percent-encoded JSON (observed), and the legacy PIM host's, where
// the message is itself a JSON text with a message (observed); a whole error body will do too. It
// returns an error that wraps ErrNoChallenge for every other message, and for claims that name no
// context.
//
// A challenge that names a context does not prove that a policy protects it.
func ParseChallenge(errorMessage string) (Challenge, error) {
	claims, ok := claimsIn(errorMessage, wrappings)
	if !ok {
		return Challenge{}, ErrNoChallenge
	}
	contexts := ContextsOf(claims)
	if len(contexts) == 0 {
		return Challenge{}, errors.Join(ErrNoChallenge, errors.New("its claims name no authentication context"))
	}
	return Challenge{Contexts: contexts, JSON: claims}, nil
}

// claimsIn finds the claims parameter in a message, or in the message that it wraps.
func claimsIn(message string, deep int) (string, bool) {
	message = strings.TrimSpace(message)
	if deep > 0 && strings.HasPrefix(message, "{") {
		var wrapped struct {
			Message string          `json:"message"`
			Error   json.RawMessage `json:"error"`
		}
		if json.Unmarshal([]byte(message), &wrapped) != nil {
			return "", false
		}
		if wrapped.Message == "" {
			return claimsIn(string(wrapped.Error), deep-1)
		}
		return claimsIn(wrapped.Message, deep-1)
	}
	return claimsParameter(message)
}

// claimsParameter reads the value up to the next parameter or the end of the word.
func claimsParameter(message string) (string, bool) {
	_, rest, found := strings.Cut(message, "&claims=")
	if !found {
		if rest, found = strings.CutPrefix(message, "claims="); !found {
			return "", false
		}
	}
	if end := strings.IndexAny(rest, "& \t\r\n\""); end >= 0 {
		rest = rest[:end]
	}
	claims, err := url.QueryUnescape(rest)
	if err != nil || !isObject(claims) {
		return "", false
	}
	return claims, true
}

func isObject(text string) bool {
	var object map[string]json.RawMessage
	return json.Unmarshal([]byte(text), &object) == nil && object != nil
}

// ContextsOf lists the authentication contexts that a claims parameter asks for, for any token, in
// order and each once; nil when there are none or claimsJSON is no JSON object. Both forms count:
// "value" (documented) and "values" (observed).
func ContextsOf(claimsJSON string) []string {
	var byToken map[string]json.RawMessage
	if json.Unmarshal([]byte(claimsJSON), &byToken) != nil {
		return nil
	}
	var contexts []string
	for _, token := range []string{"access_token", "id_token"} {
		var asked struct {
			ACRS struct {
				Value  string   `json:"value"`
				Values []string `json:"values"`
			} `json:"acrs"`
		}
		if json.Unmarshal(byToken[token], &asked) != nil {
			continue // absent, or not of the form that asks for a context
		}
		contexts = appendNew(contexts, asked.ACRS.Value)
		contexts = appendNew(contexts, asked.ACRS.Values...)
	}
	return contexts
}

// appendNew appends those that are not empty and not there yet.
func appendNew(list []string, more ...string) []string {
	for _, s := range more {
		if s != "" && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}
