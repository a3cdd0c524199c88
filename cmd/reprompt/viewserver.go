package main

import (
	"errors"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/reprompt/reprompt/evidence"
)

// viewServer serves one bundle to the browsers of this machine: GET and HEAD, to whoever asks for its own
// address by number, so that no name that leads to loopback makes a page of somebody else read it. What is
// in a bundle may be anybody's: its report runs no script, and everything but it and pictures is text.
type viewServer struct {
	viewer *evidence.Viewer
	host   string // of the listener, with its port
}

func newViewServer(viewer *evidence.Viewer, host string) http.Handler {
	return viewServer{viewer, host}
}

// reportPolicy lets a report show itself and the pictures beside it; it may not act.
const reportPolicy = "sandbox allow-same-origin allow-top-navigation-by-user-activation; default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// ServeHTTP implements http.Handler.
func (s viewServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	name := strings.TrimPrefix(r.URL.Path, "/")
	switch {
	case r.Host != s.host:
		http.Error(w, "this is served to http://"+s.host+"/ only", http.StatusMisdirectedRequest)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		header.Set("Allow", "GET, HEAD")
		http.Error(w, "there is nothing to change here", http.StatusMethodNotAllowed)
	case name == evidence.TracePage:
		s.trace(w, r)
	case name == "" && s.viewer.Report() == "":
		http.Redirect(w, r, "/"+evidence.TracePage, http.StatusSeeOther)
	case name == "":
		s.file(w, s.viewer.Report())
	default:
		s.file(w, name)
	}
}

func (s viewServer) trace(w http.ResponseWriter, r *http.Request) {
	page, err := s.viewer.Trace(r.URL.Query().Get("proof"))
	if err != nil {
		http.Error(w, "the trace cannot be shown: "+err.Error(), http.StatusUnprocessableEntity)
		return
	}
	w.Header().Set("Content-Security-Policy", evidence.TracePolicy())
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(page) // who asked may have gone
}

func (s viewServer) file(w http.ResponseWriter, name string) {
	content, err := s.viewer.File(name)
	if errors.Is(err, fs.ErrNotExist) {
		http.Error(w, "the bundle has no such file", http.StatusNotFound)
		return
	}
	if err != nil {
		http.Error(w, "the file cannot be read: "+err.Error(), http.StatusUnprocessableEntity)
		return
	}
	w.Header().Set("Content-Type", contentType(name, s.viewer.Report()))
	if name == s.viewer.Report() {
		w.Header().Set("Content-Security-Policy", reportPolicy)
	}
	_, _ = w.Write(content)
}

// contentType is how a file is shown: pictures and the report as what they are, all else as text.
func contentType(name, report string) string {
	switch ext := path.Ext(name); {
	case name == report:
		return "text/html; charset=utf-8"
	case ext == ".png":
		return "image/png"
	case ext == ".json":
		return "application/json"
	}
	return "text/plain; charset=utf-8"
}
