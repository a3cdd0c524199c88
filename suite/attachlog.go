package suite

import (
	"context"
	"io"
	"time"

	"github.com/reprompt/reprompt/activation"
	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/verdict"
)

// AttachLogOptions say which bundle to ask the sign-in log about.
type AttachLogOptions struct {
	Tenant *config.Tenant // required
	// Dir is the bundle; Into the folder below which the new one is written.
	Dir, Into string
	Command   string
	RealTime  bool
	Signer    *evidence.Signer
	Authority *evidence.TimestampAuthority
	Progress  io.Writer
}

// AttachLog asks the tenant's sign-in log, whose rows come late, what it says of the proofs of a
// bundle, and writes a new bundle that contains the old one whole. It returns the new one's folder.
// It reads the tenant and changes nothing.
func AttachLog(ctx context.Context, options AttachLogOptions) (string, error) {
	p := placeOfFile(options.Tenant)
	progress := newProgress(options.Progress)
	defer progress.close()
	w, err := newWorld(ctx, p, worldOptions{runID: newRunID(), realTime: options.RealTime, track: progress.start("attach-log")})
	if err != nil {
		return "", err
	}
	defer w.close()
	ask := func(o verdict.Observation) (evidence.LateLog, error) {
		if o.TenantID != p.tenantID {
			return evidence.LateLog{}, requiredf("%s is about tenant %s, and %s names tenant %s: give the tenant file of the run", options.Dir, o.TenantID, p.file, p.tenantID)
		}
		log, elsewhere, err := activation.Log(ctx, w.reader, w.clock.Now().UTC(), o)
		return evidence.LateLog{Log: log, Elsewhere: elsewhere}, err
	}
	return evidence.AttachLog(options.Into, options.Dir, ask, NewBundle(options.Command, options.Signer, options.Authority))
}

// NewBundle is how a bundle is made of others now.
func NewBundle(command string, signer *evidence.Signer, authority *evidence.TimestampAuthority) evidence.NewBundle {
	return evidence.NewBundle{ID: newRunID(), Command: command, Build: Build(), Signer: signer, Authority: authority, At: time.Now()}
}
