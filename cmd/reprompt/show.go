package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/reprompt/reprompt/evidence"
)

func newShowReport(p *program) *cobra.Command {
	var (
		by    trust
		below string
	)
	cmd := &cobra.Command{
		Use:   "show [DIR]",
		Short: "Open the report and the trace of a run in a browser",
		Long: "show serves a bundle on loopback until interrupted: its report, and of what was recorded with --trace each\n" +
			"proof step by step, with pictures and elements before and after, requests, consoles and the tenant's clock.\n" +
			"Without DIR it is the newest bundle below the folder that --evidence names. It verifies the bundle first and\n" +
			"says where that fails. Nothing is written, and only this machine can ask.\n\n" +
			"Exit codes:\n  0  interrupted\n  2  there is no bundle, no address to listen at, or a slip on the command line",
		Example: "  reprompt show\n  reprompt show evidence-out/20260314T092653Z-7f3a --key signing.pem.pub",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("show takes the folder of one bundle, got %d arguments: see %s --help", len(args), cmd.CommandPath())
			}
			options, err := by.load()
			if err != nil {
				return err
			}
			dir, err := shownDir(args, below)
			if err != nil {
				return err
			}
			return p.serveBundle(cmd, dir, options)
		},
	}
	by.register(cmd)
	cmd.Flags().StringVar(&below, "evidence", defaultEvidence, "without DIR, the `DIR` below which the newest bundle is")
	return cmd
}

// shownDir is the bundle that was named, or the newest.
func shownDir(args []string, below string) (string, error) {
	if len(args) == 1 {
		return args[0], nil
	}
	dir, err := evidence.Newest(below)
	if err != nil {
		return "", usagef("there is no bundle below %s: run reprompt run first, or name the folder of one run", below)
	}
	return dir, nil
}

func (p *program) serveBundle(cmd *cobra.Command, dir string, options evidence.VerifyOptions) error {
	viewer, err := evidence.NewViewer(dir, options)
	if err != nil {
		return noBundle(err)
	}
	defer viewer.Close()
	if viewer.Report() == "" && viewer.Traced() == 0 {
		return usagef("%s has no report: its run was cut off; look at its files themselves", dir)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return usagef("listen on loopback: %v", err)
	}
	at := "http://" + listener.Addr().String() + "/"
	p.sayServed(dir, at, viewer)
	server := &http.Server{Handler: newViewServer(viewer, listener.Addr().String()), ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err = <-ended:
	case <-cmd.Context().Done():
		fmt.Fprintln(p.stderr, "reprompt: interrupted: nothing is served any more")
		err = server.Close()
		<-ended
	}
	if errors.Is(err, http.ErrServerClosed) || errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}

// sayServed prints the addresses: results to standard output, what to know to standard error.
func (p *program) sayServed(dir, at string, viewer *evidence.Viewer) {
	verification := viewer.Verification()
	fmt.Fprintf(p.stderr, "reprompt: %s is %s\n", dir, verification.Outcome)
	for _, problem := range verification.Problems {
		fmt.Fprintf(p.stderr, "reprompt: %s\n", problem)
	}
	fmt.Fprintf(p.stdout, "report:    %s\n", at)
	if n := viewer.Traced(); n > 0 {
		fmt.Fprintf(p.stdout, "trace:     %s%s\n", at, evidence.TracePage)
	} else {
		fmt.Fprintf(p.stderr, "reprompt: there is no trace in it: record one with --trace of run and prove\n")
	}
	fmt.Fprintln(p.stderr, "serving; Ctrl-C ends it")
}
