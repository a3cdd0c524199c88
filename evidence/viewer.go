package evidence

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Viewer gives the files of one bundle to a browser, and the trace view of what was recorded with --trace.
// The bundle may come from anybody: no link in it is followed, nothing outside it is read, and only what
// its manifest names is given. It is safe for concurrent use.
type Viewer struct {
	folder       folder
	dir          string
	run          runRecord
	files        map[string]File
	verification *Verification
}

// largestShown bounds one file that is given to a browser, in bytes.
const largestShown = 128 << 20

// NewViewer opens a bundle and verifies it. Close it. The error is a *NotABundleError, or why the folder
// or its run.json cannot be read; a bundle that does not verify is shown all the same, and says so.
func NewViewer(dir string, options VerifyOptions) (*Viewer, error) {
	verified, err := Verify(dir, options)
	if err != nil {
		return nil, err
	}
	v := &Viewer{dir: dir, verification: verified, files: map[string]File{}}
	if v.folder, err = openFolder(dir); err != nil {
		return nil, fmt.Errorf("open the bundle: %w", err)
	}
	v.run, err = readDocument[runRecord](v.folder, runName, "run")
	if err == nil && v.run.State == stateFinished {
		var m Manifest
		m, err = readDocument[Manifest](v.folder, manifestName, "manifest")
		for _, f := range m.Files {
			v.files[f.Path] = f
		}
	}
	if err != nil {
		return nil, errors.Join(err, v.folder.Close())
	}
	return v, nil
}

// Close ends it.
func (v *Viewer) Close() error { return v.folder.Close() }

// Verification is what verifying the bundle came to.
func (v *Viewer) Verification() *Verification { return v.verification }

// Report is the name of the report, which is given like any other file; empty where there is none: the run
// was cut off.
func (v *Viewer) Report() string {
	if _, there := v.files[reportName]; there {
		return reportName
	}
	return ""
}

// Traced counts the proofs that a trace was kept of.
func (v *Viewer) Traced() int { return len(v.traces()) }

// File is the content of a file that the manifest names, or of the manifest itself. The error is
// fs.ErrNotExist for any other.
func (v *Viewer) File(name string) ([]byte, error) {
	if _, named := v.files[name]; !named && !slices.Contains(outside, name) {
		return nil, fs.ErrNotExist
	}
	return v.folder.read(name, largestShown)
}

// tracedProof is a proof and where its trace is.
type tracedProof struct {
	record scenarioRecord
	id     string // in deep links
	file   string
}

// traces are the proofs with a trace. What was joined later has the trace where the proof was.
func (v *Viewer) traces() []tracedProof {
	var all []tracedProof
	ids := map[string]int{}
	for i, s := range v.run.Scenarios {
		file := path.Join(s.Dir, traceName)
		if v.run.Kind == KindAttachLog && len(v.run.Parts) == 1 {
			file = v.traceInPart(v.run.Parts[0].Dir, i)
		}
		if _, there := v.files[file]; !there {
			continue
		}
		id := slug(path.Base(s.Dir))
		if ids[id]++; ids[id] > 1 { // of shards
			id = fmt.Sprintf("%s-%d", id, ids[id])
		}
		all = append(all, tracedProof{s, id, file})
	}
	return all
}

// traceInPart is where the trace of the nth proof of a bundle inside this one is.
func (v *Viewer) traceInPart(dir string, n int) string {
	inside, err := readDocument[runRecord](v.folder.at(dir), runName, "run")
	if err != nil || n >= len(inside.Scenarios) {
		return ""
	}
	return path.Join(dir, inside.Scenarios[n].Dir, traceName)
}

// prefix is the path of the bundle in which the trace was written.
func (p tracedProof) prefix() string {
	at := strings.LastIndex(p.file, "scenarios/")
	return p.file[:max(0, at)]
}

// Newest is the bundle below a folder that began last, by its name.
func Newest(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	for _, e := range slices.Backward(entries) { // os.ReadDir sorts by name, which begins with the time
		candidate := filepath.Join(dir, e.Name())
		if info, err := os.Stat(filepath.Join(candidate, runName)); e.IsDir() && err == nil && info.Mode().IsRegular() {
			return candidate, nil
		}
	}
	return "", &NotABundleError{dir}
}
