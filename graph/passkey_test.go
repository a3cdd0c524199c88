package graph_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/graph"
)

func TestPasskeys(t *testing.T) {
	s := serve(t, ok(`{"challengeTimeoutDateTime":"2026-03-02T08:05:00Z","publicKey":{"rp":{"id":"login.microsoft.com","name":"Microsoft"},
		"user":{"id":"AQI","name":"a@b","displayName":"A"},"challenge":"Y2hhbGxlbmdl","pubKeyCredParams":[{"type":"public-key","alg":-7}]}}`),
		reply{status: 201, body: `{"id":"k","displayName":"test"}`}, reply{status: 204})
	c := s.client(t)
	options, err := c.PasskeyOptions(t.Context(), "u")
	if err != nil {
		t.Fatal(err)
	}
	if options.Public.RP.ID != "login.microsoft.com" || options.Public.Parameters[0].Alg != -7 || options.Until.IsZero() {
		t.Errorf("options %+v", options)
	}
	made, err := c.RegisterPasskey(t.Context(), "u", "test", graph.PasskeyAttestation{CredentialID: "aQ", ClientDataJSON: "Yw", AttestationObject: "YQ"})
	if err != nil || made.ID != "k" {
		t.Fatalf("made %+v, error %v", made, err)
	}
	if err := c.DeletePasskey(t.Context(), "u", "k"); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"GET /v1.0/users/u/authentication/fido2Methods/creationOptions",
		"POST /v1.0/users/u/authentication/fido2Methods",
		"DELETE /v1.0/users/u/authentication/fido2Methods/k",
	}
	var got []string
	for _, call := range s.calls {
		got = append(got, call.method+" "+call.path)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	body := map[string]any{"displayName": "test", "publicKeyCredential": map[string]any{
		"id": "aQ", "response": map[string]any{"clientDataJSON": "Yw", "attestationObject": "YQ"},
	}}
	if diff := cmp.Diff(body, decoded(t, s.calls[1].body)); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}
