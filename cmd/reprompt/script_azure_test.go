package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// azure stands for the Azure CLI in a script: `az rest` as docs/real-tenant.md uses it, by an administrator
// who is signed in to the embedded tenant that the folder $LAB describes.
func azure() {
	if err := azureRest(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "ERROR:", err)
		os.Exit(1)
	}
}

func azureRest(args []string) error {
	if len(args) == 0 || args[0] != "rest" {
		return errors.New("this stand-in knows az rest only")
	}
	flags := flag.NewFlagSet("az rest", flag.ContinueOnError)
	method, address, body := flags.String("method", "GET", ""), flags.String("url", "", ""), flags.String("body", "", "")
	query, output := flags.String("query", "", ""), flags.String("output", "", "")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	if *output != "tsv" {
		return fmt.Errorf("--output %s: this stand-in knows tsv", *output)
	}
	lab, client, err := openLab(os.Getenv("LAB"))
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	token, err := lab.token(client, lab.SetupApp)
	if err != nil {
		return err
	}
	request, err := http.NewRequest(*method, *address, strings.NewReader(*body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	answer, err := exchange(client, request)
	if err != nil {
		return err
	}
	value, err := selected(answer, *query)
	fmt.Println(value)
	return err
}

// pick is the one form of a filter that the guide uses.
var pick = regexp.MustCompile(`^(\w+)\[\?(\w+)=='([^']+)'\]\.(\w+)$`)

// selected is what a query of JMESPath selects: a property, or one of the elements that match.
func selected(answer []byte, query string) (string, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(answer, &object); err != nil {
		return "", err
	}
	if parts := pick.FindStringSubmatch(query); parts != nil {
		var list []map[string]json.RawMessage
		if err := json.Unmarshal(object[parts[1]], &list); err != nil {
			return "", err
		}
		for _, element := range list {
			if string(element[parts[2]]) == `"`+parts[3]+`"` {
				return strings.Trim(string(element[parts[4]]), `"`), nil
			}
		}
		return "", fmt.Errorf("nothing matches %s", query)
	}
	value, ok := object[query]
	if !ok {
		return "", fmt.Errorf("the answer has no %s", query)
	}
	return strings.Trim(string(value), `"`), nil
}

// guide writes the script of docs/real-tenant.md into a file, word by word.
//
//	guide script.sh
func guide(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: guide FILE")
	}
	text, err := os.ReadFile(os.Getenv("REPROMPT_GUIDE"))
	ts.Check(err)
	_, rest, ok := strings.Cut(string(text), "```sh\nset")
	script, _, end := strings.Cut("set"+rest, "```")
	if !ok || !end {
		ts.Fatalf("the guide has no script")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(script), 0o600))
}

// certificate writes reader.crt and reader.key as the openssl line of docs/real-tenant.md does, and both in
// one file as the tenant file wants it.
//
//	certificate secrets/reader-app.pem
func certificate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: certificate FILE")
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	ts.Check(err)
	now := time.Now()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "reprompt"}, NotBefore: now, NotAfter: now.AddDate(0, 6, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	ts.Check(err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	ts.Check(err)
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	ts.Check(os.WriteFile(ts.MkAbs("reader.crt"), public, 0o600))
	ts.Check(os.MkdirAll(filepath.Dir(ts.MkAbs(args[0])), 0o700))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), public...), 0o600))
}
