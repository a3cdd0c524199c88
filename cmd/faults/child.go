package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/suite"
	"github.com/reprompt/reprompt/verdict"
)

// childVariable is set for a process that runs jobs. Its folder for temporary files and its journal are its own.
const childVariable = "REPROMPT_FAULTS_CHILD"

// child reads jobs, a JSON value each, and writes what came of each, a line of JSON.
func child(ctx context.Context, in io.Reader, out io.Writer) int {
	if err := adoptOrphans(); err != nil {
		fmt.Fprintln(os.Stderr, "faults: "+err.Error())
		return 1
	}
	decoder, encoder := json.NewDecoder(bufio.NewReader(in)), json.NewEncoder(out)
	for {
		var j job
		if err := decoder.Decode(&j); errors.Is(err, io.EOF) {
			return 0
		} else if err != nil {
			fmt.Fprintln(os.Stderr, "faults: read a job: "+err.Error())
			return 1
		}
		if err := encoder.Encode(runJob(ctx, j)); err != nil {
			return 1
		}
	}
}

// runJob serves a tenant of its own for one job and compares what is there before and after.
func runJob(ctx context.Context, j job) result {
	r := result{Job: j}
	dir, err := os.MkdirTemp("", "job-")
	if err != nil {
		return r.failed(err)
	}
	defer os.RemoveAll(dir)
	lab, err := serve(ctx, filepath.Join(dir, "lab"), j.Scenario == "")
	if err != nil {
		return r.failed(err)
	}
	defer lab.close()
	before, err := lab.snapshot(ctx)
	if err != nil {
		return r.failed(err)
	}
	if err := lab.prepare(ctx, j); err != nil {
		return r.failed(err)
	}
	w := newWatch(ctx, lab, j)
	browser, err := lab.browser(j.Fault.Flags)
	if err != nil {
		return r.failed(err)
	}
	options := suite.Options{Tenant: lab.tenant, EvidenceDir: filepath.Join(dir, "evidence"), Command: "faults", Progress: w, BrowserPath: browser}
	began := time.Now()
	if j.Scenario == "" {
		err = r.prove(ctx, options)
	} else {
		err = r.runScenario(ctx, options)
	}
	r.Seconds, r.Lines = time.Since(began).Seconds(), w.lines
	r.judge(w, err)
	if r.Struck, err = w.struck(ctx); err != nil {
		return r.failed(err)
	}
	if err := lab.lift(ctx); err != nil {
		return r.failed(err)
	}
	r.restored(ctx, lab, before)
	r.leftBehind()
	return r
}

func (r result) failed(err error) result {
	r.Failed = err.Error()
	r.Wrong = append(r.Wrong, "it could not be run: "+err.Error())
	return r
}

// role is the one that the sample tenant protects.
const role = "Application Administrator"

func (r *result) prove(ctx context.Context, options suite.Options) error {
	proofs, err := suite.Prove(ctx, options, suite.ProveRequest{Roles: []string{role}, Way: r.Job.Way, Timeout: within}, nil)
	for _, proof := range proofs {
		r.takeProof(proof)
	}
	return err
}

func (r *result) takeProof(proof evidence.Proof) {
	if proof.Verdict == nil {
		return
	}
	r.Verdict = proof.Verdict.Outcome
	r.Code, r.Text = string(proof.Verdict.Reasons[0].Code), proof.Verdict.Reasons[0].Text
}

// runScenario runs the one scenario. What its sentences demand of the verdict does not matter: a scenario
// whose verdict is inconclusive fails, and that is right.
func (r *result) runScenario(ctx context.Context, options suite.Options) error {
	options.Names = []string{exactly(r.Job.Scenario)}
	options.Tags = "not " + suite.TagEmbedded
	s, err := suite.Open(ctx, options)
	if err != nil {
		return err
	}
	ran, err := s.Run(ctx)
	if ran != nil && len(ran.Scenarios) == 1 {
		one := ran.Scenarios[0]
		r.Verdict, r.Text = one.Verdict, one.Error
		if len(one.Reasons) > 0 {
			r.Code, r.Text = string(one.Reasons[0]), one.Summary
		}
	}
	return errors.Join(err, s.Close(context.WithoutCancel(ctx)))
}

// judge holds the verdict, its cause and the time against what is allowed.
func (r *result) judge(w *watch, err error) {
	var (
		notRestored *suite.NotRestoredError
		requirement *suite.RequirementError
		late        *suite.TimeoutError
	)
	r.Left = errors.As(err, &notRestored)
	switch {
	case err == nil, r.Left:
	case errors.As(err, &requirement), errors.As(err, &late):
		r.Text = err.Error() // refused before anything began, and says why
	default:
		r.Text = err.Error()
		r.wrong("the run ended with a defect: %v", err)
	}
	switch r.Verdict {
	case r.Job.want():
	case verdict.Inconclusive:
		if r.Code == string(verdict.Unknown) || r.Text == "" {
			r.wrong("inconclusive without a cause: %s: %s", r.Code, r.Text)
		}
	case "":
		if w.proving {
			r.wrong("the proof had begun and came to no verdict: %s", r.Text)
		} else if r.Text == "" {
			r.wrong("it came to no verdict and does not say why")
		}
	default:
		r.wrong("the verdict is %s, and without the faults it is %s: %s", r.Verdict, r.Job.want(), r.Text)
	}
	if most := (within + 30*time.Second).Seconds(); r.Job.Scenario == "" && r.Seconds > most {
		r.wrong("it took %.1f s, and may take %.0f s", r.Seconds, most)
	}
}

func (r *result) wrong(format string, args ...any) {
	r.Wrong = append(r.Wrong, fmt.Sprintf(format, args...))
}

// restored compares the tenant with what it was. What a run could not undo, and said so, cleanup has to.
func (r *result) restored(ctx context.Context, lab *lab, before snapshot) {
	if r.Left {
		report, err := suite.Cleanup(ctx, suite.CleanupOptions{Tenant: lab.tenant})
		if err != nil || report.Pending > 0 {
			r.wrong("cleanup after a run that could not restore the tenant: %v", err)
		}
	}
	after, err := lab.snapshot(ctx)
	if err != nil {
		r.wrong("read the tenant afterwards: %v", err)
		return
	}
	for _, difference := range before.differences(after) {
		r.wrong("left in the tenant: %s", difference)
	}
}

// leftBehind looks for processes and folders of the browser.
func (r *result) leftBehind() {
	folders, err := filepath.Glob(filepath.Join(os.TempDir(), "reprompt-browser-*"))
	if err != nil || len(folders) > 0 {
		r.wrong("folders are left: %v %v", folders, err)
	}
	if running := ownProcesses(); len(running) > 0 {
		r.wrong("processes are left: %v", running)
	}
}

// tenantOf reads the file of a tenant that is served.
func tenantOf(file string) (*config.Tenant, error) {
	tenant, err := config.Load(file)
	if err != nil {
		return nil, err
	}
	tenant.Waits.Page = pageWithin
	return tenant, nil
}

// pageWithin is for how long a page is waited for: short, so that one that never comes is given up in the
// time of a row.
const pageWithin = 6 * time.Second
