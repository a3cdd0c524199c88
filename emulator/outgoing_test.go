package emulator_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/emulator"
)

// outgoing are the ways of the standard library to begin a connection or a process.
var outgoing = []string{
	"net.Dial", "net.DialTimeout", "net.DialTCP", "net.DialUDP", "net.Dialer", "net.LookupHost", "net.LookupIP", "net.Resolver",
	"http.Get", "http.Post", "http.Head", "http.PostForm", "http.Client", "http.DefaultClient", "http.Transport", "http.DefaultTransport",
	"tls.Dial", "tls.Dialer", "httputil.ReverseProxy", "exec.Command", "exec.CommandContext", "smtp.SendMail",
}

// outgoingIn lists what of it a source file names.
func outgoingIn(file *ast.File) []string {
	var found []string
	ast.Inspect(file, func(node ast.Node) bool {
		if selector, ok := node.(*ast.SelectorExpr); ok {
			if of, ok := selector.X.(*ast.Ident); ok && slices.Contains(outgoing, of.Name+"."+selector.Sel.Name) {
				found = append(found, of.Name+"."+selector.Sel.Name)
			}
		}
		return true
	})
	return found
}

// The embedded tenant only ever answers: nothing in it can begin a connection. The two tools
// of its tests are clients.
func TestNothingInTheTenantBeginsAConnection(t *testing.T) {
	files := 0
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		tool := strings.HasPrefix(path, "internal/walker/") || strings.HasPrefix(path, "internal/portaltest/")
		if err != nil || entry.IsDir() || tool || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		files++
		for _, name := range outgoingIn(file) {
			t.Errorf("%s names %s", path, name)
		}
		return nil
	})
	if err != nil || files < 100 {
		t.Fatalf("%d files were read: %v", files, err)
	}
}

func TestOutgoingConnectionsAreFound(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\nvar c = http.Client{}\nfunc f() { net.Dial(`tcp`, `x`); http.Error(nil, ``, 0) }", 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := outgoingIn(file); !slices.Equal(got, []string{"http.Client", "net.Dial"}) {
		t.Errorf("found %v", got)
	}
}

func TestItListensOnLoopbackOnly(t *testing.T) {
	for _, options := range []emulator.Options{{ListenProxy: "0.0.0.0:0"}, {ListenControl: ":0"}, {ListenProxy: "192.0.2.1:0"}, {ListenControl: "example.org:80"}, {ListenDirect: "0.0.0.0:0"}, {ListenDirect: "192.0.2.1:0"}} {
		server, err := emulator.Start(t.Context(), options)
		if err == nil {
			t.Errorf("%+v was started", options)
			if err := server.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}
