package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// forge is what somebody does who changed a bundle and knows its format: every digest made anew, and
// everything signed with a key of their own. It is written from docs/evidence.md and shares no code
// with the program. What it cannot do is sign with the key that it does not have.
//
//	forge DIR
func forge(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: forge DIR")
	}
	ts.Check(newForger(ts.MkAbs(args[0])).forge())
}

// flip changes one bit of the byte in the middle of a file.
//
//	flip FILE
func flip(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: flip FILE")
	}
	content := []byte(ts.ReadFile(args[0]))
	content[len(content)/2] ^= 1
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), content, 0o600))
}

// bundle copies the bundle of the newest format to a folder.
//
//	bundle DIR
func bundle(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: bundle DIR")
	}
	ts.Check(os.CopyFS(ts.MkAbs(args[0]), os.DirFS(ts.Getenv("BUNDLE"))))
}

type forger struct {
	dir string
	key *ecdsa.PrivateKey
	id  string
	pem []byte
}

func newForger(dir string) *forger {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		panic(err)
	}
	return &forger{dir, key, digest(der), pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})}
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

var keyID = regexp.MustCompile(`"key_id": "[0-9a-f]{64}"`)

func (f *forger) forge() error {
	run, err := os.ReadFile(filepath.Join(f.dir, "run.json"))
	if err != nil {
		return err
	}
	run = keyID.ReplaceAll(run, []byte(`"key_id": "`+f.id+`"`))
	if err := f.write("run.json", run); err != nil {
		return err
	}
	if err := f.write("signer.pem", f.pem); err != nil {
		return err
	}
	subjects, err := f.manifest()
	if err != nil {
		return err
	}
	for _, name := range []string{"svr.dsse.json", "statement.dsse.json"} {
		about := subjects
		if name == "svr.dsse.json" {
			about = subjects[len(subjects)-1:]
		}
		signed, err := f.resign(name, about)
		if err != nil {
			return err
		}
		subjects = append(subjects, subject(name, digest(signed)))
	}
	return nil
}

func (f *forger) write(name string, content []byte) error {
	return os.WriteFile(filepath.Join(f.dir, name), content, 0o600)
}

func subject(name, sha256 string) map[string]any {
	return map[string]any{"name": name, "digest": map[string]string{"sha256": sha256}}
}

// manifest writes the manifest anew and returns what a statement is about: every file, and it.
func (f *forger) manifest() ([]map[string]any, error) {
	type file struct {
		Path   string `json:"path"`
		Size   int    `json:"size"`
		SHA256 string `json:"sha256"`
	}
	var files []file
	var subjects []map[string]any
	outside := []string{"manifest.json", "svr.dsse.json", "statement.dsse.json", "timestamp.tsr"}
	err := fs.WalkDir(os.DirFS(f.dir), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || slices.Contains(outside, path) {
			return err
		}
		content, err := os.ReadFile(filepath.Join(f.dir, path))
		files = append(files, file{path, len(content), digest(content)})
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.Path, b.Path) })
	for _, file := range files {
		subjects = append(subjects, subject(file.Path, file.SHA256))
	}
	content, err := json.MarshalIndent(map[string]any{"schema": "reprompt/manifest/v1", "files": files}, "", "  ")
	if err != nil {
		return nil, err
	}
	return append(subjects, subject("manifest.json", digest(content))), f.write("manifest.json", content)
}

// resign puts other subjects into a statement and signs it.
func (f *forger) resign(name string, subjects []map[string]any) ([]byte, error) {
	content, err := os.ReadFile(filepath.Join(f.dir, name))
	if err != nil {
		return nil, err
	}
	var envelope struct {
		PayloadType string              `json:"payloadType"`
		Payload     string              `json:"payload"`
		Signatures  []map[string]string `json:"signatures"`
	}
	if err := json.Unmarshal(content, &envelope); err != nil {
		return nil, err
	}
	payload, err := base64.StdEncoding.DecodeString(envelope.Payload)
	if err != nil {
		return nil, err
	}
	var statement map[string]any
	if err := json.Unmarshal(payload, &statement); err != nil {
		return nil, err
	}
	statement["subject"] = subjects
	if payload, err = json.Marshal(statement); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(envelope.PayloadType), envelope.PayloadType, len(payload), payload))
	sig, err := ecdsa.SignASN1(rand.Reader, f.key, sum[:])
	if err != nil {
		return nil, err
	}
	envelope.Payload = base64.StdEncoding.EncodeToString(payload)
	envelope.Signatures = []map[string]string{{"keyid": "", "sig": base64.StdEncoding.EncodeToString(sig)}}
	if content, err = json.Marshal(envelope); err != nil {
		return nil, err
	}
	content = append(content, '\n')
	return content, f.write(name, content)
}
