package evidence

import (
	"encoding/base64"
	"html/template"
	"maps"
	"runtime"
	"sync"
	"time"
)

// gallery makes the pictures of a report ready to be shown. Pages look the same at each sign-in, and to decode a picture
// takes longer than all the rest of a report: what was made of one picture serves for all that are alike. It holds none
// of them, but where they are.
type gallery struct {
	files    store
	shelf    shelf // what was made
	exhibits map[exhibitID]exhibit
	known    map[string]exhibitID // by the path of a picture
}

// exhibitID names what is shown of a picture by its content.
type exhibitID struct {
	sha256 string
	card   bool // only the middle
}

// exhibit is a picture that was made ready to be shown; the zero value is of one that cannot be.
type exhibit struct {
	path          string  // of a picture that is shown as it is
	made          stretch // on the shelf, otherwise
	held          []byte  // where it was made ready before, or the shelf does not take it
	width, height int
	size          int // of its data URI, in bytes
}

// decoders is how many pictures are decoded at a time, at the most: each takes some 8 MiB.
const decoders = 4

// newGallery is one of pictures in files. Those that are ready are not made again.
func newGallery(files store, ready map[exhibitID]exhibit) *gallery {
	g := &gallery{files: files, exhibits: map[exhibitID]exhibit{}, known: map[string]exhibitID{}}
	maps.Copy(g.exhibits, ready)
	return g
}

// close takes away what was made.
func (g *gallery) close() { _ = g.shelf.close() } // a file without a name, or in the folder for temporary files

// pictureView is a screenshot in the report.
type pictureView struct {
	Path          string // in the run's folder
	Alt           string
	Width, Height int
	after         time.Time
	gallery       *gallery
	exhibit       exhibit
}

// Source is the picture as a data URI.
func (v pictureView) Source() (template.URL, error) {
	content, err := v.gallery.content(v.exhibit)
	// Safe: the scheme and type are ours and the rest is base64.
	return template.URL(embeddedPrefix + base64.StdEncoding.EncodeToString(content)), err
}

func (g *gallery) content(p exhibit) ([]byte, error) {
	switch {
	case p.path != "":
		return g.files.read(p.path)
	case p.held != nil:
		return p.held, nil
	}
	return g.shelf.read(p.made)
}

// album holds the pictures of a scenario by path, and their order.
type album struct {
	byPath map[string]pictureView
	order  []string
}

// get returns the picture at path; false when there is none to show.
func (a album) get(path string) (pictureView, bool) {
	view, ok := a.byPath[path]
	return view, ok && view.exhibit.size > 0
}

// size is how many bytes the pictures take in a page.
func (a album) size() int {
	total := 0
	for _, view := range a.byPath {
		total += view.exhibit.size
	}
	return total
}

// album looks at pictures of the folder. Of those of sign-in pages only the middle is shown; the file that the report
// links to holds the whole page.
func (g *gallery) album(pictures []picture, signIn map[string]bool) album {
	g.prepare(pictures, signIn)
	a := album{byPath: map[string]pictureView{}}
	for _, p := range pictures {
		shown := g.exhibits[g.known[p.Path]]
		a.byPath[p.Path] = pictureView{Path: p.Path, Alt: capital(p.Caption), Width: shown.width, Height: shown.height, after: p.after, gallery: g, exhibit: shown}
		a.order = append(a.order, p.Path)
	}
	return a
}

// prepare makes what is not made yet, each once, a few at a time.
func (g *gallery) prepare(pictures []picture, signIn map[string]bool) {
	var all sync.WaitGroup
	var mu sync.Mutex // the exhibits
	working := make(chan struct{}, min(decoders, runtime.GOMAXPROCS(0)))
	for _, p := range pictures {
		if _, looked := g.known[p.Path]; looked {
			continue
		}
		content, err := g.files.read(p.Path)
		if err != nil {
			continue // it is not shown
		}
		id := exhibitID{Digest(content), signIn[p.Path]}
		g.known[p.Path] = id
		mu.Lock()
		_, made := g.exhibits[id]
		if !made {
			g.exhibits[id] = exhibit{} // this one makes it
		}
		mu.Unlock()
		if made {
			continue
		}
		working <- struct{}{}
		all.Go(func() {
			one := g.exhibit(p.Path, content, id.card)
			mu.Lock()
			g.exhibits[id] = one
			mu.Unlock()
			<-working
		})
	}
	all.Wait()
}

// exhibit makes one picture ready, and holds it only where the shelf does not take it.
func (g *gallery) exhibit(path string, content []byte, card bool) exhibit {
	p := asShown(content, card)
	if p.held == nil {
		return p
	}
	if &p.held[0] == &content[0] {
		p.path, p.held = path, nil
	} else if made, err := g.shelf.add(p.held); err == nil {
		p.made, p.held = made, nil
	}
	return p
}

// asShown is a picture as the report shows it, held; the zero exhibit where it cannot be shown.
func asShown(content []byte, card bool) exhibit {
	if card {
		content = closeUp(content)
	}
	shown, width, height := fit(content)
	if shown == nil {
		return exhibit{}
	}
	return exhibit{held: shown, width: width, height: height, size: len(embeddedPrefix) + base64.StdEncoding.EncodedLen(len(shown))}
}
