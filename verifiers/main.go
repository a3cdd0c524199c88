// Command intoto-verify verifies an attestation with in-toto's own libraries and nothing of reprompt's:
// the envelope with go-securesystemslib, statement and predicate with in-toto/attestation. It is a
// module of its own, so that reprompt depends on neither.
//
//	intoto-verify --key PUBLIC.pem --dir BUNDLE ENVELOPE
//
// It exits with 0 when the key signed the envelope, statement and predicate are well formed, and every
// subject that is a file in BUNDLE has the stated digest; with 1 and a reason otherwise.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	svr "github.com/in-toto/attestation/go/predicates/svr/v01"
	testresult "github.com/in-toto/attestation/go/predicates/test_result/v0"
	intoto "github.com/in-toto/attestation/go/v1"
	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	"github.com/secure-systems-lab/go-securesystemslib/signerverifier"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

func main() {
	key := flag.String("key", "", "the public key, PEM")
	dir := flag.String("dir", "", "the folder that the subjects are in")
	flag.Parse()
	if *key == "" || *dir == "" || flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: intoto-verify --key PUBLIC.pem --dir BUNDLE ENVELOPE")
		os.Exit(2)
	}
	subjects, err := verify(*key, *dir, flag.Arg(0))
	if err != nil {
		fmt.Fprintln(os.Stderr, "intoto-verify:", err)
		os.Exit(1)
	}
	fmt.Printf("verified: %d subjects\n", subjects)
}

func verify(keyFile, dir, envelopeFile string) (subjects int, err error) {
	payload, err := opened(keyFile, envelopeFile)
	if err != nil {
		return 0, err
	}
	var statement intoto.Statement
	if err := protojson.Unmarshal(payload, &statement); err != nil {
		return 0, fmt.Errorf("read the statement: %w", err)
	}
	if err := statement.Validate(); err != nil {
		return 0, fmt.Errorf("validate the statement: %w", err)
	}
	if err := predicate(&statement); err != nil {
		return 0, err
	}
	for _, subject := range statement.GetSubject() {
		content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(subject.GetName())))
		if err != nil {
			return 0, fmt.Errorf("read a subject: %w", err)
		}
		sum := sha256.Sum256(content)
		if subject.GetDigest()["sha256"] != hex.EncodeToString(sum[:]) {
			return 0, fmt.Errorf("the digest of %s is another one", subject.GetName())
		}
	}
	return len(statement.GetSubject()), nil
}

// opened is the payload of an envelope that the key signed.
func opened(keyFile, envelopeFile string) ([]byte, error) {
	content, err := os.ReadFile(envelopeFile)
	if err != nil {
		return nil, err
	}
	var envelope dsse.Envelope
	if err := json.Unmarshal(content, &envelope); err != nil {
		return nil, fmt.Errorf("read the envelope: %w", err)
	}
	verifier, err := verifierOf(keyFile)
	if err != nil {
		return nil, err
	}
	by, err := dsse.NewEnvelopeVerifier(verifier)
	if err != nil {
		return nil, err
	}
	if _, err := by.Verify(context.Background(), &envelope); err != nil {
		return nil, fmt.Errorf("verify the envelope: %w", err)
	}
	return envelope.DecodeB64Payload()
}

// verifierOf reads a public key, PEM.
func verifierOf(file string) (dsse.Verifier, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	key, err := signerverifier.LoadKey(text)
	if err != nil {
		return nil, fmt.Errorf("load the key: %w", err)
	}
	switch key.KeyType {
	case signerverifier.ED25519KeyType:
		return signerverifier.NewED25519SignerVerifierFromSSLibKey(key)
	case signerverifier.ECDSAKeyType:
		return signerverifier.NewECDSASignerVerifierFromSSLibKey(key)
	}
	return nil, fmt.Errorf("there is no verifier for a key of the type %s", key.KeyType)
}

// predicate reads the predicate as in-toto defines it.
func predicate(statement *intoto.Statement) error {
	known := map[string]proto.Message{
		"https://in-toto.io/attestation/test-result/v0.1": &testresult.TestResult{},
		"https://in-toto.io/attestation/svr/v0.1":         &svr.SimpleVerificationResult{},
	}
	into, ok := known[statement.GetPredicateType()]
	if !ok {
		return fmt.Errorf("the predicate type %s is not known here", statement.GetPredicateType())
	}
	content, err := protojson.Marshal(statement.GetPredicate())
	if err != nil {
		return fmt.Errorf("read the predicate: %w", err)
	}
	if err := protojson.Unmarshal(content, into); err != nil {
		return fmt.Errorf("read the predicate: %w", err)
	}
	return nil
}
