package activation

import (
	"fmt"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/browser/entra"
	"github.com/reprompt/reprompt/signin"
)

func TestAdviceNamesTheKeyToMend(t *testing.T) {
	for name, row := range map[string]struct {
		err  error
		says string
	}{
		"redirect":        {&entra.Blocked{AADSTS: 50011}, "harness_app.redirect_uri"},
		"client":          {&entra.Blocked{AADSTS: 700016}, "harness_app.client_id"},
		"not public":      {&signin.Error{AADSTS: 7000218}, "public client flows"},
		"consent":         {&signin.Error{AADSTS: 65001}, "grant consent"},
		"page of consent": {&entra.Blocked{Page: entra.PageConsent}, "grant consent"},
	} {
		if got := adviceOn(fmt.Errorf("step: %w", row.err)); !strings.Contains(got, row.says) {
			t.Errorf("%s: advice %q, want it to say %q", name, got, row.says)
		}
	}
	if got := adviceOn(&entra.Blocked{AADSTS: 53003}); got != "" {
		t.Errorf("a policy's refusal is taken for the registration's: %q", got)
	}
}
