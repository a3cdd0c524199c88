package browser

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEnvironmentOfTheBrowser(t *testing.T) {
	got := environment([]string{
		"PATH=/bin", "REPROMPT_PASSWORD=word", "LC_ALL=C", "AZURE_CLIENT_SECRET=secret", "XDG_RUNTIME_DIR=/run", "HOME=/root", "HTTPS_PROXY=http://me:word@proxy",
	})
	if diff := cmp.Diff([]string{"PATH=/bin", "LC_ALL=C", "XDG_RUNTIME_DIR=/run", "HOME=/root"}, got); diff != "" {
		t.Error(diff)
	}
}
