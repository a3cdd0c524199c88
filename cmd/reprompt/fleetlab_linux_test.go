package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/reprompt/reprompt/await"
)

// fleetLab is one process that serves many embedded tenants, each ready to be proved.
type fleetLab struct {
	dir     string
	access  labFacts
	client  *http.Client
	process *os.Process
	tenants []labFacts
}

// labFacts are those of emulator.json, and of the answer to POST /tenants.
type labFacts struct {
	labAccess
	Domain    string `json:"domain"`
	ReaderApp labApp `json:"reader_app"`
	Harness   labApp `json:"harness_app"`
	Admin     struct {
		UPN        string `json:"upn"`
		ObjectID   string `json:"object_id"`
		Password   string `json:"password"`
		TOTPSecret string `json:"totp_secret"`
	} `json:"admin"`
}

// mustServeTenants starts the process and makes the tenants. It ends with the test.
func mustServeTenants(t *testing.T, many int) *fleetLab {
	t.Helper()
	l := &fleetLab{dir: filepath.Join(t.TempDir(), "lab")}
	l.process = mustStart(t, exec.Command("reprompt", "emulator", "--dir", l.dir, "--sample"))
	_, err := await.Until(t.Context(), await.Options{What: "the emulator", Within: time.Minute, Every: 10 * time.Millisecond},
		func(context.Context) (struct{}, bool, string, error) {
			_, err := os.Stat(filepath.Join(l.dir, "tenant.yaml")) // the last file that it writes
			return struct{}{}, err == nil, fmt.Sprint(err), nil
		})
	if err != nil {
		t.Fatal(err)
	}
	facts, err := os.ReadFile(filepath.Join(l.dir, "emulator.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(facts, &l.access); err != nil {
		t.Fatal(err)
	}
	if _, l.client, err = openLab(l.dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.client.CloseIdleConnections)
	for range many {
		l.addTenant(t)
	}
	return l
}

// mustStart starts a process that is interrupted when the test ends.
func mustStart(t *testing.T, cmd *exec.Cmd) *os.Process {
	t.Helper()
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil && said.Len() > 0 {
			t.Logf("%s: %v: %s", cmd.Args[1], err, said.String())
		}
	})
	return cmd.Process
}

// addTenant makes a tenant, and a tenant file for it: that of the first one, with other names in it.
func (l *fleetLab) addTenant(t *testing.T) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, l.access.Control+"/tenants", strings.NewReader(`{"sample":true}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+l.access.ControlToken)
	request.Header.Set("Content-Type", "application/json")
	answer, err := exchange(http.DefaultClient, request)
	if err != nil {
		t.Fatalf("POST /tenants: %v", err)
	}
	var made labFacts
	if err := json.Unmarshal(answer, &made); err != nil {
		t.Fatal(err)
	}
	template, err := os.ReadFile(filepath.Join(l.dir, "tenant.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	first := l.access
	text := strings.NewReplacer(
		first.TenantID, made.TenantID, first.Domain, made.Domain, first.Admin.UPN, made.Admin.UPN, first.Admin.ObjectID, made.Admin.ObjectID,
		first.FixturesApp.ClientID, made.FixturesApp.ClientID, first.ReaderApp.ClientID, made.ReaderApp.ClientID,
		first.Harness.ClientID, made.Harness.ClientID, "ca.pem", "../ca.pem",
	).Replace(string(template))
	dir := l.folder(len(l.tenants))
	err = os.MkdirAll(filepath.Join(dir, "secrets"), 0o700)
	for name, content := range map[string]string{
		"tenant.yaml": text, "secrets/fixtures-app": made.FixturesApp.ClientSecret, "secrets/reader-app": made.ReaderApp.ClientSecret,
		"secrets/password": made.Admin.Password, "secrets/totp-secret": made.Admin.TOTPSecret, "secrets/control-token": first.ControlToken,
	} {
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
	l.tenants = append(l.tenants, made)
}

func tenantName(n int) string { return fmt.Sprintf("t%03d", n) }

func (l *fleetLab) folder(n int) string { return filepath.Join(l.dir, tenantName(n)) }

// active is how many activations of a tenant go on, as the tenant says.
func (l *fleetLab) active(t *testing.T, of labFacts) int {
	t.Helper()
	answer := l.graph(t, of, http.MethodGet, "/roleManagement/directory/roleAssignmentScheduleInstances?$filter=assignmentType+eq+'Activated'", "")
	var got struct {
		Value []json.RawMessage `json:"value"`
	}
	if err := json.Unmarshal(answer, &got); err != nil {
		t.Fatal(err)
	}
	return len(got.Value)
}

// kibOf reads a line such as "VmRSS:    1234 kB" of a file below /proc; 0 where it is gone.
func kibOf(pid int, file, name string) int {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file)) // a process that ended meanwhile has no memory
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			n, _ := strconv.Atoi(strings.Fields(rest)[0]) // the kernel writes a number
			return n
		}
	}
	return 0
}

// kibBelow is the memory of all processes below one; what several share is counted once.
func kibBelow(pid int) int {
	sum := 0
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid)) // the pattern is right
	for _, path := range threads {
		text, _ := os.ReadFile(path) // it ended meanwhile
		for _, field := range strings.Fields(string(text)) {
			child, _ := strconv.Atoi(field) // the kernel writes a number
			sum += kibOf(child, "smaps_rollup", "Pss:") + kibBelow(child)
		}
	}
	return sum
}
