// Command faults disturbs proofs, and says what came of it. Each disturbance is injected through the
// embedded tenant's control listener or done to the browser; the proofs and scenarios are those that a user
// runs, in a process of their own for a few of them each, and know nothing of it.
//
//   - The table (rows.go) has a row for each fault, phase and way. A row is as it should be when the
//     verdict is the right one, or inconclusive for a reason that names the cause; when it came within the
//     timeout and 30 seconds; and when no process, no folder and no object of the tenant is left.
//   - The random part runs scenarios of right and wrong tenants (@right, @silent-failure) under random
//     faults, and holds each verdict against the one without faults: equal, or inconclusive.
//
// Its use:
//
//	go run ./cmd/faults                 the table, then 300 random runs; exit 1 when one is not as it should be
//	go run ./cmd/faults -runs 1000      another number of random runs
//	go run ./cmd/faults -seed 7         repeats the random runs of that seed (or REPROMPT_FAULTS_SEED=7)
//	go run ./cmd/faults -only 'tab'     rows whose name matches, and no random runs unless -runs is given
//	go run ./cmd/faults -write          the same, and the part of docs/reliability.md between its markers is what came
//
// Exit code 2 says that nothing ran. It runs on Linux: what is left of a browser is read from /proc.
package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// SeedVariable names the environment variable that holds the seed of the random runs.
const SeedVariable = "REPROMPT_FAULTS_SEED"

// page is the file that -write changes, from the root of the module.
const page = "docs/reliability.md"

// flags as they were typed.
type flags struct {
	runs    int
	seed    uint64
	only    string
	records string
	write   bool
	workers int
}

func main() {
	if os.Getenv(childVariable) != "" {
		os.Exit(child(context.Background(), os.Stdin, os.Stdout))
	}
	var f flags
	flag.IntVar(&f.runs, "runs", -1, "how `MANY` scenarios to run under random faults (default 300, with -only none)")
	flag.Uint64Var(&f.seed, "seed", 0, "the `NUMBER` that random faults come from (default: "+SeedVariable+", else a new one)")
	flag.StringVar(&f.only, "only", "", "only rows of the table whose name matches the regular `EXPRESSION`")
	flag.StringVar(&f.records, "records", "", "keep what came of each run in `FILE`, a line of JSON each")
	flag.BoolVar(&f.write, "write", false, "write what came into "+page)
	flag.IntVar(&f.workers, "workers", max(2, runtime.NumCPU()), "how `MANY` processes at a time")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	good, err := run(ctx, f)
	if err != nil {
		fmt.Fprintln(os.Stderr, "faults: "+err.Error())
		if errors.As(err, new(*cannotRun)) {
			os.Exit(2)
		}
	}
	if err != nil || !good {
		os.Exit(1)
	}
}

// cannotRun is an error before anything ran.
type cannotRun struct{ error }

func run(ctx context.Context, f flags) (good bool, err error) {
	if err := canLook(); err != nil {
		return false, &cannotRun{err}
	}
	only, err := regexp.Compile(f.only)
	if err != nil {
		return false, &cannotRun{err}
	}
	seed, err := seedOf(f.seed)
	if err != nil {
		return false, &cannotRun{err}
	}
	if f.runs < 0 {
		f.runs = 300
		if f.only != "" {
			f.runs = 0
		}
	}
	var jobs []job
	for _, j := range tableJobs() {
		if only.MatchString(j.name()) {
			jobs = append(jobs, j)
		}
	}
	random, err := randomJobs(seed, f.runs)
	if err != nil {
		return false, &cannotRun{err}
	}
	fmt.Printf("%d rows, %d random runs of the seed %d\n", len(jobs), len(random), seed)
	began := time.Now()
	rows, err := execute(ctx, f.workers, jobs, say)
	if err != nil {
		return false, err
	}
	runs, err := execute(ctx, f.workers, random, say)
	if err != nil {
		return false, err
	}
	if err := keep(f.records, append(slices.Clone(rows), runs...)); err != nil {
		return false, err
	}
	report := reportOf(rows, runs, seed, time.Since(began))
	fmt.Println(report.sentence())
	if f.write {
		if err := report.writeInto(page); err != nil {
			return false, err
		}
	}
	return report.good(), nil
}

func seedOf(flag uint64) (uint64, error) {
	text := os.Getenv(SeedVariable)
	if flag != 0 || text == "" {
		return cmp.Or(flag, rand.Uint64N(1e9)+1), nil
	}
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s is %q: want a number", SeedVariable, text)
	}
	return seed, nil
}

// keep writes the results, a line of JSON each; without a file it keeps nothing.
func keep(file string, results []result) error {
	if file == "" {
		return nil
	}
	var b bytes.Buffer
	for _, r := range results {
		if err := json.NewEncoder(&b).Encode(r); err != nil {
			return err
		}
	}
	return os.WriteFile(file, b.Bytes(), 0o600)
}

// say prints what came of a job: a line, and the whole of one that is not as it should be.
func say(r result) {
	fmt.Printf("%-4s %5.1f s  %s: %s\n", word(r), r.Seconds, r.Job.name(), r.came())
	for _, wrong := range r.Wrong {
		fmt.Printf("       %s\n", wrong)
	}
}

func word(r result) string {
	if len(r.Wrong) > 0 {
		return "BAD"
	}
	return "ok"
}
