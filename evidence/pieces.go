package evidence

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// pieces writes a file that is too large to be held, piece by piece. The guard sees each piece as a whole before it is
// written: what must not be kept is found where it is inside one, so a piece ends only at text of our own.
type pieces struct {
	guard *guard
	out   io.Writer
	piece bytes.Buffer
	err   error // the first, for good
}

// Write implements io.Writer. It adds to the piece.
func (p *pieces) Write(text []byte) (int, error) {
	if p.err != nil {
		return 0, p.err
	}
	return p.piece.Write(text)
}

// end ends the piece.
func (p *pieces) end() error {
	if p.err != nil {
		return p.err
	}
	if p.err = p.guard.check(p.piece.Bytes()); p.err == nil {
		_, p.err = p.out.Write(p.piece.Bytes())
	}
	p.piece.Reset()
	return p.err
}

// writePieces puts a file that is not there yet.
func (s store) writePieces(path string, write func(*pieces) error) error {
	full := filepath.Join(s.root, filepath.FromSlash(path))
	if _, err := os.Lstat(full); err == nil {
		return fmt.Errorf("write %s: %w", path, fs.ErrExist)
	}
	err := writeWholeBy(full, func(w io.Writer) error {
		p := &pieces{guard: s.guard, out: w}
		return errors.Join(write(p), p.end())
	})
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
