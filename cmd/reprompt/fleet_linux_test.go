package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/reprompt/reprompt/await"
	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/fleet"
)

// fleetSize names how many tenants TestFleetOfEmbeddedTenants proves, fleetAtOnce how many at a time,
// fleetWay how.
const fleetSize, fleetAtOnce, fleetWay = "REPROMPT_FLEET", "REPROMPT_FLEET_AT_ONCE", "REPROMPT_FLEET_WAY"

// A fleet of embedded tenants is proved, with a browser each. One tenant fails. The process is killed in the
// middle of the list, while a role of the next tenant is active or about to be, and the run is resumed: the
// others are proved, each once, and everything is given back. `make fleet` does it with 500.
func TestFleetOfEmbeddedTenants(t *testing.T) {
	many := fleetNumber(t, fleetSize, "3")
	l := mustServeTenants(t, many)
	broken := many / 2
	if err := os.WriteFile(filepath.Join(l.folder(broken), "secrets", "reader-app"), []byte("an old secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := &fleetRun{lab: l, dir: t.TempDir(), atOnce: fleetNumber(t, fleetAtOnce, "1")}
	r.writeList(t)

	cut := r.start(t, tenantName(broken+1), "--evidence", filepath.Join(r.dir, "evidence"))
	if cut.code != -1 {
		t.Fatalf("exit code %d, want the process killed: %s", cut.code, cut.said)
	}
	kept := r.finished(t)
	if len(kept) == 0 || len(kept) == many {
		t.Fatalf("%d of %d tenants had a bundle when the process was killed: it was not in the middle", len(kept), many)
	}

	rest := r.start(t, "", "--resume", r.run(t))
	if rest.code != exitUndecided {
		t.Errorf("exit code %d, want %d, because of the tenant that fails: %s", rest.code, exitUndecided, rest.said)
	}
	summary, err := fleet.Read(r.run(t))
	if err != nil {
		t.Fatal(err)
	}
	if want := (fleet.Counts{Tenants: many, Failed: 1, Roles: many - 1, Enforced: many - 1}); summary.Counts != want {
		t.Errorf("counts %+v, want %+v", summary.Counts, want)
	}
	for n, result := range summary.Tenants {
		want := fleet.Proved
		switch {
		case n == broken:
			want = fleet.Failed
		case kept[result.Name]:
			want = fleet.Kept
		}
		if result.State != want {
			t.Errorf("%s is %s (%s), want %s", result.Name, result.State, result.Error, want)
		}
		if active := l.active(t, l.tenants[n]); active != 0 {
			t.Errorf("%s: %d activations go on", result.Name, active)
		}
	}
	if bundles := r.finished(t); len(bundles) != many-1 || bundles[tenantName(broken)] {
		t.Errorf("%d tenants have a finished bundle, want all but one", len(bundles))
	}
	r.tell(t, cut, rest, summary)
}

// fleetNumber is a number that the environment names.
func fleetNumber(t *testing.T, name, otherwise string) int {
	t.Helper()
	text := cmp.Or(os.Getenv(name), otherwise)
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s is %q: want a number, such as 500", name, text)
	}
	return n
}

// fleetRun is one run of the command over the lab, in two processes.
type fleetRun struct {
	lab    *fleetLab
	dir    string
	atOnce int
	list   string
}

func (r *fleetRun) writeList(t *testing.T) {
	t.Helper()
	var b bytes.Buffer
	fmt.Fprintf(&b, "schema: reprompt/fleet/v1\ntenants:\n")
	for n := range r.lab.tenants {
		fmt.Fprintf(&b, "  - {name: %s, file: %s/tenant.yaml, way: %s}\n", tenantName(n), r.lab.folder(n), cmp.Or(os.Getenv(fleetWay), "portal"))
	}
	r.list = filepath.Join(r.dir, "fleet.yaml")
	if err := os.WriteFile(r.list, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// fleetEnd is how a process ended, and the most memory that it needed, in KiB.
type fleetEnd struct {
	code               int // -1: killed
	took               time.Duration
	said               string // the last of what it said
	ended              int    // tenants
	fleet, lab, browse int
}

// start runs the command. It is killed when it activates a role of a tenant; without one it comes to its end.
func (r *fleetRun) start(t *testing.T, killAt string, args ...string) fleetEnd {
	t.Helper()
	cmd := exec.Command("reprompt", append([]string{"fleet", r.list, "--at-once", strconv.Itoa(r.atOnce), "--json"}, args...)...)
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+filepath.Join(r.dir, "state"))
	out, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if killAt != "" {
		go r.killAt(t.Context(), cmd.Process, killAt)
	}
	var end fleetEnd
	for lines := bufio.NewScanner(out); lines.Scan(); {
		end.said = lines.Text()
		end.ended++
		end.sample(cmd.Process.Pid, r.lab.process.Pid)
	}
	err = cmd.Wait()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	end.code, end.took = cmd.ProcessState.ExitCode(), time.Since(began)
	return end
}

// killAt kills a process once it activates a role of a tenant. One that ended before is not killed, which the
// exit code shows.
func (r *fleetRun) killAt(ctx context.Context, process *os.Process, tenant string) {
	events := filepath.Join(r.dir, "evidence", "fleet-*", tenant, "*", "scenarios", "*", "events.ndjson")
	_, err := await.Until(ctx, await.Options{What: "an activation in " + tenant, Within: 2 * time.Hour, Every: 10 * time.Millisecond},
		func(context.Context) (struct{}, bool, string, error) {
			found, err := filepath.Glob(events)
			for _, file := range found {
				if text, err := os.ReadFile(file); err == nil && bytes.Contains(text, []byte("activate the role")) {
					return struct{}{}, true, "", nil
				}
			}
			return struct{}{}, false, "", err
		})
	if err == nil {
		_ = process.Kill()
	}
}

func (e *fleetEnd) sample(fleetPID, labPID int) {
	e.fleet = max(e.fleet, kibOf(fleetPID, "status", "VmHWM:"))
	e.lab = max(e.lab, kibOf(labPID, "status", "VmHWM:"))
	e.browse = max(e.browse, kibBelow(fleetPID))
}

// run is the folder of the run.
func (r *fleetRun) run(t *testing.T) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(r.dir, "evidence", "fleet-*"))
	if err != nil || len(found) != 1 {
		t.Fatalf("runs %q, %v, want one", found, err)
	}
	return found[0]
}

