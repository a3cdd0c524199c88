package evidence

import (
	"bytes"
	"fmt"
	"path"
)

// KindPageCaptured is the kind of an event whose text is a page that was not recognised, without its
// secrets, as JSON of package browser/entra.
const KindPageCaptured = "page-captured"

// CapturedPages are the pages that the proofs of a bundle did not recognise, in their order: the texts of
// its events of that kind. It reads the chains of events and does not verify the bundle.
func CapturedPages(dir string) ([]string, error) {
	run, err := readRun(dir)
	if err != nil {
		return nil, err
	}
	f, err := openFolder(dir)
	if err != nil {
		return nil, fmt.Errorf("open the bundle: %w", err)
	}
	defer f.Close()
	var pages []string
	for _, s := range run.Scenarios {
		if s.Events == 0 {
			continue
		}
		content, err := f.read(path.Join(s.Dir, eventsName), largestDocument)
		if err != nil {
			return nil, fmt.Errorf("read events: %w", err)
		}
		events, err := readEvents(bytes.NewReader(content), false)
		if err != nil {
			return nil, err
		}
		for _, event := range events {
			if event.Kind == KindPageCaptured {
				pages = append(pages, event.Text)
			}
		}
	}
	return pages, nil
}
