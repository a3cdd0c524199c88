package evidence

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"
)

// What the report shows of a sign-in page is its middle, each pixel as it was, also where the same page
// was shown before; of any other page it is the whole.
func TestTheMiddleOfASignInPageIsShownAsItWas(t *testing.T) {
	page := image.NewRGBA(image.Rect(0, 0, 600, 500))
	for y := range 500 {
		for x := range 600 {
			page.Set(x, y, color.RGBA{uint8(x), uint8(y), uint8(x ^ y), 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, page); err != nil {
		t.Fatal(err)
	}
	s := store{root: t.TempDir(), guard: newGuard()}
	var pictures []picture
	for _, path := range []string{"scenarios/01/01.png", "scenarios/01/02.png", "scenarios/01/03.png"} {
		if err := s.write(path, b.Bytes(), false); err != nil {
			t.Fatal(err)
		}
		pictures = append(pictures, picture{Path: path})
	}
	known := prints{}
	first := embed(s, pictures, map[string]bool{pictures[0].Path: true, pictures[1].Path: true}, known)
	known.keep(first)
	again := embed(s, pictures, map[string]bool{pictures[2].Path: true}, known)
	var ready readied
	ready.begin(b.Bytes())
	made := ready.take()
	if len(made) != 1 {
		t.Errorf("%d pictures were made ready, want 1", len(made))
	}
	ahead := embed(s, pictures, map[string]bool{pictures[0].Path: true}, made)
	for name, row := range map[string]struct {
		view   pictureView
		middle bool
	}{
		"the first": {first.byPath[pictures[0].Path], true}, "the same once more": {first.byPath[pictures[1].Path], true},
		"the same, of another scenario": {again.byPath[pictures[2].Path], true}, "no sign-in page": {first.byPath[pictures[2].Path], false},
		"no sign-in page, known as one": {again.byPath[pictures[0].Path], false},
		"made ready ahead":              {ahead.byPath[pictures[0].Path], true}, "no sign-in page, made ready as one": {ahead.byPath[pictures[1].Path], false},
	} {
		content, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(string(row.view.Source), embeddedPrefix))
		if err != nil {
			t.Fatal(name, err)
		}
		shown, err := png.Decode(bytes.NewReader(content))
		if err != nil {
			t.Fatal(name, err)
		}
		want, corner := page.Bounds().Size(), image.Point{}
		if row.middle {
			want, corner = image.Pt(cardWidth, cardHeight), image.Pt((600-cardWidth)/2, (500-cardHeight)/2)
		}
		if shown.Bounds().Size() != want || row.view.Width != want.X || row.view.Height != want.Y {
			t.Errorf("%s: it is %v, want %v", name, shown.Bounds(), want)
			continue
		}
		for y := range want.Y {
			for x := range want.X {
				if shown.At(x, y) != page.At(corner.X+x, corner.Y+y) {
					t.Fatalf("%s: the pixel %d,%d is another one", name, x, y)
				}
			}
		}
	}
}

// What is made ready ahead stays small, however many pictures a run takes.
func TestFewPicturesAreMadeReadyAhead(t *testing.T) {
	var ready readied
	for i := range 2 * mostReadied {
		ready.begin([]byte{byte(i)})
		ready.begin([]byte{byte(i)})
	}
	if made := ready.take(); len(made) != mostReadied {
		t.Errorf("%d are kept, want %d", len(made), mostReadied)
	}
}
