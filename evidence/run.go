package evidence

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/verdict"
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
	// Controls are those that the proofs are laid beside; may be empty.
	Controls ControlMap
	// Now is the machine's clock; nil means time.Now.
	Now func() time.Time
	// Kind is KindRun when empty.
	Kind Kind
	// Signer signs the bundle. nil means a key that is made for it and kept by nobody, of which every
	// reader is told.
	Signer *Signer
	// Authority gives timestamps; nil means that the bundle gets none.
	Authority *TimestampAuthority
}

// Kind says how a bundle came to be.
type Kind string

// The kinds of bundles.
const (
	KindRun       Kind = "run"        // scenarios, which set a tenant up for themselves
	KindProve     Kind = "prove"      // roles of a tenant as it was configured
	KindMerge     Kind = "merge"      // other bundles, whole: shards and attempts
	KindAttachLog Kind = "attach-log" // another bundle, whole, and what the sign-in log said later
)

// TimestampAuthority gives RFC 3161 timestamps.
type TimestampAuthority struct {
	URL string // is recorded
	// Ask sends a request (application/timestamp-query) and returns the answer. This package speaks
	// to nobody itself.
	Ask func(request []byte) (answer []byte, err error)
}

// Build is the program that ran.
type Build struct {
	Version string `json:"version"` // of the module; (devel) where it was built from a working tree
	Commit  string `json:"commit"`  // empty when it was not built from a clean tree
	Go      string `json:"go"`      // version of the Go toolchain
	SHA256  string `json:"sha256"`  // of the program's file; empty when it could not be read
}

// Browser is the browser that was driven.
type Browser struct {
	Name    string `json:"name"`    // of the program file
	Version string `json:"version"` // as the browser says it
	SHA256  string `json:"sha256"`  // of the binary; empty when not computed
}

