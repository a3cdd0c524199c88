package activation

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/signin"
	"github.com/reprompt/reprompt/verdict"
)

// bearer is an unsigned token that says c1: {"alg":"none"}.{"acrs":["c1"]}.
const bearer = "eyJhbGciOiJub25lIn0.eyJhY3JzIjpbImMxIl19."

func TestThePortalsTokenIsKeptToBeTriedAgain(t *testing.T) {
	carrying := func(address, token string) wire {
		stepUp, activation := exchange(1, http.MethodGet, asking("c1"), 302), exchange(2, http.MethodPost, address, 201)
		activation.RequestHeaders = http.Header{"Authorization": {"Bearer " + token}}
		return wire{stepUp: &stepUp, activation: &activation}
	}
	unasked := carrying(graphRequests, bearer)
	unasked.stepUp = nil
	for name, row := range map[string]struct {
		seen         wire
		kept, legacy bool
	}{
		"on Graph":           {carrying(graphRequests, bearer), true, false},
		"on the legacy host": {carrying(legacyRequests, bearer), true, true},
		"never stepped up":   {unasked, false, false},
		"nothing was posted": {wire{}, false, false},
		"no token":           {carrying(graphRequests, "opaque"), false, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := proof{stepped: steppedUp{token: signin.Result{Access: secret.New("of an earlier activation")}}}
			p.keepFromWire(row.seen)
			if got := p.stepped.token.Access.Reveal() == bearer; got != row.kept || !got && !p.stepped.token.Access.Empty() {
				t.Errorf("kept %t, want %t", got, row.kept)
			}
			if (p.stepped.legacy != nil) != row.legacy {
				t.Errorf("to be sent to the legacy host: %t, want %t", !row.legacy, row.legacy)
			}
		})
	}
}

func TestOnlyTheSessionThatWasSteppedUpLeavesARefreshToken(t *testing.T) {
	minted := signin.Result{Refresh: secret.New("refresh-2")}
	challenged := verdict.Activation{N: 1, Challenge: &verdict.Challenge{}}
	for name, row := range map[string]struct {
		activations []verdict.Activation
		already     string
		want        string
	}{
		"stepped up by the portal":     {[]verdict.Activation{challenged}, "", "refresh-2"},
		"stepped up by the own client": {[]verdict.Activation{challenged}, "refresh-1", "refresh-1"},
		"never challenged":             {[]verdict.Activation{{N: 1}}, "", ""},
		"a plain token did it":         {nil, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := proof{seen: verdict.Observation{Activations: row.activations}}
			if row.already != "" {
				p.stepped.refresh.Refresh = secret.New(row.already)
			}
			p.keepRefresh(minted)
			if got := p.stepped.refresh.Refresh.Reveal(); got != row.want {
				t.Errorf("kept %q, want %q", got, row.want)
			}
		})
	}
}

// Only that the admin has to act is a refusal: an expired token shows nothing.
func TestARefusedRefreshIsSorted(t *testing.T) {
	for name, row := range map[string]struct {
		refused signin.Error
		want    verdict.ReplayAnswer
		context string
	}{
		"the admin has to act": {signin.Error{Code: "interaction_required", AADSTS: 50076, Status: 400}, verdict.AnswerRefused, "c1"},
		"it was revoked":       {signin.Error{Code: "invalid_grant", AADSTS: 50173, Status: 400}, verdict.AnswerNotObserved, ""},
		"the host is busy":     {signin.Error{Status: 503}, verdict.AnswerNotObserved, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := logged(nil)
			p.refreshRefused(2, signin.Result{Received: minute(7)}, &row.refused)
			got := p.seen.Replays[0]
			want := verdict.Replay{
				N: 2, Token: verdict.ReplayRefresh, Mode: "real", At: minute(18), Age: minute(18).Sub(minute(7)),
				Answer: row.want, Status: row.refused.Status, Code: got.Code, Context: row.context,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("replay (-want +got):\n%s", diff)
			}
		})
	}
}

// A stepped-up token that is taken again is a finding beside the verdict; only a plain one ends the
// proof.
func TestOnlyAPlainTokenThatIsTakenEndsTheProof(t *testing.T) {
	for _, kind := range []verdict.ReplayToken{verdict.ReplayFirst, verdict.ReplayPlain, verdict.ReplaySteppedUp, verdict.ReplayRefresh} {
		plain := kind == verdict.ReplayFirst || kind == verdict.ReplayPlain
		if got := settles(kind, "real", verdict.AnswerAccepted); got != plain {
			t.Errorf("%s accepted: over %t", kind, got)
		}
		if settles(kind, "real", verdict.AnswerRefused) || settles(kind, "validation", verdict.AnswerAccepted) {
			t.Errorf("%s ends the proof though nothing became active", kind)
		}
	}
}
