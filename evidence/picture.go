package evidence

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
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

// fit is a PNG as it is embedded, made smaller when it is large, and its size before. What is no PNG yields nothing.
func fit(content []byte) (fitting []byte, width, height int) {
	config, err := png.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return nil, 0, 0
	}
	if len(content) > largestEmbedded && config.Width > embeddedWidth {
		if smaller, err := shrink(content); err == nil {
			content = smaller
		}
	}
	return content, config.Width, config.Height
}
