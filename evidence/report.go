package evidence

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"maps"
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

// render writes the report.
func render(r report) ([]byte, error) {
	var b bytes.Buffer
	if err := page.Execute(&b, r); err != nil {
		return nil, fmt.Errorf("write the report: %w", err)
	}
	return b.Bytes(), nil
}

// makeReport makes the report from what the scenarios hold and the pictures on disk.
func makeReport(c contents) ([]byte, error) {
	files, err := c.files.list()
	if err != nil {
		return nil, err
	}
	view := newReport(c.run, files)
	view.Folder = filepath.Base(c.files.root)
	view.Mapped, view.MappedText = mappedViews(c)
	for i, v := range c.views(largestPictures) {
		view.add(v, c.scenarios[i].Dir)
	}
	view.demanded(c.run.Scenarios, c.run.triedAgain())
	return render(view)
}

// largestPictures is how many bytes of pictures one report embeds, as they stand in it: more, and
// browsers and mail servers balk. The pictures of further proofs stay beside the report.
const largestPictures = 24 << 20

// views are the scenarios as the report shows them, in their order. Those that did not come out as
// demanded get their pictures first.
func (c contents) views(left int) []scenarioView {
	views, known := make([]scenarioView, len(c.scenarios)), prints{}
	maps.Copy(known, c.ready)
	for _, asDemanded := range []bool{false, true} {
		for i, s := range c.scenarios {
			if (s.outcome() == outcomePassed) != asDemanded {
				continue
			}
			var used int
			views[i], used = s.view(c.files, known, left)
			left -= used
		}
	}
	return views
}
