package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/reprompt/reprompt/browser"
)

// lab is the embedded tenant in a process of its own.
type lab struct {
	process *exec.Cmd
	facts   []byte // emulator.json
	spki    string
}

func serve(ctx context.Context, o options, dir string) (*lab, error) {
	process := exec.CommandContext(ctx, o.reprompt, "emulator", "--dir", dir)
	process.Cancel = func() error { return process.Process.Signal(os.Interrupt) }
	stderr, err := process.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := process.Start(); err != nil {
		return nil, fmt.Errorf("start the embedded tenant: %w; make build first", err)
	}
	lab := &lab{process: process}
	lines := bufio.NewScanner(stderr)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "serving") {
	}
	if lab.facts, err = os.ReadFile(filepath.Join(dir, "emulator.json")); err != nil {
		lab.close()
		return nil, err
	}
	lab.spki, err = spki(filepath.Join(dir, "ca.pem"))
	return lab, err
}

func (l *lab) close() {
	_ = l.process.Process.Signal(os.Interrupt)
	_ = l.process.Wait() // ended by us
}

func spki(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return "", fmt.Errorf("%s holds no certificate", path)
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(certificate.RawSubjectPublicKeyInfo)
	return base64.StdEncoding.EncodeToString(sum[:]), nil
}

// driver is one way to run the features.
type driver struct {
	name    string
	command func(feature string) []string
	env     []string
	folder  string // where it is run
	results string
}

// drivers builds ours, lets it run once to see which flags it gives the browser, and hands the
// same to the peer.
func drivers(ctx context.Context, o options, lab *lab, dir string) (ours, peer driver, err error) {
	found, err := browser.Find(o.browser)
	if err != nil {
		return ours, peer, err
	}
	binary := filepath.Join(dir, "driver")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "./driver").CombinedOutput(); err != nil {
		return ours, peer, fmt.Errorf("build our driver: %w\n%s", err, out)
	}
	here, err := os.Getwd()
	if err != nil {
		return ours, peer, err
	}
	path := func(feature string) string { return filepath.Join(here, "features", feature+".feature") }
	results := filepath.Join(dir, "results.ndjson")
	env := append(os.Environ(),
		"PEER_FACTS="+string(bytes.TrimSpace(lab.facts)), "PEER_BROWSER="+found.Path, "PEER_SPKI="+lab.spki, "PEER_RESULTS="+results)
	ours = driver{
		name: "reprompt", env: env, folder: here, results: results,
		command: func(feature string) []string { return []string{binary, path(feature)} },
	}
	seen, err := ours.run(ctx, features[0])
	if err != nil {
		return ours, peer, fmt.Errorf("a first run of our driver: %w", err)
	}
	if len(seen.flags) == 0 {
		return ours, peer, errors.New("a first run of our driver: its browser was never seen with its flags, which the peer's has to have; run it again")
	}
	flags, err := json.Marshal(seen.flags)
	if err != nil {
		return ours, peer, err
	}
	node := filepath.Join(here, "node")
	peer = driver{
		name: "Playwright", env: append(env, "PEER_FLAGS="+string(flags)), folder: node, results: results,
		command: func(feature string) []string {
			return []string{
				"node", filepath.Join(node, "node_modules/@cucumber/cucumber/bin/cucumber.js"),
				"--import", "steps/*.mjs", "--format", "progress:/dev/null", path(feature),
			}
		},
	}
	return ours, peer, nil
}

// sample is one run of a feature.
type sample struct {
	scenarios []float64 // milliseconds, one per scenario
	whole     time.Duration
	own, all  int64    // peak of the proportional set size in KiB: of the driver's own processes, with the browser
	flags     []string // what the browser was started with
}

func (d driver) run(ctx context.Context, feature string) (sample, error) {
	if err := os.RemoveAll(d.results); err != nil {
		return sample{}, err
	}
	args := d.command(feature)
	process := exec.CommandContext(ctx, args[0], args[1:]...)
	var said bytes.Buffer
	process.Env, process.Dir, process.Stdout, process.Stderr = d.env, d.folder, &said, &said
	began := time.Now()
	if err := process.Start(); err != nil {
		return sample{}, fmt.Errorf("%w (npm ci in %s?)", err, d.folder)
	}
	watch := watch(process.Process.Pid)
	err := process.Wait()
	got := watch.end()
	got.whole = time.Since(began)
	if err != nil {
		return got, fmt.Errorf("%w\n%s", err, said.Bytes())
	}
	got.scenarios, err = read(d.results)
	return got, err
}

// read returns the milliseconds of the scenarios, all of which have to have passed.
func read(path string) (took []float64, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		var result struct {
			Scenario string  `json:"scenario"`
			Passed   bool    `json:"passed"`
			MS       float64 `json:"ms"`
		}
		if err := json.Unmarshal([]byte(line), &result); err != nil {
			return nil, err
		}
		if !result.Passed {
			return nil, fmt.Errorf("%s did not pass: %s", result.Scenario, line)
		}
		took = append(took, result.MS)
	}
	if len(took) == 0 {
		return nil, errors.New("no scenario was run")
	}
	return took, nil
}
