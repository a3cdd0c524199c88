package evidence

import (
	"bytes"
	"encoding/base64"
	"html/template"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"runtime"
	"sync"
	"time"
)

const (
	// embeddedPrefix begins the data URI of every picture.
	embeddedPrefix = "data:image/png;base64,"
	// largestEmbedded is how large a picture may be, in bytes, to be embedded as it is.
	largestEmbedded = 250 << 10
	// embeddedWidth is how wide a larger picture is made, in pixels: twice the width at which
	// the report shows it, so that it stays crisp on dense screens.
	embeddedWidth = 760
	// cardWidth and cardHeight are the middle of a sign-in page, in pixels: its card, 440 wide, and
	// what stands around it. The rest is background, which would leave the card's text too small.
	cardWidth, cardHeight = 480, 420
)

// pictureView is a screenshot in the report.
type pictureView struct {
	Source        template.URL // data URI; empty when the file could not be read as a picture
	Path          string       // in the run's folder
	Alt           string
	Width, Height int
	after         time.Time
	print         printID
}

// printID names what is shown of a picture by its content: pages look the same at each sign-in, and to
// decode a picture takes longer than all the rest of a report.
type printID struct {
	sha256 string
	card   bool // only the middle
}

// prints are pictures that were made ready to be shown before.
type prints map[printID]pictureView

// keep takes in the pictures of an album.
func (p prints) keep(a album) {
	for _, view := range a.byPath {
		p[view.print] = view
	}
}

// album holds the pictures of a scenario by path, and their order.
type album struct {
	byPath map[string]pictureView
	order  []string
}

// embed reads the pictures back from the folder. Of those of sign-in pages only the middle is
// shown; the file that the report links to holds the whole page. What known holds is taken from there,
// and of the rest each picture is decoded once, on all processors.
func embed(files store, pictures []picture, signIn map[string]bool, known prints) album {
	a := album{byPath: map[string]pictureView{}}
	made := map[printID]*pictureView{}
	var all sync.WaitGroup
	working := make(chan struct{}, runtime.GOMAXPROCS(0))
	for _, p := range pictures {
		view := pictureView{Path: p.Path, Alt: capital(p.Caption), after: p.after}
		if content, err := files.read(p.Path); err == nil {
			view.print = printID{Digest(content), signIn[p.Path]}
			if old, ready := known[view.print]; ready {
				made[view.print] = &old
			} else if made[view.print] == nil {
				one := &pictureView{}
				made[view.print] = one
				working <- struct{}{}
				all.Go(func() {
					one.Source, one.Width, one.Height = view.print.of(content)
					<-working
				})
			}
		}
		a.byPath[p.Path] = view
		a.order = append(a.order, p.Path)
	}
	all.Wait()
	for path, view := range a.byPath {
		if one := made[view.print]; one != nil {
			view.Source, view.Width, view.Height = one.Source, one.Width, one.Height
			a.byPath[path] = view
		}
	}
	return a
}

// of makes the print of a picture.
func (p printID) of(content []byte) (uri template.URL, width, height int) {
	if p.card {
		content = closeUp(content)
	}
	return dataURI(content)
}

// get returns the picture at path; false when there is none to show.
func (a album) get(path string) (pictureView, bool) {
	view, ok := a.byPath[path]
	return view, ok && view.Source != ""
}

// size is how many bytes the pictures take in a page.
func (a album) size() int {
	total := 0
	for _, view := range a.byPath {
		total += len(view.Source)
	}
	return total
}

// dataURI embeds a PNG, made smaller when it is large. What is no PNG yields nothing.
func dataURI(content []byte) (uri template.URL, width, height int) {
	config, err := png.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return "", 0, 0
	}
	width, height = config.Width, config.Height
	if len(content) > largestEmbedded && width > embeddedWidth {
		if smaller, err := shrink(content); err == nil {
			content = smaller
		}
	}
	// Safe: the scheme and type are ours and the rest is base64.
	return template.URL(embeddedPrefix + base64.StdEncoding.EncodeToString(content)), width, height
}

// closeUp cuts the card out of the picture of a sign-in page. What is smaller than a card, or no
// PNG, stays as it is.
func closeUp(content []byte) []byte {
	decoded, err := png.Decode(bytes.NewReader(content))
	if err != nil {
		return content
	}
	whole, card := decoded.Bounds(), image.Pt(cardWidth, cardHeight)
	if whole.Dx() < card.X || whole.Dy() < card.Y {
		return content
	}
	corner := whole.Min.Add(whole.Size().Sub(card).Div(2))
	cut := image.NewRGBA(image.Rectangle{Max: card})
	draw.Draw(cut, cut.Rect, decoded, corner, draw.Src)
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed} // half the time for a quarter more bytes
	if err := encoder.Encode(&b, cut); err != nil {
		return content
	}
	return b.Bytes()
}

// shrink scales a PNG down to embeddedWidth, each pixel the mean of those that it covers.
func shrink(content []byte) ([]byte, error) {
	decoded, err := png.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	full := image.NewRGBA(image.Rectangle{Max: decoded.Bounds().Size()})
	draw.Draw(full, full.Bounds(), decoded, decoded.Bounds().Min, draw.Src)
	size := full.Bounds().Size()
	small := image.NewRGBA(image.Rect(0, 0, embeddedWidth, max(1, size.Y*embeddedWidth/size.X)))
	for y := range small.Rect.Dy() {
		for x := range small.Rect.Dx() {
			small.SetRGBA(x, y, mean(full, image.Rect(
				x*size.X/small.Rect.Dx(), y*size.Y/small.Rect.Dy(), (x+1)*size.X/small.Rect.Dx(), (y+1)*size.Y/small.Rect.Dy())))
		}
	}
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	err = encoder.Encode(&b, small)
	return b.Bytes(), err
}

// mean is the mean colour of an area, which is at least one pixel since pictures only shrink.
func mean(full *image.RGBA, area image.Rectangle) color.RGBA {
	var r, g, b, a, n int
	for y := area.Min.Y; y < area.Max.Y; y++ {
		row := full.Pix[full.PixOffset(area.Min.X, y):full.PixOffset(area.Max.X, y)]
		for ; len(row) >= 4; row = row[4:] {
			r, g, b, a, n = r+int(row[0]), g+int(row[1]), b+int(row[2]), a+int(row[3]), n+1
		}
	}
	n = max(1, n)
	return color.RGBA{R: uint8(r / n), G: uint8(g / n), B: uint8(b / n), A: uint8(a / n)}
}
