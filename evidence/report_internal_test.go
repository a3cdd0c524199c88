package evidence

import (
	"bytes"
	"image"
	"image/png"
	"testing"

	"github.com/reprompt/reprompt/verdict"
)

// A report that grows too large embeds the pictures of what went wrong before those of what did not.
func TestPicturesOfWhatWentWrongAreEmbeddedFirst(t *testing.T) {
	s := store{root: t.TempDir(), guard: newGuard()}
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 40))); err != nil {
		t.Fatal(err)
	}
	var scenarios []scenarioContents
	c := contents{files: s, read: func(i int) (scenarioContents, error) { return scenarios[i], nil }}
	for _, name := range []string{"right", "wrong", "right too"} {
		path := "scenarios/" + name + "/01.png"
		if err := s.write(path, b.Bytes(), false); err != nil {
			t.Fatal(err)
		}
		one := scenarioContents{pictures: []picture{{Path: path, Caption: name}}}
		one.Name, one.Dir, one.State, one.Verdict = name, "scenarios/"+name, stateFinished, verdict.Enforced
		if name == "wrong" {
			one.State = stateFailed
		}
		scenarios, c.run.Scenarios = append(scenarios, one), append(c.run.Scenarios, one.scenarioRecord)
	}
	g := newGallery(s, nil)
	defer g.close()
	size := g.album(scenarios[0].pictures, nil).size()
	for left, want := range map[int][]int{3 * size: {0, 0, 0}, 2 * size: {0, 0, 1}, size: {1, 0, 1}, size - 1: {1, 1, 1}} {
		shows := c.overview(&report{}, g, left)
		for i, one := range scenarios {
			if v := one.shown(g, shows[i]); v.Omitted != want[i] {
				t.Errorf("room for %d bytes: %s omits %d pictures, want %d", left, v.Name, v.Omitted, want[i])
			}
		}
	}
}
