package portal

import (
	"bytes"
	"embed"
	"html/template"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/cloud"
)

//go:embed assets
var files embed.FS

// pages are the index pages; they take a cloud and write its hosts down for the scripts.
var pages = map[string]*template.Template{
	"shell": template.Must(template.ParseFS(files, "assets/shell/index.html")),
	"frame": template.Must(template.ParseFS(files, "assets/frame/index.html")),
}

// Content security policies: scripts and styles of the own host only, and the network only
// where the page has business. The embedded tenant's proxy refuses the rest anyway; the policy
// makes a mistake visible in the page.

func shellPolicy(c cloud.Cloud) string {
	return policy(
		"script-src 'self'", "style-src 'self'", "img-src data:",
		"connect-src 'self' "+origins(c.Login), "frame-src "+origins(c.Frame),
		"base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
	)
}

func framePolicy(c cloud.Cloud) string {
	return policy(
		"script-src 'self'", "style-src 'self'", "img-src data:", "worker-src 'self'",
		"connect-src "+origins(c.Graph, c.PIM),
		"base-uri 'none'", "form-action 'none'", "frame-ancestors "+origins(c.Portals...),
	)
}

// assetPolicy matters for the worker alone: a worker has the policy of its own response, not
// of the page that started it.
func assetPolicy(c cloud.Cloud) string { return policy("connect-src " + origins(c.Graph, c.PIM)) }

func policy(directives ...string) string {
	return "default-src 'none'; " + strings.Join(directives, "; ")
}

func origins(hosts ...string) string { return "https://" + strings.Join(hosts, " https://") }

// document serves the index page of "shell" or "frame".
func document(part string, policy func(cloud.Cloud) string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, _ := placeOf(r)
		var page bytes.Buffer
		if err := pages[part].Execute(&page, c); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Security-Policy", policy(c))
		w.Header().Set("Cache-Control", "no-store")
		serve(w, r, "index.html", page.Bytes())
	})
}

// assets serves the files of one part and those that both parts use.
func assets(part string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.PathValue("name")
		for _, dir := range []string{part, "common"} {
			content, err := fs.ReadFile(files, path.Join("assets", dir, name))
			if err == nil && name != "index.html" {
				c, _ := placeOf(r)
				w.Header().Set("Content-Security-Policy", assetPolicy(c))
				w.Header().Set("Cache-Control", "max-age=600")
				serve(w, r, name, content)
				return
			}
		}
		unmodelled(w, r)
	})
}

func serve(w http.ResponseWriter, r *http.Request, name string, content []byte) {
	w.Header().Set("Content-Type", contentType(name))
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
}

// contentType does not depend on the machine's own table for what the page needs.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	}
	return mime.TypeByExtension(path.Ext(name))
}
