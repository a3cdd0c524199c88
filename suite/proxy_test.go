package suite

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheBrowsersProxy(t *testing.T) {
	local := []string{"<local>", "localhost", "127.0.0.1", "[::1]"}
	for name, row := range map[string]struct {
		file, https, lower, none string
		server                   string
		past                     []string
	}{
		"no proxy":                    {},
		"of the tenant file":          {file: "http://127.0.0.1:1", https: "http://other:2", none: "corp.example", server: "http://127.0.0.1:1"},
		"of the environment":          {https: "http://proxy.corp.example:8080/", server: "http://proxy.corp.example:8080", past: local},
		"of the environment, short":   {lower: "proxy.corp.example:8080", server: "http://proxy.corp.example:8080", past: local},
		"its password stays out":      {https: "http://u:secret@proxy:8080", server: "http://proxy:8080", past: local},
		"some hosts are reached past": {https: "http://p:1", none: "corp.example, .lab.example,10.0.0.0/8,192.168.1.1", server: "http://p:1", past: append(append([]string{}, local...), "corp.example", "*.corp.example", "*.lab.example", "10.0.0.0/8", "192.168.1.1")},
		"all hosts are reached past":  {https: "http://p:1", none: "*"},
		"nonsense":                    {https: "http://"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("HTTPS_PROXY", row.https)
			t.Setenv("https_proxy", row.lower)
			t.Setenv("NO_PROXY", row.none)
			t.Setenv("no_proxy", "")
			server, past := place{proxy: row.file}.browserProxy()
			if diff := cmp.Diff(row.past, past); server != row.server || diff != "" {
				t.Errorf("server %q, want %q; past it (-want +got):\n%s", server, row.server, diff)
			}
		})
	}
}
