package emulator_test

import (
	"encoding/hex"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/emulator"
	"github.com/reprompt/reprompt/emulator/internal/walker"
)

// connections are the addresses of both ends of every TCP and UDP socket of this process, as
// the kernel lists them; an end that is not there yet has no address.
func connections(t *testing.T) []net.IP {
	t.Helper()
	ours := map[string]bool{}
	descriptors, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, descriptor := range descriptors {
		// One that was closed in between has no target.
		if target, err := os.Readlink(descriptor); err == nil && strings.HasPrefix(target, "socket:[") {
			ours[strings.Trim(strings.TrimPrefix(target, "socket:"), "[]")] = true
		}
	}
	var addresses []net.IP
	for _, table := range []string{"tcp", "tcp6", "udp", "udp6"} {
		text, err := os.ReadFile("/proc/self/net/" + table)
		if os.IsNotExist(err) {
			continue // a kernel without IPv6
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(string(text), "\n")[1:] {
			if fields := strings.Fields(line); len(fields) > 9 && ours[fields[9]] {
				addresses = append(addresses, kernelAddress(t, fields[1]), kernelAddress(t, fields[2]))
			}
		}
	}
	return addresses
}

// kernelAddress reads an address as /proc/net writes it: words of four bytes, each reversed.
func kernelAddress(t *testing.T, text string) net.IP {
	t.Helper()
	host, _, _ := strings.Cut(text, ":")
	address, err := hex.DecodeString(host)
	if err != nil {
		t.Fatal(err)
	}
	for word := range slices.Chunk(address, 4) {
		slices.Reverse(word)
	}
	return address
}

// Whatever a client asks for, no socket of the process has an end outside of this machine.
func TestNothingIsSentPastLoopback(t *testing.T) {
	l := start(t, emulator.Options{Sample: true})
	tokens, _ := l.signIn(walker.New(l.http.Transport), "c1")
	l.graph(http.MethodGet, "/v1.0/me", tokens.Access, nil)
	l.graph(http.MethodGet, "/v1.0/moons", tokens.Access, nil)
	for _, address := range []string{"https://example.org/", "http://example.org/", "https://192.0.2.1/", "https://mysignins.microsoft.com/"} {
		response, err := l.http.Get(address)
		if err == nil {
			response.Body.Close()
		}
		if err == nil && response.StatusCode < 400 {
			t.Errorf("%s was answered with %s", address, response.Status)
		}
	}
	addresses := connections(t)
	if len(addresses) < 4 {
		t.Fatalf("only %d ends of sockets were found", len(addresses))
	}
	for _, address := range addresses {
		if !address.IsLoopback() && !address.IsUnspecified() {
			t.Errorf("a socket has an end at %s", address)
		}
	}
}
