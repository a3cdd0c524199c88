package browser

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/reprompt/reprompt/secret"
)

// shared is the browser of all tests that need none of their own. It is closed by TestMain.
var shared *Browser

func TestMain(m *testing.M) {
	if folder := os.Getenv(forgotten); folder != "" {
		forget(folder)
	}
	code := 1
	func() {
		installation, err := Find(os.Getenv("REPROMPT_TEST_BROWSER"))
		if address := os.Getenv(remoteShared); address != "" {
			shared, err = Connect(context.Background(), Remote{URL: secret.New(address)})
		} else if err == nil {
			shared, err = Start(context.Background(), Options{Installation: installation})
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return
		}
		code = m.Run()
		stopAway()
		if err := shared.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}()
	os.Exit(code)
}

// remoteShared is, in the environment of a process of this test binary, the address of a remote browser that is
// its shared one.
const remoteShared = "REPROMPT_TEST_REMOTE_SHARED"

// forgotten names, in the environment of a process of this test binary, the folder in which it starts a
// browser that it never closes.
const forgotten = "REPROMPT_TEST_FORGOTTEN"

// forget starts a browser, says which one, and waits to be killed.
func forget(folder string) {
	installation, err := Find(os.Getenv("REPROMPT_TEST_BROWSER"))
	if err != nil {
		panic(err)
	}
	b, err := Start(context.Background(), Options{Installation: installation, TempDir: folder})
	if err != nil {
		panic(err)
	}
	fmt.Println(b.process.pid())
	select {}
}

