package evidence

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"path"
	"path/filepath"
	"strings"
)

const reportName = "report.html"

//go:embed report.html.tmpl
var reportTemplate string

//go:embed report.css
var reportStyle string

// page parses once; a template that does not parse is a defect that the first test finds.
var page = template.Must(template.New(reportName).Parse(reportTemplate))

// style is the sheet as it stands between the style tags: its digest is in the page's
// content security policy, which allows nothing but this sheet and embedded pictures.
type style struct {
	CSS    template.CSS
	Policy string
}

func newStyle() style {
	css := "\n" + strings.TrimSpace(reportStyle) + "\n"
	sum := sha256.Sum256([]byte(css))
	return style{
		CSS: template.CSS(css), // our own file
		Policy: fmt.Sprintf("default-src 'none'; img-src data:; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'",
			base64.StdEncoding.EncodeToString(sum[:])),
	}
}

// writeReport makes the report from what the scenarios hold and the pictures on disk. It goes through the scenarios
// twice: for the overview, by which it is known which pictures have room, and for the whole. Of the second each is a
// piece of its own.
func writeReport(c contents, w *pieces) error {
	files, err := c.files.list()
	if err != nil {
		return err
	}
	g := newGallery(c.files, c.ready)
	defer g.close()
	view := newReport(c.run, files)
	view.Folder = filepath.Base(c.files.root)
	view.Mapped, view.MappedText = mappedViews(c)
	shows := c.overview(&view, g, largestPictures)
	view.demanded(c.run.Scenarios, c.run.triedAgain())
	view.Proofs = func(yield func(scenarioView) bool) {
		own := byFolder(files)
		for i, s := range c.all() {
			v := s.shown(g, shows[i])
			v.ID, v.Demanded = view.Scenarios[i].ID, view.Scenarios[i].Demanded
			v.record(own[s.Dir])
			if !yield(v) || w.end() != nil {
				return
			}
		}
	}
	if err := page.Execute(w, view); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// largestPictures is how many bytes of pictures one report embeds, as they stand in it: more, and
// browsers and mail servers balk. The pictures of further proofs stay beside the report.
const largestPictures = 24 << 20

// overview adds what is said of each scenario in a line, in their order, and says which of them show their
// pictures: no more than left bytes of them are embedded, of each scenario all or none. Those that did not come out
// as demanded get theirs first.
func (c contents) overview(r *report, g *gallery, left int) (shows []bool) {
	rows := make([]scenarioView, len(c.run.Scenarios))
	shows = make([]bool, len(rows))
	for _, asDemanded := range []bool{false, true} {
		for i, record := range c.run.Scenarios {
			if (record.outcome() == outcomePassed) != asDemanded {
				continue
			}
			s := c.scenario(i)
			var used int
			if left > 0 {
				used = g.album(s.pictures, signInPictures(s.seen())).size()
			}
			if shows[i] = used <= left && left > 0; shows[i] {
				left -= used
			}
			rows[i] = s.view(album{}).row()
		}
	}
	for _, row := range rows {
		r.add(row)
	}
	return shows
}

// shown is the view with the pictures of the scenario, or with how many there are beside the report.
func (s scenarioContents) shown(g *gallery, pictures bool) scenarioView {
	if pictures {
		return s.view(g.album(s.pictures, signInPictures(s.seen())))
	}
	v := s.view(album{})
	v.Omitted, v.Dir = len(s.pictures), s.Dir
	return v
}

// byFolder are the files of scenarios, without pictures, by the folder that they are in.
func byFolder(files []File) map[string][]File {
	own := map[string][]File{}
	for _, file := range files {
		if path.Ext(file.Path) != ".png" {
			own[path.Dir(file.Path)] = append(own[path.Dir(file.Path)], file)
		}
	}
	return own
}
