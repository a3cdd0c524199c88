package browser

import (
	"context"
	"os"
	"strconv"
	"strings"
	"testing"
)

// What the process that runs pages can read of our environment holds no secret.
func TestBrowserInheritsNoSecret(t *testing.T) {
	t.Setenv("REPROMPT_PLANTED", "planted-secret")
	installation, err := Find(os.Getenv("REPROMPT_TEST_BROWSER"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := Start(context.Background(), Options{Installation: installation})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	text, err := os.ReadFile("/proc/" + strconv.Itoa(b.process.command.Process.Pid) + "/environ")
	if err != nil || len(text) == 0 {
		t.Fatalf("read the browser's environment: %d bytes, %v", len(text), err)
	}
	if strings.Contains(string(text), "planted") {
		t.Errorf("the browser was given %q", text)
	}
}
