package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"sync"
)

// chunk is how many jobs one process does: what one leaves behind the next finds.
const chunk = 8

// execute runs the jobs in processes of their own, so many at a time, tells of each result as it comes, and
// returns them in the order of the jobs.
func execute(ctx context.Context, workers int, jobs []job, tell func(result)) ([]result, error) {
	var (
		mu      sync.Mutex
		results = map[string]result{}
		errs    []error
		group   sync.WaitGroup
		work    = make(chan []job)
	)
	for range workers {
		group.Go(func() {
			for some := range work {
				err := doJobs(ctx, some, func(r result) {
					mu.Lock()
					defer mu.Unlock()
					results[r.Job.name()] = r
					tell(r)
				})
				if err != nil {
					mu.Lock()
					errs = append(errs, err)
					mu.Unlock()
				}
			}
		})
	}
	for some := range slices.Chunk(jobs, chunk) {
		if ctx.Err() != nil {
			break
		}
		work <- some
	}
	close(work)
	group.Wait()
	var ordered []result
	for _, j := range jobs {
		r, ok := results[j.name()]
		if !ok {
			r = result{Job: j}.failed(errors.New("its process did not come to it"))
		}
		ordered = append(ordered, r)
	}
	return ordered, errors.Join(append(errs, ctx.Err())...)
}

// doJobs lets one process do some jobs. Its folder for temporary files and its journals are its own.
func doJobs(ctx context.Context, jobs []job, tell func(result)) error {
	// Short: Chromium makes a socket below it, whose path is limited.
	dir, err := os.MkdirTemp("", "f")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	self, err := os.Executable()
	if err != nil {
		return err
	}
	var in bytes.Buffer
	for _, j := range jobs {
		if err := json.NewEncoder(&in).Encode(j); err != nil {
			return err
		}
	}
	command := exec.CommandContext(ctx, self)
	command.Env = append(os.Environ(), childVariable+"=1", "TMPDIR="+dir, "XDG_STATE_HOME="+dir+"/state")
	command.Stdin, command.Stderr = &in, os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	decoder := json.NewDecoder(out)
	for {
		var r result
		if err := decoder.Decode(&r); err != nil {
			if !errors.Is(err, io.EOF) {
				err = fmt.Errorf("read a result: %w", err)
				return errors.Join(err, command.Wait())
			}
			return command.Wait()
		}
		tell(r)
	}
}