func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func openSession(t *testing.T) *Session {
	t.Helper()
	s, err := shared.NewSession(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func openTab(t *testing.T) *Tab {
	t.Helper()
	tab, err := openSession(t).NewTab(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

// site serves pages by path.
func site(t *testing.T, pages map[string]http.HandlerFunc) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	for path, handler := range pages {
		mux.HandleFunc(path, handler)
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

func html(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<!doctype html><title>t</title>", body)
	}
}

// startBrowser starts a browser of the test's own.
func startBrowser(t *testing.T, options Options) *Browser {
	t.Helper()
	options.Installation = shared.Installation()
	b, err := Start(testContext(t), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func TestCloseLeavesNothing(t *testing.T) {
	folder := t.TempDir()
	before := runtime.NumGoroutine()
	b := startBrowser(t, Options{TempDir: folder})
	ctx := testContext(t)
	s, err := b.NewSession(ctx)
	if err != nil {
		t.Fatal(err)
	}
	tab, err := s.NewTab(ctx)
	if err != nil {
		t.Fatal(err)
	}
	watch := s.Wiretap().Watch(Sent, nil)
	waiting := make(chan error, 1)
	go func() {
		_, err := watch.Next(context.Background())
		waiting <- err
	}()
	pid := b.process.pid()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-waiting; !errors.Is(err, ErrClosed) {
		t.Errorf("a watch ended with %v, want %v", err, ErrClosed)
	}
	if err := tab.Eval(ctx, "1", nil); !errors.Is(err, ErrNavigated) {
		t.Errorf("evaluate in a closed browser: %v, want %v", err, ErrNavigated)
	}
	if running := groupMembers(t, pid); len(running) > 0 {
		t.Errorf("processes are left: %v", running)
	}
	if left, _ := filepath.Glob(filepath.Join(folder, "*")); len(left) > 0 {
		t.Errorf("files are left: %v", left)
	}
	if after := runtime.NumGoroutine(); after > before {
		stacks := make([]byte, 1<<16)
		t.Errorf("%d goroutines, %d before:\n%s", after, before, stacks[:runtime.Stack(stacks, true)])
	}
	if err := b.Close(); err != nil {
		t.Errorf("close twice: %v", err)
	}
}

// groupMembers lists the running processes of a process group. A dead one that nobody has
// collected yet is none of ours any more.
func groupMembers(t *testing.T, group int) []string {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	var running []string
	for _, name := range stats {
		stat, err := os.ReadFile(name)
		if err != nil {
			continue // it ended meanwhile
		}
		_, rest, _ := strings.Cut(string(stat), ") ")
		fields := strings.Fields(rest) // state, parent, group
		if len(fields) > 2 && fields[2] == strconv.Itoa(group) && fields[0] != "Z" {
			running = append(running, string(stat))
		}
	}
	return running
}

func TestStartSaysWhatIsWrong(t *testing.T) {
	shell := Installation{Path: "/nonexistent/browser", Name: "Shell", Shell: true}
	for name, row := range map[string]struct {
		options Options
		want    string
	}{
		"nothing given":         {Options{}, "use browser.Find"},
		"no such program":       {Options{Installation: shell}, "/nonexistent/browser"},
		"a shell with a window": {Options{Installation: shell, Headed: true}, "cannot show a window"},
		"not a browser":         {Options{Installation: Installation{Path: "/bin/false"}}, "start browser: /bin/false did not answer"},
	} {
		t.Run(name, func(t *testing.T) {
			row.options.TempDir = t.TempDir()
			_, err := Start(testContext(t), row.options)
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("error %v, want one that says %q", err, row.want)
			}
			if left, _ := filepath.Glob(filepath.Join(row.options.TempDir, "*")); len(left) > 0 {
				t.Errorf("files are left: %v", left)
			}
		})
	}
}

// A container allows no user namespaces: Chromium says so, and we say what to do.
func TestAStartWithoutSandbox(t *testing.T) {
	said := filepath.Join(t.TempDir(), "chromium")
	script := "#!/bin/sh\necho '[1:1:FATAL:zygote_host_impl_linux.cc(132)] No usable sandbox! Update your kernel' >&2\nexit 1\n"
	if err := os.WriteFile(said, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := Start(testContext(t), Options{Installation: Installation{Path: said}, TempDir: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), "set REPROMPT_BROWSER_SANDBOX=none") {
		t.Errorf("error %v, want one that names the variable", err)
	}
	if !slices.Contains(Options{NoSandbox: true}.flags(), "--no-sandbox") {
		t.Error("NoSandbox does not reach the browser")
	}
	if os.Getuid() != 0 && slices.Contains(Options{}.flags(), "--no-sandbox") {
		t.Error("the sandbox is off although nobody said so")
	}
}

func TestVersionAndDigest(t *testing.T) {
	if !strings.Contains(shared.Version(), "Chrome/") {
		t.Errorf("version %q", shared.Version())
	}
	digest, err := shared.Digest()
	if err != nil || len(digest) != 64 {
		t.Errorf("digest %q, %v", digest, err)
	}
}

func TestSessionsShareNothing(t *testing.T) {
	server := site(t, map[string]http.HandlerFunc{
		"/set": func(w http.ResponseWriter, _ *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "who", Value: "first", Path: "/", HttpOnly: true})
			html("<script>localStorage.who = 'first'</script>")(w, nil)
		},
		"/get": func(w http.ResponseWriter, r *http.Request) {
			cookie, _ := r.Cookie("who")
			html(fmt.Sprintf("<p id=c>%v</p>", cookie != nil))(w, r)
		},
	})
	read := func(tab *Tab) (cookie, stored string) {
		t.Helper()
		ctx := testContext(t)
		if _, err := tab.Navigate(ctx, server.URL+"/get"); err != nil {
			t.Fatal(err)
		}
		var got [2]string
		if err := tab.Eval(ctx, `[document.getElementById("c").innerText, localStorage.who ?? ""]`, &got); err != nil {
			t.Fatal(err)
		}
		return got[0], got[1]
	}
	ctx, first, second := testContext(t), openTab(t), openTab(t)
	mustEval(t, mustNavigate(t, first, server.URL+"/set"), loaded, nil)
	if cookie, stored := read(first); cookie != "true" || stored != "first" {
		t.Errorf("the session lost its own state: %q %q", cookie, stored)
	}
	if cookie, stored := read(second); cookie != "false" || stored != "" {
		t.Errorf("another session sees it: %q %q", cookie, stored)
	}
	if err := first.Session().ClearStorage(ctx, server.URL); err != nil {
		t.Fatal(err)
	}
	if cookie, stored := read(first); cookie != "true" || stored != "" {
		t.Errorf("after clearing storage: cookie %q, want it kept; storage %q, want it gone", cookie, stored)
	}
}
