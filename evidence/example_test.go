package evidence_test

import (
	"fmt"
	"os"

	"github.com/reprompt/reprompt/evidence"
)

// An auditor has a bundle, and from elsewhere the public key of those who run reprompt.
func ExampleVerify() {
	dir := "testdata/bundles/v1"
	text, err := os.ReadFile(dir + "/signer.pem") // in earnest not from the bundle itself
	if err != nil {
		fmt.Println(err)
		return
	}
	key, err := evidence.ParsePublicKey(text)
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := evidence.Verify(dir, evidence.VerifyOptions{Keys: []evidence.PublicKey{key}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(v.Outcome, "by a trusted key:", v.Bundles[0].Signer.Trusted)
	for _, s := range v.Scenarios {
		fmt.Println(s.Name, "was recorded as", s.Recorded, "and decided again as", s.Decided)
	}
	for _, p := range v.Problems {
		fmt.Println(p)
	}
	// Output:
	// verified by a trusted key: true
	// Application Administrator was recorded as enforced and decided again as enforced
}
