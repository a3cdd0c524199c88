package browser

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/reprompt/reprompt/await"
)

// Killed in the middle of a run, we leave neither the browser nor the profile, in which the sign-in is.
func TestProfileAndBrowserGoWithUs(t *testing.T) {
	folder := t.TempDir()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), forgotten+"="+folder)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err == nil {
		err = child.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	group, malformed := strconv.Atoi(strings.TrimSpace(line))
	profiles, _ := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || malformed != nil || len(profiles) != 1 {
		t.Fatalf("the browser said %q, %v, and made %v", line, err, profiles)
	}
	if info, err := os.Stat(profiles[0]); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the profile has mode %v, %v; want 0700", info.Mode(), err)
	}
	if err := child.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()
	awaitGone(t, group, profiles[0])
}

// awaitGone waits until no process of the group and no profile is left.
func awaitGone(t *testing.T, group int, profile string) {
	t.Helper()
	_, err := await.Until(t.Context(), await.Options{What: "the browser to be gone", Within: time.Minute, Every: 20 * time.Millisecond},
		func(context.Context) (struct{}, bool, string, error) {
			running := groupMembers(t, group)
			_, err := os.Stat(profile)
			return struct{}{}, len(running) == 0 && os.IsNotExist(err), fmt.Sprintf("processes %v, profile %v", running, err), nil
		})
	if err != nil {
		t.Fatal(err)
	}
}

// DevTools answers on the pipe alone: no process of the browser listens on a port, which any account of the
// machine could drive the signed-in browser through.
func TestBrowserListensNowhere(t *testing.T) {
	b := startBrowser(t, Options{})
	s, err := b.NewSession(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.NewTab(testContext(t)); err != nil {
		t.Fatal(err)
	}
	processes := 0
	for _, stat := range groupMembers(t, b.process.pid()) {
		pid, _, _ := strings.Cut(stat, " ")
		processes++
		if ports := listening(t, pid); len(ports) > 0 {
			t.Errorf("process %s of the browser listens on %v", pid, ports)
		}
	}
	if processes < 2 {
		t.Errorf("only %d processes of the browser were looked at", processes)
	}
	for _, flag := range b.process.command.Args {
		if strings.HasPrefix(flag, "--remote-debugging-port") || strings.HasPrefix(flag, "--remote-debugging-address") {
			t.Errorf("the browser was given %s", flag)
		}
	}
}

// The look finds a listener where there is one.
func TestListeningFindsAListener(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	if ports := listening(t, strconv.Itoa(os.Getpid())); !slices.Contains(ports, port) {
		t.Errorf("found %v, want %s among them", ports, port)
	}
}

// listening are the TCP ports on which a process listens.
func listening(t *testing.T, pid string) []string {
	t.Helper()
	var ports []string
	held := socketsOf(t, pid)
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		text, err := os.ReadFile(table)
		if os.IsNotExist(err) {
			continue // a machine without that protocol
		}
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			fields := strings.Fields(line) // number, local address, remote, state, …, the inode the tenth
			if len(fields) < 10 || fields[3] != "0A" || !held[fields[9]] {
				continue
			}
			_, port, _ := strings.Cut(fields[1], ":")
			number, err := strconv.ParseUint(port, 16, 16)
			if err != nil {
				t.Fatalf("%s: %q", table, line)
			}
			ports = append(ports, strconv.FormatUint(number, 10))
		}
	}
	return ports
}

// socketsOf are the inodes of the sockets that a process has open.
func socketsOf(t *testing.T, pid string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("/proc/" + pid + "/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	held := map[string]bool{}
	for _, file := range files {
		target, _ := os.Readlink(file) // one that was closed meanwhile is no listener
		if inode, ok := strings.CutPrefix(target, "socket:["); ok {
			held[strings.TrimSuffix(inode, "]")] = true
		}
	}
	return held
}