// finished are the tenants that have a finished bundle that verifies. More than one fails the test: nobody
// is proved twice.
func (r *fleetRun) finished(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for n := range r.lab.tenants {
		dir := filepath.Join(r.run(t), tenantName(n))
		kept, err := evidence.Kept(dir)
		if err != nil {
			t.Fatal(err)
		}
		found[tenantName(n)] = len(kept) > 0
		if len(kept) == 0 {
			delete(found, tenantName(n))
		}
		if done := finishedRuns(t, dir); done > 1 {
			t.Errorf("%s was proved %d times", tenantName(n), done)
		}
	}
	return found
}

// finishedRuns are the bundles below a folder that came to their end.
func finishedRuns(t *testing.T, dir string) int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*", "run.json"))
	if err != nil {
		t.Fatal(err)
	}
	done := 0
	for _, file := range files {
		var run struct {
			State   string `json:"state"`
			Failure string `json:"failure"`
		}
		text, err := os.ReadFile(file)
		if err = errors.Join(err, json.Unmarshal(text, &run)); err != nil {
			t.Fatal(err)
		}
		if run.State == "finished" && run.Failure == "" {
			done++
		}
	}
	return done
}

// tell prints what it took.
func (r *fleetRun) tell(t *testing.T, cut, rest fleetEnd, s *fleet.Summary) {
	var seconds []float64
	for _, result := range s.Tenants {
		if result.State == fleet.Proved {
			seconds = append(seconds, result.Seconds)
		}
	}
	slices.Sort(seconds)
	size := int64(0)
	err := filepath.WalkDir(r.run(t), func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		about, err := entry.Info()
		if err == nil {
			size += about.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d tenants, %d at once: %s until the process was killed after %d, %s for the rest; a tenant of the rest took %.1f s in the middle, %.1f s at most",
		len(s.Tenants), r.atOnce, cut.took.Round(time.Second), cut.ended, rest.took.Round(time.Second), seconds[len(seconds)/2], seconds[len(seconds)-1])
	t.Logf("at most: reprompt fleet %d MiB and %d MiB, its browsers %d MiB and %d MiB, the emulator %d MiB; evidence %.1f MiB a tenant",
		cut.fleet>>10, rest.fleet>>10, cut.browse>>10, rest.browse>>10, rest.lab>>10, float64(size)/float64(len(s.Tenants))/(1<<20))
}
