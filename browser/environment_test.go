package browser

import (
	"context"
	"os"
	"runtime"
	"strconv"
	"strings"
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

// What the process that runs pages can read of our environment holds no secret.
func TestBrowserInheritsNoSecret(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the environment of a process is read from /proc, which is Linux's")
	}
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
