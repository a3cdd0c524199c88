package evidence

import (
	"bytes"
	"encoding/base64"
	"html/template"
	"image"
	"image/color"
	"image/png"
	"time"
)

const (
	// largestEmbedded is how large a picture may be, in bytes, to be embedded as it is.
	largestEmbedded = 250 << 10
	// embeddedWidth is how wide a larger picture is made, in pixels: twice the width at which
	// the report shows it, so that it stays crisp on dense screens.
	embeddedWidth = 760
)

// pictureView is a screenshot in the report.
type pictureView struct {
	Source        template.URL // data URI; empty when the file could not be read as a picture
	Path          string       // in the run's folder
	Alt           string
	Width, Height int
	after         time.Time
}

// album holds the pictures of a scenario by path, and their order.
type album struct {
	byPath map[string]pictureView
	order  []string
}

// embed reads the pictures back from the folder.
func embed(files store, pictures []picture) album {
	a := album{byPath: map[string]pictureView{}}
	for _, p := range pictures {
		view := pictureView{Path: p.Path, Alt: p.Caption, after: p.after}
		if content, err := files.read(p.Path); err == nil {
			view.Source, view.Width, view.Height = dataURI(content)
		}
		a.byPath[p.Path] = view
		a.order = append(a.order, p.Path)
	}
	return a
}

// get returns the picture at path; false when there is none to show.
func (a album) get(path string) (pictureView, bool) {
	view, ok := a.byPath[path]
	return view, ok && view.Source != ""
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
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(content)), width, height
}

// shrink scales a PNG down to embeddedWidth, each pixel the mean of those that it covers.
func shrink(content []byte) ([]byte, error) {
	full, err := png.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	bounds := full.Bounds()
	width := embeddedWidth
	height := max(1, bounds.Dy()*width/bounds.Dx())
	small := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			small.Set(x, y, mean(full, image.Rect(
				bounds.Min.X+x*bounds.Dx()/width, bounds.Min.Y+y*bounds.Dy()/height,
				bounds.Min.X+(x+1)*bounds.Dx()/width, bounds.Min.Y+(y+1)*bounds.Dy()/height)))
		}
	}
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	err = encoder.Encode(&b, small)
	return b.Bytes(), err
}

// mean is the mean colour of an area, which is at least one pixel.
func mean(full image.Image, area image.Rectangle) color.RGBA64 {
	var r, g, b, a, n uint64
	for y := area.Min.Y; y < max(area.Max.Y, area.Min.Y+1); y++ {
		for x := area.Min.X; x < max(area.Max.X, area.Min.X+1); x++ {
			pr, pg, pb, pa := full.At(x, y).RGBA()
			r, g, b, a, n = r+uint64(pr), g+uint64(pg), b+uint64(pb), a+uint64(pa), n+1
		}
	}
	return color.RGBA64{R: uint16(r / n), G: uint16(g / n), B: uint16(b / n), A: uint16(a / n)}
}
