// Command table writes docs/clients.md: the operations of the Graph subset against the clients
// that called them, from the records in clients/results. `make clients-table` runs it.
//
// The operations come from Microsoft's published schema, which lies beside the project
// (../shared/graph/openapi-subset.json) and is no part of it.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/reprompt/reprompt/clients/go/results"
	"github.com/reprompt/reprompt/clients/go/tenant"
)

func main() {
	root, err := tenant.Root()
	if err == nil {
		err = write(root)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "clients table:", err)
		os.Exit(1)
	}
}

func write(root string) error {
	page, err := generate(root)
	if err != nil {
		return err
	}
	return os.WriteFile(pagePath(root), page, 0o644)
}

func pagePath(root string) string { return filepath.Join(root, "docs", "clients.md") }

// generate reads schema and records and returns the page.
func generate(root string) ([]byte, error) {
	subset, err := operations(schemaPath(root))
	if err != nil {
		return nil, err
	}
	clients, err := records(filepath.Join(root, "clients", "results"))
	if err != nil {
		return nil, err
	}
	return render(subset, clients)
}

func schemaPath(root string) string {
	return filepath.Join(filepath.Dir(root), "shared", "graph", "openapi-subset.json")
}

var methods = []string{"get", "post", "patch", "put", "delete"}

// operations lists the schema's operations as "GET /users", by path and method.
func operations(path string) ([]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the schema: %w", err)
	}
	var schema struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		return nil, fmt.Errorf("read the schema: %w", err)
	}
	var list []string
	for path, items := range schema.Paths {
		for method := range items {
			if slices.Contains(methods, method) {
				list = append(list, strings.ToUpper(method)+" "+path)
			}
		}
	}
	if len(list) == 0 {
		return nil, errors.New("read the schema: it has no operations")
	}
	slices.SortFunc(list, results.ByPath)
	return list, nil
}

// records reads every record, in the order of the clients' names.
func records(dir string) ([]results.Client, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	var all []results.Client
	for _, file := range files {
		clients, err := results.Read(file)
		if err != nil {
			return nil, err
		}
		all = append(all, clients...)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s holds no record", dir)
	}
	slices.SortFunc(all, func(a, b results.Client) int { return strings.Compare(a.Client, b.Client) })
	return all, nil
}

const preface = `# Clients and the Graph subset

Which operations of Microsoft Graph (the subset of its published schema that lies beside the project) unmodified clients really called on
the embedded tenant: sent by the client's own code, answered 2xx in both runs (by the real host names through the proxy, and at the tenant's
own address), and taken without an error. The tests that call them are in [clients](../clients); this page is generated from what they
recorded, by ` + "`make clients-table`" + `.

`

func render(subset []string, clients []results.Client) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(preface)
	names, rule, counts := "| operation |", "|---|", "| **of "+fmt.Sprint(len(subset))+"** |"
	for _, c := range clients {
		for _, op := range c.Operations {
			if !slices.Contains(subset, op) {
				return nil, fmt.Errorf("%s called %q, which is no operation of the subset", c.Client, op)
			}
		}
		names += " " + c.Client + " |"
		rule += ":-:|"
		counts += fmt.Sprintf(" **%d** |", len(c.Operations))
	}
	fmt.Fprintf(&out, "%s\n%s\n%s\n", names, rule, counts)
	for _, op := range subset {
		row := "| `" + op + "` |"
		for _, c := range clients {
			mark := "-"
			if slices.Contains(c.Operations, op) {
				mark = "yes"
			}
			row += " " + mark + " |"
		}
		fmt.Fprintln(&out, row)
	}
	return out.Bytes(), nil
}
