package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// terminal keeps what the last command printed, for nowhere.
//
//	terminal
func terminal(ts *testscript.TestScript, _ bool, _ []string) {
	log, err := os.OpenFile(ts.MkAbs("terminal.log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	ts.Check(err)
	_, err = log.WriteString(ts.ReadFile("stdout") + ts.ReadFile("stderr"))
	ts.Check(err)
	ts.Check(log.Close())
}

// nowhere fails when a secret, the content of a file, stands anywhere in the named folders and files,
// plain or in an encoding.
//
//	nowhere SECRETFILE PATH...
func nowhere(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: nowhere SECRETFILE PATH...")
	}
	planted := strings.TrimSuffix(ts.ReadFile(args[0]), "\n")
	if len(planted) < 6 {
		ts.Fatalf("%s holds no secret that could be told from chance", args[0])
	}
	found, bytesRead := "", 0
	for _, root := range args[1:] {
		ts.Check(filepath.WalkDir(ts.MkAbs(root), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			bytesRead += len(content)
			if how := spelled(content, planted); how != "" {
				found = path + " (" + how + ")"
			}
			if how := spelled([]byte(path), planted); how != "" {
				found = "the name " + path
			}
			return err
		}))
	}
	switch {
	case bytesRead == 0:
		ts.Fatalf("there is nothing in %v to look at", args[1:])
	case found != "" && !neg:
		ts.Fatalf("the secret of %s stands in %s", args[0], found)
	case found == "" && neg:
		ts.Fatalf("the secret of %s stands nowhere", args[0])
	}
}

// spelled says in which spelling a content holds a text; empty when in none.
func spelled(content []byte, text string) string {
	inJSON, _ := json.Marshal(text)
	spellings := map[string]string{
		"plain": text, "in JSON": strings.Trim(string(inJSON), `"`), "in HTML": html.EscapeString(text), "in hexadecimal": hex.EncodeToString([]byte(text)),
		"in a query": url.QueryEscape(text), "in a path": url.PathEscape(text),
		"in base64": base64.RawStdEncoding.EncodeToString([]byte(text))[:len(text)/3*4],
	}
	for shift := 1; shift < 3; shift++ { // behind one or two other bytes the base64 is another one
		padded := append(make([]byte, shift), text...)
		spellings["in base64, shifted "+string(rune('0'+shift))] = base64.StdEncoding.EncodeToString(padded[:len(padded)/3*3])[4:]
	}
	for how, spelling := range spellings {
		if bytes.Contains(content, []byte(spelling)) {
			return how
		}
	}
	return ""
}
