// Peer runs the same scenarios with reprompt's driver under godog, and as an end-to-end test of
// today is written, with cucumber-js and Playwright: against one process of the embedded tenant,
// on the same pages, with the same browser and the flags of ours. Rounds are interleaved and each begins
// every other one, so that what else the machine does meets both. It prints medians and spread as a Markdown table.
//
// What it does not show: how either does on a real tenant, where pages and the network take most
// of the time.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
)

func main() {
	var o options
	flag.IntVar(&o.rounds, "rounds", 10, "how many rounds; a round is one run of each driver")
	flag.StringVar(&o.reprompt, "reprompt", "../../bin/reprompt", "the program that serves the embedded tenant")
	flag.StringVar(&o.browser, "browser", "", "the browser; found where it is left out")
	flag.StringVar(&o.table, "table", "", "a file for the table, too")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "peer:", err)
		os.Exit(1)
	}
}

type options struct {
	rounds            int
	reprompt, browser string
	table             string
}

// features, by what they are called in the table.
var features = []string{"sign_in", "activation"}

func run(o options) (err error) {
	if o.rounds < 1 {
		return errors.New("-rounds must be at least 1")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	dir, err := os.MkdirTemp("", "reprompt-peer-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	lab, err := serve(ctx, o, dir)
	if err != nil {
		return err
	}
	defer lab.close()
	ours, peer, err := drivers(ctx, o, lab, dir)
	if err != nil {
		return err
	}
	var tables strings.Builder
	for _, feature := range features {
		var samples [2][]sample
		for round := range o.rounds {
			for turn := range 2 {
				i := (round + turn) % 2 // each begins every other round
				d := [2]driver{ours, peer}[i]
				got, err := d.run(ctx, feature)
				if err != nil {
					return fmt.Errorf("round %d of %s by %s: %w", round+1, feature, d.name, err)
				}
				samples[i] = append(samples[i], got)
				fmt.Fprintf(os.Stderr, "%s round %d/%d: %-10s median %.0f ms\n", feature, round+1, o.rounds, d.name, median(got.scenarios))
			}
		}
		compared := table(feature, ours.name, samples[0], peer.name, samples[1])
		fmt.Print(compared)
		tables.WriteString(compared)
	}
	if o.table == "" {
		return nil
	}
	return os.WriteFile(o.table, []byte(tables.String()), 0o644)
}
