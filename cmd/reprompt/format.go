package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/reprompt/reprompt/suite"
)

// format is one of --format: what is reported, and where to.
type format struct {
	name string
	file string // empty: standard output
	out  *output
	w    io.Writer
}

// formatNames are what --format takes.
var formatNames = []string{"pretty", "progress", "junit", "messages"}

// evidenceFile is the file of the evidence that a format is; empty for those that are written as the
// scenarios end.
var evidenceFile = map[string]string{"junit": "junit.xml", "messages": "cucumber.ndjson"}

// parseFormats reads --format. Standard output takes one.
func parseFormats(texts []string, asJSON bool) ([]*format, error) {
	var all []*format
	onStdout := map[bool]string{true: "--json"}[asJSON]
	for _, text := range texts {
		name, file, named := strings.Cut(text, ":")
		f := &format{name: name, file: file}
		switch {
		case !slices.Contains(formatNames, name):
			return nil, usagef("there is no format %q%s: use %s, each with :FILE behind it where it goes to a file; repeat --format for several",
				name, suite.Like(name, formatNames), strings.Join(formatNames, ", "))
		case named && file == "":
			return nil, usagef("--format %s names no file: write it as %s:FILE, or %s for standard output", text, name, name)
		case !named && onStdout != "":
			return nil, usagef("--format %s and %s both go to standard output: give one a file, as in --format %s:FILE", name, onStdout, name)
		case named && slices.ContainsFunc(all, func(other *format) bool {
			return other.file != "" && filepath.Clean(other.file) == filepath.Clean(file)
		}):
			return nil, usagef("two formats go to %s: give each a file of its own", file)
		}
		if !named {
			onStdout = "--format " + name
		}
		all = append(all, f)
	}
	return all, nil
}

// reports are the formats of a run.
type reports struct {
	formats []*format
	// summary is where people read how it went: standard output, unless something goes there that
	// programs read.
	summary io.Writer
	quiet   bool // how scenarios end is told on standard output
}

// openReports makes the files of formats, so that one that cannot be written is known before anything
// runs. Close them.
func (p *program) openReports(texts []string, asJSON bool) (*reports, error) {
	formats, err := parseFormats(texts, asJSON)
	r := &reports{formats: formats, summary: p.stdout}
	if err != nil {
		return r, err
	}
	for _, f := range formats {
		if f.file != "" {
			if f.out, err = createOutput(f.file); err != nil {
				return r, errors.Join(usagef("--format %s:%s: %s", f.name, f.file, err), r.discard())
			}
			f.w = f.out
			continue
		}
		f.w = p.stdout
		if evidenceFile[f.name] != "" {
			r.summary = p.stderr
		} else {
			r.quiet = true
		}
	}
	return r, nil
}

// reporters are told of scenarios as they end.
func (r *reports) reporters(p *program) []suite.Reporter {
	var all []suite.Reporter
	for _, f := range r.formats {
		colour := f.file == "" && p.colour()
		switch f.name {
		case "pretty":
			all = append(all, &pretty{w: f.w, colour: colour})
		case "progress":
			all = append(all, &dots{w: f.w, colour: colour})
		}
	}
	return all
}

// finish writes what is made of the evidence, and ends every file.
func (r *reports) finish(result *suite.Result, reporters []suite.Reporter) error {
	for _, one := range reporters {
		if d, ok := one.(*dots); ok {
			d.end()
		}
	}
	var errs []error
	for _, f := range r.formats {
		if name := evidenceFile[f.name]; name != "" {
			content, err := os.ReadFile(filepath.Join(result.Evidence, name))
			if err == nil {
				_, err = f.w.Write(content)
			}
			errs = append(errs, err)
		} else if f.out != nil {
			result.WriteSummary(f.w)
		}
		if f.out != nil {
			errs = append(errs, f.out.keep())
		}
	}
	if err := errors.Join(errs...); err != nil {
		return &suite.EvidenceError{Dir: result.Evidence, Err: fmt.Errorf("write a report: %w", err)}
	}
	return nil
}

// discard ends every file and leaves none behind that was not there.
func (r *reports) discard() error {
	var errs []error
	for _, f := range r.formats {
		if f.out != nil {
			errs = append(errs, f.out.discard())
		}
	}
	return errors.Join(errs...)
}

// output is a file that is whole or as it was: it is written beside its place and moved there at last.
// What is no plain file, such as /dev/null, is written to directly.
type output struct {
	*os.File
	path string // empty: it is in its place
}

func createOutput(path string) (*output, error) {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return nil, errors.New("it is a folder: name a file")
	case err == nil && !info.Mode().IsRegular():
		file, err := os.OpenFile(path, os.O_WRONLY, 0)
		return &output{File: file}, err
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".reprompt-*")
	if err != nil {
		return nil, fmt.Errorf("its folder cannot be written to (%w): make it, or name another", errors.Unwrap(err))
	}
	return &output{file, path}, file.Chmod(0o644)
}

func (o *output) keep() error {
	if o.path == "" {
		return o.Close()
	}
	if err := o.Close(); err != nil {
		return errors.Join(err, os.Remove(o.Name()))
	}
	return os.Rename(o.Name(), o.path)
}

func (o *output) discard() error {
	if o.path == "" {
		return o.Close()
	}
	return errors.Join(o.Close(), os.Remove(o.Name()))
}
