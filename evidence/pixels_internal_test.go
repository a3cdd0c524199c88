package evidence

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"
)

// chunk is one chunk of a PNG; its checksum is not looked at.
func chunk(kind, data string) []byte {
	return slices.Concat(binary.BigEndian.AppendUint32(nil, uint32(len(data))), []byte(kind+data+"\x00\x00\x00\x00"))
}

// Only pixels are passed over: what a picture says in any other chunk, or what is no whole picture, is
// looked through like everything else.
func TestOnlyThePixelsOfAPictureArePassedOver(t *testing.T) {
	const leak = " password=Hunter2Hunter2&"
	header, end := chunk("IHDR", strings.Repeat("\x00", 13)), chunk("IEND", "")
	for name, row := range map[string]struct {
		content []byte
		refused bool
	}{
		"in the pixels":                {slices.Concat(pngSignature, header, chunk("IDAT", leak), end), false},
		"in a text beside the pixels":  {slices.Concat(pngSignature, header, chunk("IDAT", "x"), chunk("tEXt", leak), end), true},
		"in a text before the pixels":  {slices.Concat(pngSignature, header, chunk("tEXt", leak), chunk("IDAT", "x"), end), true},
		"behind the picture":           {slices.Concat(pngSignature, header, chunk("IDAT", "x"), end, []byte(leak)), true},
		"in pixels that are cut off":   {slices.Concat(pngSignature, header, chunk("IDAT", leak)[:20], []byte(leak)), true},
		"in pixels longer than a file": {slices.Concat(pngSignature, []byte("\xff\xff\xff\xffIDAT"+leak)), true},
		"in pixels without a picture":  {slices.Concat(header, chunk("IDAT", leak), end), true},
	} {
		if err := newGuard().check(row.content); (err != nil) != row.refused {
			t.Errorf("%s: refused %t, want %t: %v", name, err != nil, row.refused, err)
		}
	}
}
