package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"

	"github.com/spf13/cobra"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/suite"
)

// signing is with which key evidence is signed. A flag goes before the tenant file.
type signing struct{ keyFile, timestampURL string }

func (s *signing) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.keyFile, "sign-key", "", "sign the evidence with the private key in `FILE` (see reprompt keygen; default: the tenant file's, else a key made for the run)")
	cmd.Flags().StringVar(&s.timestampURL, "timestamp-url", "", "have the evidence timestamped by the RFC 3161 authority at `URL`")
}

// load reads the key. tenant may be nil.
func (s *signing) load(cmd *cobra.Command, tenant *config.Tenant) (*evidence.Signer, *evidence.TimestampAuthority, error) {
	var from config.Signing
	if tenant != nil {
		from = tenant.Signing
	}
	if cmd.Flags().Changed("sign-key") {
		if s.keyFile == "" {
			return nil, nil, usagef("--sign-key is empty: name a key file, or leave it out")
		}
		from.KeyFile, from.Command = s.keyFile, nil
	}
	if u, err := url.Parse(s.timestampURL); s.timestampURL != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil) {
		return nil, nil, usagef("--timestamp-url is no address: write it as http://timestamp.example/, without user and password")
	}
	if s.timestampURL != "" {
		from.TimestampURL = s.timestampURL
	}
	signer, err := suite.Signer(cmd.Context(), from)
	return signer, suite.Timestamps(cmd.Context(), from.TimestampURL), err
}

func newKeygen(p *program) *cobra.Command {
	var out, algorithm string
	cmd := &cobra.Command{
		Use:   "keygen --out FILE",
		Short: "Make a key pair that signs evidence",
		Long: "keygen writes a private key to FILE, readable by you only, and its public key to FILE.pub. Give the\n" +
			"public key, by a way of its own, to whoever verifies; cosign verifies with it, too.\n\n" +
			"Exit codes:\n  0  both files are written\n  2  a file is there already or cannot be written, or a slip on the command line",
		Example: "  reprompt keygen --out signing.pem\n  reprompt prove --tenant tenant.yaml --role \"Application Administrator\" --sign-key signing.pem\n" +
			"  reprompt evidence verify evidence-out/20260314T092653Z-7f3a --key signing.pem.pub",
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			if out == "" {
				return usagef("keygen needs a file for the private key: name one with --out FILE")
			}
			id, err := writeKeyPair(out, algorithm)
			if err != nil {
				return err
			}
			fmt.Fprintf(p.stdout, "private key: %s (keep it)\npublic key:  %s.pub (give it to whoever verifies)\nkey id:      %s\n", out, out, id)
			return nil
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "the `FILE` for the private key; must not be there yet")
	cmd.Flags().StringVar(&algorithm, "algorithm", evidence.ECDSAP256, "the `ALGORITHM` of the key: ecdsa-p256 or ed25519")
	return cmd
}

// writeKeyPair makes a key pair. A file that is there stays: a key that is written over is lost.
func writeKeyPair(out, algorithm string) (id string, err error) {
	private, public, err := evidence.GenerateKey(algorithm)
	if err != nil {
		return "", usagef("%s", err)
	}
	if _, err := os.Lstat(out + ".pub"); err == nil {
		return "", usagef("%s.pub is there already: choose another name with --out", out)
	}
	if err := writeNew(out, private, 0o600); err != nil {
		return "", err
	}
	if err := writeNew(out+".pub", public, 0o644); err != nil {
		return "", errors.Join(err, os.Remove(out))
	}
	key, err := evidence.ParsePublicKey(public)
	return key.ID(), err
}

func writeNew(path string, content []byte, mode fs.FileMode) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	switch {
	case errors.Is(err, fs.ErrExist):
		return usagef("%s is there already: choose another name with --out", path)
	case err != nil:
		return usagef("write the key: %s", err)
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Sync(), file.Close())
}
