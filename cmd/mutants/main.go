// Command mutants holds the suite against itself. It breaks the embedded tenant in every way that
// a scenario models, one at a time, proves an activation on each, and prints what was caught:
//
//   - mutants (@silent-failure): tenants with one fault of configuration. Caught is one whose verdict
//     is not enforced, for the cause or reason that the scenario names.
//   - right setups (@right): tenants that ask every time. Left alone is one whose verdict is
//     enforced and that no cause accuses.
//   - broken servers (@broken-server): tenants whose sign-in service or Graph does what Entra never
//     should. Never trusted is one whose verdict is not enforced.
//
// golden.txt names all of them, so that none is lost unnoticed.
//
//	go run ./cmd/mutants            the table; exit 1 when one survives, is accused, trusted or missing
//	go run ./cmd/mutants -update    the same, and golden.txt is what ran
//	go run ./cmd/mutants -write     the same, and docs/mutants.md is the table
//
// Exit code 2 says that nothing ran, for example for want of a browser, 130 that it was interrupted.
package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/reprompt/reprompt/suite"
)

//go:embed golden.txt
var golden string

// Files that -update and -write write, from the root of the module.
const (
	goldenFile = "cmd/mutants/golden.txt"
	tableFile  = "docs/mutants.md"
)

// tags choose what is held against the suite.
const tags = tagMutant + " or " + tagRight + " or " + tagBroken

func main() {
	update := flag.Bool("update", false, "write the names of what ran to "+goldenFile)
	write := flag.Bool("write", false, "write the table to "+tableFile)
	evidence := flag.String("evidence", "", "keep the evidence under `DIR`; without it only that of a run that went wrong is kept")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	good, err := keeping(*evidence, func(dir string) (bool, error) { return run(ctx, dir, *update, *write) })
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants: "+err.Error())
	}
	os.Exit(exitCode(good, err))
}

func exitCode(good bool, err error) int {
	switch {
	case errors.As(err, new(*suite.RequirementError)):
		return 2
	case errors.As(err, new(*suite.InterruptedError)):
		return 130
	case err != nil || !good:
		return 1
	}
	return 0
}

// keeping gives the run a folder for its evidence, a hundred pictures and more. One that nobody
// asked for goes away when there is nothing to look into.
func keeping(dir string, run func(dir string) (bool, error)) (good bool, err error) {
	if dir != "" {
		return run(dir)
	}
	if dir, err = os.MkdirTemp("", "reprompt-mutants-"); err != nil {
		return false, fmt.Errorf("make a folder for the evidence: %w", err)
	}
	good, err = run(dir)
	if good || err != nil {
		return good, errors.Join(err, os.RemoveAll(dir))
	}
	fmt.Fprintln(os.Stderr, "mutants: the evidence is in "+dir)
	return good, nil
}

// run proves everything and reports whether all of it came out as it should.
func run(ctx context.Context, evidence string, update, write bool) (good bool, err error) {
	result, err := prove(ctx, evidence)
	if err != nil {
		return false, err
	}
	rows, err := judge(result.Scenarios)
	if err != nil {
		return false, err
	}
	if update {
		golden = namesOf(rows)
		if err := os.WriteFile(goldenFile, []byte(golden), 0o644); err != nil {
			return false, fmt.Errorf("write the golden list: %w; run from the root of the module", err)
		}
	}
	if write {
		if err := os.WriteFile(tableFile, []byte(markdown(rows)), 0o644); err != nil {
			return false, fmt.Errorf("write the table: %w; run from the root of the module", err)
		}
	}
	strayed := stray(rows, golden)
	printTable(os.Stdout, rows, strayed)
	return len(strayed) == 0 && count(rows).good(), nil
}

func prove(ctx context.Context, evidence string) (result *suite.Result, err error) {
	s, err := suite.Open(ctx, suite.Options{
		Tags: tags, EvidenceDir: evidence, Command: "mutants", Progress: os.Stderr,
		RunOptions: suite.RunOptions{Calm: true}, // the log of hundreds of proofs is read for how they ended
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close(context.WithoutCancel(ctx))) }()
	return s.Run(ctx)
}
