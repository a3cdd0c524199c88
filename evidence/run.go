package evidence

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/reprompt/reprompt/secret"
)

// RunInfo is what is known when a run begins.
type RunInfo struct {
	ID string // short, of letters, digits and hyphens; names the folder
	// Command is what was asked for, without secrets: they never come from the command line.
	Command  string
	Build    Build
	Browser  Browser
	TenantID string // empty when every scenario has a tenant of its own
	// TestClock is true when waits move the embedded tenant's clock.
	TestClock bool
	// Started is by the machine's clock; names the folder.
	Started time.Time
	// AsConfigured is true when every proof is of the tenant as it is configured, and asks for
	// "enforced". False when scenarios arrange the tenant themselves and say what they expect.
	AsConfigured bool
	// Controls are those that the proofs are laid beside; may be empty.
	Controls ControlMap
	// Now is the machine's clock; nil means time.Now.
	Now func() time.Time
}

// Build is the program that ran.
type Build struct {
	Version string `json:"version"`
	Commit  string `json:"commit"` // empty when it was not built from a clean tree
	Go      string `json:"go"`
}

// Browser is the browser that was driven.
type Browser struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	SHA256  string `json:"sha256"` // of the binary; empty when not computed
}

// Offset is by how much a host's clock was ahead of the machine's.
type Offset struct {
	Host   string        `json:"host"`
	Offset time.Duration `json:"offset_ns"`
}

// Result is what is known when a run ends.
type Result struct {
	Finished time.Time // by the machine's clock
	// Restored is nil when nothing had to be restored.
	Restored *bool
	// Failure is why the run as a whole broke; empty when it did not.
	Failure string
}

// runSchema names the format of run.json.
const runSchema = "reprompt/run/v1"

// States of a run and of a scenario.
const (
	stateRunning  = "running"
	stateFinished = "finished"
	stateFailed   = "failed"
)

// runRecord is run.json.
type runRecord struct {
	Schema    string     `json:"schema"`
	State     string     `json:"state"`
	ID        string     `json:"id"`
	Command   string     `json:"command"`
	Build     Build      `json:"build"`
	Browser   Browser    `json:"browser"`
	TenantID  string     `json:"tenant_id"`
	Target    Target     `json:"target"`
	TestClock bool       `json:"test_clock"`
	Chains    []Chain    `json:"chains"`
	Offsets   []Offset   `json:"offsets"`
	Started   time.Time  `json:"started"`
	Finished  *time.Time `json:"finished"`
	Restored  *bool      `json:"restored"`
	Failure   string     `json:"failure"`
	// AsConfigured and Controls are those of RunInfo.
	AsConfigured bool             `json:"as_configured"`
	Controls     ControlMap       `json:"controls"`
	Scenarios    []scenarioRecord `json:"scenarios"`
}

// Run is the folder of one run while it is written. It is safe for concurrent use.
type Run struct {
	store store

	mutex     sync.Mutex
	info      RunInfo
	chains    map[string]Chain // by host and digest
	offsets   map[string]Offset
	scenarios []*Scenario
	closed    bool
}

// Create makes a new folder below dir and writes run.json with state "running". It fails when
// dir cannot be made or written.
func Create(dir string, info RunInfo) (*Run, error) {
	if info.ID == "" || slug(info.ID) != info.ID {
		return nil, fmt.Errorf("create evidence: run id %q is not made of lower-case letters, digits and hyphens", info.ID)
	}
	root := filepath.Join(dir, info.Started.UTC().Format("20060102T150405Z")+"-"+info.ID)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create evidence: %w", err)
	}
	if err := os.Mkdir(root, 0o700); err != nil {
		return nil, fmt.Errorf("create evidence: %w", err)
	}
	if info.Now == nil {
		info.Now = time.Now
	}
	r := &Run{
		store: store{root: root, guard: newGuard()}, info: info,
		chains: map[string]Chain{}, offsets: map[string]Offset{},
	}
	return r, r.writeRecordLocked(stateRunning, Result{})
}

// Dir is the run's folder.
func (r *Run) Dir() string { return r.store.root }

// Report is the path of report.html; it is there once Close has returned.
func (r *Run) Report() string { return filepath.Join(r.store.root, reportName) }

// Guard makes sure that the text never reaches the folder, plain or encoded. Texts shorter
// than six characters are not looked for. Register a secret before anything may record it.
func (r *Run) Guard(s secret.Text) { r.store.guard.register(s) }

// withheld stands where a text was that must not be kept.
const withheld = "[withheld: it held something that must not be kept]"

// Withhold returns the text, or a note in its place where it holds what must not be kept.
func (r *Run) Withhold(text string) string {
	if r.store.guard.check([]byte(text)) != nil {
		return withheld
	}
	return text
}

// SetBrowser notes the browser, when it is known only after the run began.
func (r *Run) SetBrowser(b Browser) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.info.Browser = b
}

// SawChain notes a TLS chain that a host presented, leaf first, DER. Every different one is
// kept: a single marked certificate makes a run embedded.
func (r *Run) SawChain(host string, certificates [][]byte) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.chains[host+" "+Digest(bytes.Join(certificates, nil))] = Chain{Host: host, Certificates: certificates}
}

// SawOffset notes by how much a host's clock is ahead of the machine's.
func (r *Run) SawOffset(host string, offset time.Duration) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.offsets[host] = Offset{Host: host, Offset: offset}
}

// Target is what the run was made against, by what was seen so far.
func (r *Run) Target() Target {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.targetLocked()
}

func (r *Run) targetLocked() Target {
	return TargetOf(sorted(r.chains), r.info.TestClock, r.info.Started)
}

// Close writes the final run.json, report.html and manifest.json. Scenarios that are still open
// stay as they are. What any scenario could not record is returned too. A second Close does nothing.
func (r *Run) Close(result Result) error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.closed {
		return nil
	}
	r.closed = true
	err := r.writeRecordLocked(stateFinished, result)
	for _, s := range r.scenarios {
		err = errors.Join(err, s.takeErr())
	}
	return errors.Join(err, r.contentsLocked(stateFinished, result).writeDerived(), r.store.writeManifest())
}

func (r *Run) recordLocked(state string, result Result) runRecord {
	record := runRecord{
		Schema: runSchema, State: state, ID: r.info.ID, Command: r.info.Command, Build: r.info.Build,
		Browser: r.info.Browser, TenantID: r.info.TenantID, Target: r.targetLocked(), TestClock: r.info.TestClock,
		Chains: sorted(r.chains), Offsets: sorted(r.offsets), Started: r.info.Started.UTC(),
		Restored: result.Restored, Failure: result.Failure, AsConfigured: r.info.AsConfigured,
		Controls: append(ControlMap{}, r.info.Controls...), Scenarios: []scenarioRecord{},
	}
	if !result.Finished.IsZero() {
		finished := result.Finished.UTC()
		record.Finished = &finished
	}
	for _, s := range r.scenarios {
		record.Scenarios = append(record.Scenarios, s.record())
	}
	return record
}

func (r *Run) writeRecordLocked(state string, result Result) error {
	return r.store.writeJSON("run.json", r.recordLocked(state, result), true)
}
