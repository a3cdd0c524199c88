package suite

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"time"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/evidence"
)

const (
	// signingCommandWithin bounds the wait for the command that prints the key.
	signingCommandWithin = time.Minute
	// largestKey bounds what such a command may print.
	largestKey = 64 << 10
	// timestampWithin bounds the wait for a timestamp.
	timestampWithin = 30 * time.Second
	// largestTimestamp bounds an authority's answer, certificates included.
	largestTimestamp = 1 << 20
)

// Signer reads the key that signs the evidence: of a file, else of a command. It is nil when neither
// is named. The error is a *RequirementError and shows nothing of the key.
func Signer(ctx context.Context, from config.Signing) (*evidence.Signer, error) {
	switch {
	case from.KeyFile != "":
		text, err := ownKeyFile(from.KeyFile)
		if err != nil {
			return nil, required(err)
		}
		signer, err := evidence.ParseSigner(text)
		if err != nil {
			return nil, requiredf("read the signing key %s: %w", from.KeyFile, err)
		}
		return signer, nil
	case len(from.Command) > 0:
		return signerOfCommand(ctx, from.Command)
	}
	return nil, nil
}

// ownKeyFile reads a private key. A key that others may read is refused: whoever holds it can sign in
// its owner's name. Windows has no such modes.
func ownKeyFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the signing key: %w; make one with reprompt keygen", err)
	case !info.Mode().IsRegular() || info.Size() > largestKey:
		return nil, fmt.Errorf("read the signing key: %s is no key file", path)
	case info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows":
		return nil, fmt.Errorf("the signing key %s can be read or written by others (mode %04o): run: chmod 600 %s", path, info.Mode().Perm(), path)
	}
	return os.ReadFile(path)
}

// signerOfCommand runs a command that prints the key. Neither what it prints nor its arguments are
// shown: both may hold a secret.
func signerOfCommand(ctx context.Context, command []string) (*evidence.Signer, error) {
	ctx, cancel := context.WithTimeout(ctx, signingCommandWithin)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	var printed bytes.Buffer
	cmd.Stdout, cmd.Stderr = &atMost{&printed, largestKey}, io.Discard
	if err := cmd.Run(); err != nil {
		return nil, requiredf("run signing.command (%s): %w; run it yourself to see why", command[0], err)
	}
	signer, err := evidence.ParseSigner(printed.Bytes())
	if err != nil {
		return nil, requiredf("read what signing.command (%s) printed: %w", command[0], err)
	}
	return signer, nil
}

// atMost is a writer that refuses more than n bytes.
type atMost struct {
	to io.Writer
	n  int
}

func (a *atMost) Write(content []byte) (int, error) {
	if a.n -= len(content); a.n < 0 {
		return 0, fmt.Errorf("it printed more than a key")
	}
	return a.to.Write(content)
}

// Timestamps is the RFC 3161 authority at an address; nil when there is none. It is spoken to by
// HTTP, as RFC 3161 section 3.4 says.
func Timestamps(ctx context.Context, address string) *evidence.TimestampAuthority {
	if address == "" {
		return nil
	}
	ctx = context.WithoutCancel(ctx) // an interrupted run closes its evidence, too
	return &evidence.TimestampAuthority{URL: address, Ask: func(request []byte) ([]byte, error) {
		ctx, cancel := context.WithTimeout(ctx, timestampWithin)
		defer cancel()
		asked, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(request))
		if err != nil {
			return nil, err
		}
		asked.Header.Set("Content-Type", "application/timestamp-query")
		answer, err := http.DefaultClient.Do(asked)
		if err != nil {
			return nil, err
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("it answered HTTP %d", answer.StatusCode)
		}
		return io.ReadAll(io.LimitReader(answer.Body, largestTimestamp))
	}}
}
