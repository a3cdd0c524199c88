package evidence

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// Bounds on what is read of a bundle that somebody else made. A run of 1,000 scenarios with ten
// pictures each has 13,000 files, and a run.json of 2 MiB.
const (
	mostFiles       = 500_000
	largestDocument = 16 << 20 // of JSON
	largestEnvelope = 256 << 20
	largestLine     = 256 << 10 // of events.ndjson
	deepest         = 32        // folders below the top
	mostParts       = 8         // bundles inside one another
)

// folder reads a bundle that nobody vouches for. Nothing outside its top is ever read (os.Root), no
// link is followed, nothing but regular files is opened, and nothing is read that is larger than it
// may be.
type folder struct {
	root *os.Root
	// dir is where in root the bundle lies: "." or the folder of a part.
	dir string
}

// openFolder opens the top. Close it.
func openFolder(dir string) (folder, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return folder{}, err
	}
	if !info.IsDir() {
		return folder{}, fmt.Errorf("%s is no folder", printable(dir))
	}
	root, err := os.OpenRoot(dir)
	return folder{root, "."}, err
}

func (f folder) Close() error { return f.root.Close() }

// at is the folder of a bundle inside this one.
func (f folder) at(dir string) folder { return folder{f.root, path.Join(f.dir, dir)} }

// notRegularError is something in a bundle that is no file.
type notRegularError struct{ mode fs.FileMode }

func (e *notRegularError) Error() string {
	if e.mode&fs.ModeSymlink != 0 {
		return "it is a link, which a bundle never holds"
	}
	return "it is no regular file"
}

// open opens a regular file of at most most bytes. What is opened is what was looked at: a link or a
// pipe put there in between is noticed.
func (f folder) open(name string, most int64) (*os.File, fs.FileInfo, error) {
	if !fs.ValidPath(name) {
		return nil, nil, errors.New("it is no path inside a bundle")
	}
	full := path.Join(f.dir, name)
	before, err := f.root.Lstat(full)
	switch {
	case err != nil:
		return nil, nil, errors.Unwrap(err)
	case !before.Mode().IsRegular():
		return nil, nil, &notRegularError{before.Mode()}
	case before.Size() > most:
		return nil, nil, fmt.Errorf("it has %d bytes, more than the %d that it may have", before.Size(), most)
	}
	opened, err := f.root.Open(full)
	if err != nil {
		return nil, nil, errors.Unwrap(err)
	}
	now, err := opened.Stat()
	if err != nil || !os.SameFile(before, now) {
		return nil, nil, errors.Join(err, errors.New("it was replaced while it was opened"), opened.Close())
	}
	return opened, now, nil
}

// read reads a whole file of at most most bytes.
func (f folder) read(name string, most int64) ([]byte, error) {
	opened, info, err := f.open(name, most)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	content := bytes.NewBuffer(make([]byte, 0, info.Size()+bytes.MinRead))
	_, err = content.ReadFrom(io.LimitReader(opened, most+1))
	if err == nil && int64(content.Len()) > most {
		err = errors.New("it grew while it was read")
	}
	return content.Bytes(), err
}

// measure is the size and digest of a file, which is never held whole.
func (f folder) measure(name string, most int64, buffer []byte) (File, error) {
	opened, _, err := f.open(name, most)
	if err != nil {
		return File{Path: name}, err
	}
	defer opened.Close()
	sum := sha256.New()
	size, err := io.CopyBuffer(struct{ io.Writer }{sum}, struct{ io.Reader }{io.LimitReader(opened, most+1)}, buffer)
	return File{Path: name, Size: size, SHA256: hex.EncodeToString(sum.Sum(nil))}, err
}

// entry is something that lies in a bundle.
type entry struct {
	path string
	mode fs.FileMode
}

// list names everything in the bundle, sorted by path; of folders only those that hold nothing, since
// the others are named by what they hold. Nothing is followed.
func (f folder) list() ([]entry, error) {
	var all []entry
	err := f.walk(".", 0, &all)
	slices.SortFunc(all, func(a, b entry) int { return strings.Compare(a.path, b.path) })
	return all, err
}

func (f folder) walk(dir string, depth int, all *[]entry) error {
	if depth > deepest {
		return fmt.Errorf("%s: folders are nested more than %d deep", printable(dir), deepest)
	}
	opened, err := f.root.Open(path.Join(f.dir, dir))
	if err != nil {
		return err
	}
	defer opened.Close()
	for found := 0; ; {
		entries, err := opened.ReadDir(1024)
		found += len(entries)
		for _, e := range entries {
			at := path.Join(dir, e.Name())
			if !e.IsDir() {
				*all = append(*all, entry{at, e.Type()})
			} else if err := f.walk(at, depth+1, all); err != nil {
				return err
			}
			if len(*all) > mostFiles {
				return fmt.Errorf("it holds more than %d files", mostFiles)
			}
		}
		if err == io.EOF {
			if found == 0 && dir != "." {
				*all = append(*all, entry{dir, fs.ModeDir})
			}
			return nil
		}
		if err != nil {
			return err
		}
	}
}