// Offset is by how much a host's clock was ahead of the machine's.
type Offset struct {
	Host   string        `json:"host"` // whose clock was compared
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
const (
	runSchema = "reprompt/bundle/v1"
	runName   = "run.json"
)

// States of a run and of a scenario.
const (
	stateRunning  = "running"
	stateFinished = "finished"
	stateFailed   = "failed"
)

// runRecord is run.json.
type runRecord struct {
	Schema string `json:"schema"` // reprompt/bundle/v1
	// Kind is run, prove, merge or attach-log.
	Kind Kind `json:"kind"`
	// State is "running" until the run is closed.
	State   string  `json:"state"`
	ID      string  `json:"id"`      // names the folder, and everything that the run made in a tenant
	Command string  `json:"command"` // as it was called, without its arguments
	Build   Build   `json:"build"`
	Browser Browser `json:"browser"` // empty where none was driven, or several
	// RefusedHosts are names of hosts that pages asked for and the browser was not let to, sorted; left
	// out where there are none.
	RefusedHosts []string `json:"refused_hosts,omitempty"`
	// TenantID is empty where every scenario had a tenant of its own.
	TenantID string `json:"tenant_id"`
	// Target is embedded, tenant or tenant-behind-private-ca, by the chains and the clock.
	Target Target `json:"target"`
	// TestClock is true when waits moved the embedded tenant's clock.
	TestClock bool `json:"test_clock"`
	// Chains are all TLS chains that sign-in, Graph and portal hosts presented, to this program and to
	// the browser.
	Chains []Chain `json:"chains"`
	// Offsets say by how much the clock that the waits went by was ahead of the machine's.
	Offsets []Offset `json:"offsets"`
	// Features are the feature files that were run, as they were.
	Features []featureRecord `json:"features"`
	Signer   signerRecord    `json:"signer"`
	// TimestampAuthority is the authority that was asked for timestamp.tsr; empty when none was.
	TimestampAuthority string `json:"timestamp_authority"`
	// Started and Finished are by the machine's clock, UTC.
	Started  time.Time  `json:"started"`
	Finished *time.Time `json:"finished"` // null while it runs, or when it was cut off
	// Restored is false when the tenant could not be restored, null when nothing had to be.
	Restored *bool `json:"restored"`
	// Failure is why the run as a whole broke; empty when it did not.
	Failure string `json:"failure"`
	// Scenarios are the proofs, in the order in which they began.
	Scenarios []scenarioRecord `json:"scenarios"`
	// Rules is the version of the decision table by which the verdicts were drawn.
	Rules int `json:"rules"`
	// Controls are the rows of the control map that the proofs are laid beside.
	Controls ControlMap `json:"controls,omitempty"`
	// Parts are the bundles that this one contains.
	Parts []partRecord `json:"parts"`
}

// featureRecord is a feature file.
type featureRecord struct {
	URI    string `json:"uri"`    // as it was named
	File   string `json:"file"`   // its copy in the bundle
	SHA256 string `json:"sha256"` // of the copy, in hexadecimal
}

// signerRecord is who signed.
type signerRecord struct {
	KeyID string `json:"key_id"` // SHA-256 of the public key, PKIX
	// Ephemeral is true when the key was made for this bundle and nobody kept it.
	Ephemeral bool `json:"ephemeral"`
}

// partRecord is a bundle inside another.
type partRecord struct {
	Dir      string `json:"dir"`             // inside the outer bundle
	ID       string `json:"id"`              // of its run
	Manifest string `json:"manifest_sha256"` // of its manifest.json
	KeyID    string `json:"key_id"`          // of its signer
}

// Run is the folder of one run while it is written. It is safe for concurrent use.
type Run struct {
	store store

	mutex     sync.Mutex
	info      RunInfo
	chains    map[string]Chain // by host and digest
	offsets   map[string]Offset
	scenarios []*Scenario
	resting   shelf
	ready     readied // pictures of a proof; empty where scenarios are run
	features  []featureRecord
	refused   []string
	unnoted   int // changes that run.json does not have yet
	closed    bool
}

// Create makes a new folder below dir and writes run.json with state "running". It fails when
// dir cannot be made or written.
func Create(dir string, info RunInfo) (*Run, error) {
	if info.ID == "" || slug(info.ID) != info.ID {
		return nil, fmt.Errorf("create evidence: run id %q is not made of lower-case letters, digits and hyphens", info.ID)
	}
	if info.Kind == "" {
		info.Kind = KindRun
	}
	if info.Signer == nil {
		var err error
		if info.Signer, err = newEphemeralSigner(); err != nil {
			return nil, fmt.Errorf("create evidence: %w", err)
		}
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
	return r, r.writeRecordLocked(stateRunning, Result{}, r.store.guard.check)
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

// SetRefusedHosts notes the hosts that the browser asked for and was not let to. Pages choose the names:
// one that holds what must not be kept is withheld.
func (r *Run) SetRefusedHosts(hosts []string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.refused = nil
	for _, host := range hosts {
		r.refused = append(r.refused, r.Withhold(host))
	}
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

// Feature keeps a copy of a feature file that is run. The same one twice is kept once.
func (r *Run) Feature(uri string, content []byte) error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if slices.ContainsFunc(r.features, func(f featureRecord) bool { return f.URI == uri }) {
		return nil
	}
	base := slug(strings.TrimSuffix(path.Base(filepath.ToSlash(uri)), ".feature"))
	f := featureRecord{URI: uri, File: fmt.Sprintf("features/%02d-%s.feature", len(r.features)+1, base), SHA256: Digest(content)}
	if err := errors.Join(r.store.guard.check([]byte(uri)), r.store.write(f.File, content, false)); err != nil {
		return err
	}
	r.features = append(r.features, f)
	return r.noteProgressLocked()
}

// mostUnnoted is the share of the scenarios that run.json may lag behind, as a divisor. Rewritten each
// time, the runs of many scenarios would take the square of the time.
const mostUnnoted = 32

// noteProgressLocked rewrites run.json while the run goes on: of small runs each time, of larger ones
// when a thirty-second part of it is new. Each piece of it was checked when it came.
func (r *Run) noteProgressLocked() error {
	if r.unnoted++; r.unnoted*mostUnnoted < len(r.scenarios) {
		return nil
	}
	r.unnoted = 0
	return r.writeRecordLocked(stateRunning, Result{}, func([]byte) error { return nil })
}

// Close writes the final run.json, everything that is made from what was kept, the manifest, and the
// signed statements. Scenarios that are still open
// stay as they are. What any scenario could not record is returned too. A second Close does nothing.
func (r *Run) Close(result Result) error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.closed {
		return nil
	}
	r.closed = true
	err := r.writeRecordLocked(stateFinished, result, r.store.guard.check)
	for _, s := range r.scenarios {
		err = errors.Join(err, s.takeErr())
	}
	whole, unread := r.wholeLocked(stateFinished, result)
	err = errors.Join(err, unread)
	kept := r.contentsLocked(whole)
	kept.ready = r.ready.take()
	err = errors.Join(err, kept.writeDerived())
	return errors.Join(err, r.store.seal(whole, r.info.Signer, r.info.Authority), r.resting.close())
}

// recordLocked is run.json without its scenarios.
func (r *Run) recordLocked(state string, result Result) runRecord {
	record := runRecord{
		Schema: runSchema, Kind: r.info.Kind, State: state, ID: r.info.ID, Command: r.info.Command, Build: r.info.Build,
		Browser: r.info.Browser, RefusedHosts: slices.Clone(r.refused), TenantID: r.info.TenantID, Target: r.targetLocked(), TestClock: r.info.TestClock,
		Chains: sorted(r.chains), Offsets: sorted(r.offsets), Started: r.info.Started.UTC(),
		Restored: result.Restored, Failure: result.Failure, Scenarios: []scenarioRecord{},
		Features: append([]featureRecord{}, r.features...), Parts: []partRecord{}, Rules: verdict.Rules,
		Controls: append(ControlMap{}, r.info.Controls...),
		Signer:   signerRecord{KeyID: r.info.Signer.Public().ID(), Ephemeral: r.info.Signer.ephemeral},
	}
	if r.info.Authority != nil {
		record.TimestampAuthority = r.info.Authority.URL
	}
	if !result.Finished.IsZero() {
		finished := result.Finished.UTC()
		record.Finished = &finished
	}
	return record
}

// wholeLocked is run.json. The error says which scenarios cannot be read back; their members are empty.
func (r *Run) wholeLocked(state string, result Result) (runRecord, error) {
	whole := r.recordLocked(state, result)
	var errs []error
	for _, s := range r.scenarios {
		record, err := s.record()
		whole.Scenarios, errs = append(whole.Scenarios, record), append(errs, err)
	}
	return whole, errors.Join(errs...)
}

// noScenarios stands in run.json for the list of scenarios where it is empty. No text of the document holds
// it: a line that ends is written otherwise in one.
const noScenarios = "\n  \"scenarios\": []"

// writeRecordLocked writes run.json one scenario after the other, as encodeIndented would write wholeLocked.
// check sees each piece of it first.
func (r *Run) writeRecordLocked(state string, result Result, check func([]byte) error) error {
	content, err := encodeIndented(r.recordLocked(state, result))
	if err != nil {
		return fmt.Errorf("encode %s: %w", runName, err)
	}
	before, after, _ := bytes.Cut(content, []byte(noScenarios))
	return r.store.putPieces(runName, func(write func([]byte) error) error {
		if len(r.scenarios) == 0 {
			return errors.Join(check(content), write(content))
		}
		if err := errors.Join(check(content), write(before), write([]byte("\n  \"scenarios\": ["))); err != nil {
			return err
		}
		for i, s := range r.scenarios {
			line, err := s.line()
			if err := errors.Join(err, check(line), write([]byte(strings.Repeat(",", min(i, 1))+"\n    ")), write(line)); err != nil {
				return err
			}
		}
		return errors.Join(write([]byte("\n  ]")), write(after))
	})
}
