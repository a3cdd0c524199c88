package evidence

import (
	"crypto/x509"
	"slices"
	"time"

	"github.com/reprompt/reprompt/verdict"
)

// VerifySchema names the format of a Verification as JSON.
const VerifySchema = "reprompt/verification/v1"

// VerifyOptions say whom the reader trusts. Their zero value trusts nobody.
type VerifyOptions struct {
	// Keys are those of which one must have signed the outermost bundle. None means that only
	// integrity can be shown: whoever changed the bundle can have signed it anew.
	Keys []PublicKey
	// TimestampRoots are the roots of timestamp authorities. nil means that a timestamp's time is
	// told and not believed.
	TimestampRoots *x509.CertPool
}

// Outcomes of a verification.
const (
	Verified    = "verified"       // nothing is wrong, and every verdict was decided again
	Undecidable = "not-re-decided" // nothing is wrong, but a verdict is by rules that are not known here
	NotVerified = "not-verified"   // something is wrong
)

// Verification is what verifying a bundle came to. It shows that the bundle is whole, by whom it is
// signed, and that its verdicts follow from its observations. It does not show that the observations
// are true: the machine that ran could have made them up.
type Verification struct {
	Schema    string             `json:"schema"`
	Outcome   string             `json:"outcome"`
	Bundles   []VerifiedBundle   `json:"bundles"` // the outermost first
	Scenarios []VerifiedScenario `json:"scenarios"`
	Problems  []Problem          `json:"problems"`
	Remarks   []Problem          `json:"remarks"`
}

// VerifiedBundle is one bundle, or one inside it.
type VerifiedBundle struct {
	Path     string    `json:"path"` // empty for the outermost
	ID       string    `json:"id"`
	Kind     Kind      `json:"kind"`
	Target   Target    `json:"target"` // derived again
	TenantID string    `json:"tenant_id"`
	Started  time.Time `json:"started"`
	Files    int       `json:"files"`
	Signer   Signature `json:"signer"`
	// Timestamp is nil where there is none.
	Timestamp *Timestamp `json:"timestamp"`
	rules     int
}

// Signature is who signed a bundle.
type Signature struct {
	KeyID string `json:"key_id"` // empty when nobody did
	// Trusted is true when it is one of the keys that the reader gave.
	Trusted bool `json:"trusted"`
	// Ephemeral is true when the bundle says that the key was made for it and kept by nobody.
	Ephemeral bool `json:"ephemeral"`
}

// VerifiedScenario is one proof.
type VerifiedScenario struct {
	Path     string          `json:"path"`
	Name     string          `json:"name"`
	Rules    int             `json:"rules"`
	Recorded verdict.Outcome `json:"recorded"` // empty where the proof came to no verdict
	Decided  verdict.Outcome `json:"decided"`  // empty where it was not decided again
}

func (v *Verification) conclude() {
	redecided := func(p Problem) bool { return p.Code == NotRedecided }
	switch {
	case len(v.Problems) > 0:
		v.Outcome = NotVerified
	case slices.ContainsFunc(v.Remarks, redecided):
		v.Outcome = Undecidable
	default:
		v.Outcome = Verified
	}
}
