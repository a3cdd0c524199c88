package evidence_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/evidence"
)

// copied is a bundle of the newest version that a test may damage.
func copied(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "bundle")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(released, newest))); err != nil {
		t.Fatal(err)
	}
	return dir
}

// filesOf are the files of a bundle, with slashes.
func filesOf(t testing.TB, dir string) []string {
	t.Helper()
	var files []string
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestOneChangedByteIsFoundWhereverItIs(t *testing.T) {
	dir := copied(t)
	for _, name := range filesOf(t, dir) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		good, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		step := max(1, len(good)/15)
		for at := 0; at < len(good)+step; at += step {
			at := min(at, len(good)-1) // the last byte, too
			bad := append([]byte{}, good...)
			bad[at] ^= 0x01
			if err := os.WriteFile(path, bad, 0o600); err != nil {
				t.Fatal(err)
			}
			v := verified(t, dir, evidence.VerifyOptions{})
			if v.Outcome != evidence.NotVerified {
				t.Errorf("%s: byte %d was changed, and it comes to %s", name, at, v.Outcome)
			}
			named := false
			for _, p := range v.Problems {
				named = named || p.Path == name
			}
			if !named {
				t.Errorf("%s: byte %d was changed, and what is named is %v", name, at, v.Problems)
			}
		}
		if err := os.WriteFile(path, good, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if v := verified(t, dir, evidence.VerifyOptions{}); v.Outcome != evidence.Verified {
		t.Errorf("put back as it was, it comes to %s: %v", v.Outcome, v.Problems)
	}
}

func TestARemovedFileIsFoundWhicheverItIs(t *testing.T) {
	for _, name := range filesOf(t, filepath.Join(released, newest)) {
		dir := copied(t)
		if err := os.Remove(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			t.Fatal(err)
		}
		v := verified(t, dir, evidence.VerifyOptions{})
		named := false
		for _, p := range v.Problems {
			named = named || p.Path == name
		}
		if v.Outcome != evidence.NotVerified || !named {
			t.Errorf("%s was removed, and it comes to %s: %v", name, v.Outcome, v.Problems)
		}
	}
}

// hostile puts into a bundle what no run writes.
func TestAHostileBundleIsReadSafely(t *testing.T) {
	outsider := filepath.Join(t.TempDir(), "outside")
	if err := os.WriteFile(outsider, []byte("not of the bundle"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		damage func(dir string) error
		code   string
	}{
		"a link to a file outside": {func(dir string) error { return os.Symlink(outsider, filepath.Join(dir, "scenarios", "link")) }, evidence.NotAFile},
		"a link in place of a file": {func(dir string) error {
			return swapForLink(filepath.Join(dir, "run.json"))
		}, evidence.NotReadable},
		"a folder that is a link": {func(dir string) error { return os.Symlink(filepath.Dir(outsider), filepath.Join(dir, "parts")) }, evidence.NotAFile},
		"a path that leaves the bundle": {func(dir string) error {
			return replaceIn(filepath.Join(dir, "manifest.json"), `"report.html"`, `"../../../etc/passwd"`)
		}, evidence.OfAnotherForm},
		"a file that is endless": {func(dir string) error { return os.Truncate(filepath.Join(dir, "run.json"), 1<<40) }, evidence.NotReadable},
		"a picture that is endless": {func(dir string) error {
			return os.Truncate(filepath.Join(dir, "report.html"), 1<<40)
		}, evidence.FileChanged},
		"an endless envelope": {func(dir string) error { return os.Truncate(filepath.Join(dir, "statement.dsse.json"), 1<<40) }, evidence.NotReadable},
		"folders without end": {func(dir string) error {
			return os.MkdirAll(filepath.Join(dir, strings.Repeat("d/", 100)), 0o700)
		}, evidence.NotReadable},
		"a folder that holds nothing": {func(dir string) error {
			return os.Mkdir(filepath.Join(dir, "scenarios", "more"), 0o700)
		}, evidence.FileAdded},
		"an envelope with other spaces": {func(dir string) error {
			return indentJSON(filepath.Join(dir, "statement.dsse.json"))
		}, evidence.EnvelopeRewritten},
		"the property's envelope with other spaces": {func(dir string) error {
			return indentJSON(filepath.Join(dir, "svr.dsse.json"))
		}, evidence.EnvelopeRewritten},
		"a size that is not of this world": {func(dir string) error {
			return replaceIn(filepath.Join(dir, "manifest.json"), `"size": `, `"size": 9`)
		}, evidence.FileChanged},
		"numbers without end": {func(dir string) error {
			return replaceIn(filepath.Join(dir, "run.json"), `"rules": `, `"more": [`+strings.Repeat("1e1000000,", 100_000)+`1], "rules": `)
		}, evidence.OfAnotherForm},
		"documents nested without end": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "run.json"), []byte(strings.Repeat("[", 1<<20)), 0o600)
		}, evidence.OfAnotherForm},
	} {
		t.Run(name, func(t *testing.T) {
			dir := copied(t)
			if err := row.damage(dir); err != nil {
				t.Fatal(err)
			}
			v := verified(t, dir, evidence.VerifyOptions{})
			found := false
			for _, p := range v.Problems {
				found = found || p.Code == row.code
				if p.Code == evidence.SignatureMissing {
					t.Errorf("no signature was taken away: %s", p)
				}
			}
			if !found || v.Outcome != evidence.NotVerified {
				t.Errorf("it comes to %s: %v", v.Outcome, v.Problems)
			}
		})
	}
}

func indentJSON(path string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, content, "", "  "); err != nil {
		return err
	}
	return os.WriteFile(path, indented.Bytes(), 0o600)
}

func swapForLink(path string) error {
	if err := os.Rename(path, path+".real"); err != nil {
		return err
	}
	return os.Symlink(path+".real", path)
}

func replaceIn(path, old, with string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !strings.Contains(string(content), old) {
		return fmt.Errorf("%s does not hold %s: nothing would be damaged", path, old)
	}
	return os.WriteFile(path, []byte(strings.Replace(string(content), old, with, 1)), 0o600)
}

func TestATextOutOfABundleCannotWriteToTheTerminal(t *testing.T) {
	dir := copied(t)
	if err := os.WriteFile(filepath.Join(dir, "\x1b[2J\u202Eevil\n0 problems"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var printed strings.Builder
	if err := verified(t, dir, evidence.VerifyOptions{}).Write(&printed, false); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(printed.String(), "\x1b\u202E") || strings.Contains(printed.String(), "\n0 problems") {
		t.Errorf("it prints %q", printed.String())
	}
}

func TestAFolderThatIsNoBundleIsNoTamperedOne(t *testing.T) {
	if _, err := evidence.Verify(t.TempDir(), evidence.VerifyOptions{}); err == nil || !strings.Contains(err.Error(), "holds no bundle") {
		t.Errorf("an empty folder: %v", err)
	}
	if _, err := evidence.Verify(filepath.Join(t.TempDir(), "nothing"), evidence.VerifyOptions{}); err == nil {
		t.Error("no folder: no error")
	}
}
