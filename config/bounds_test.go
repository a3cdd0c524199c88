package config_test

import (
	"os"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/config"
)

// A file without end in place of the tenant file, or of one that it names, is refused and not read.
func TestAFileWithoutEndIsRefused(t *testing.T) {
	for _, name := range []string{"tenant.yaml", "secrets/password", "ca.pem"} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			l.write(t, "tenant.yaml", l.yaml)
			if _, err := config.Load(l.path("tenant.yaml")); err != nil {
				t.Fatalf("before: %v", err)
			}
			must(t, os.Truncate(l.path(name), 1<<40))
			if _, err := config.Load(l.path("tenant.yaml")); err == nil || !strings.Contains(err.Error(), "larger than 1048576 bytes") {
				t.Errorf("error is %v, want one that names the size", err)
			}
		})
	}
}
