// claims are those of a token. Nothing is verified here: the clients do what they do, and the
// signatures of Graph's access tokens are nobody's business but Graph's.
export function claims(token) {
  return JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
}

// contextChallenge is the claims parameter that asks for an authentication context.
export function contextChallenge(context) {
  return JSON.stringify({ access_token: { acrs: { essential: true, value: context } } });
}
