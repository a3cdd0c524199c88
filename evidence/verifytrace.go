package evidence

import (
	"path"
	"strings"
)

// trace verifies that a trace and its folder are of one piece: each file of the folder is the one that
// was noted, and each look shows a picture or markup of this proof. No verdict rests on a trace, so what
// it says is not compared with the rest.
func (p *proof) trace() {
	name := p.file(traceName)
	inFolder := p.file(traceFolder) + "/"
	var t Trace
	if _, there := p.known[name]; there {
		if _, ok := p.document(name, "trace", &t); !ok {
			return
		}
	}
	noted := map[string]bool{}
	for _, f := range t.Files {
		kept, there := p.known[f.Path]
		switch {
		case !strings.HasPrefix(f.Path, inFolder) || path.Clean(f.Path) != f.Path:
			p.problem(RecordDiffers, name, "it notes %q, which is none of its files", printable(f.Path))
		case !there:
			p.problem(FileMissing, f.Path, "the trace notes it, and it is not there")
		case kept.SHA256 != f.SHA256:
			p.problem(RecordDiffers, f.Path, "it is not the file that the trace notes")
		}
		noted[f.Path] = true
	}
	for file := range p.known {
		if strings.HasPrefix(file, inFolder) && !noted[file] {
			p.problem(RecordDiffers, file, "no trace notes it")
		}
	}
	for _, s := range t.Steps {
		for _, look := range []*TraceLook{s.Before, s.After} {
			if look != nil && !(p.shows(look.Picture, noted) && p.shows(look.Markup, noted)) {
				p.problem(RecordDiffers, name, "step %d shows a file that is not of this proof", s.N)
			}
		}
	}
}

// shows reports whether a look may show a file: none, one of the trace, or a picture of the proof.
func (p *proof) shows(file string, noted map[string]bool) bool {
	_, there := p.known[file]
	return file == "" || noted[file] || there && path.Dir(file) == p.record.Dir && strings.HasSuffix(file, ".png")
}
