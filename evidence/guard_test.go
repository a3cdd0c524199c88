package evidence_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Compressed pixels look like anything by chance; a text in a picture is one.
func TestThePixelsOfAPictureAreNoText(t *testing.T) {
	looks := []byte("\x00\x01 otc=123456 \x02 eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0 \x03")
	s := begin(t, create(t), "pictures")
	if path := s.Screenshot("pixels", "pixels", pngOf("IDAT", looks)); path == "" {
		t.Error("pixels that look like a code were refused")
	}
	if path := s.Screenshot("text", "text", pngOf("tEXt", looks)); path != "" {
		t.Errorf("a text in a picture was kept as %s", path)
	}
	if path := s.Screenshot("cut", "cut off", pngOf("IDAT", looks)[:40]); path != "" {
		t.Errorf("what is no whole picture was kept as %s", path)
	}
	kept, err := os.ReadDir(s.Dir())
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range kept {
		if content, err := os.ReadFile(filepath.Join(s.Dir(), file.Name())); err == nil && strings.Contains(string(content), "eyJhbGci") && !strings.Contains(file.Name(), "pixels") {
			t.Errorf("%s holds a token", file.Name())
		}
	}
}
