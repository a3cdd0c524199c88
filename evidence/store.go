package evidence

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// store writes files below one folder, each through the guard, each whole or not at all.
type store struct {
	root  string
	guard *guard
}

// write puts content at path (relative, slashes). It refuses a path that is there already,
// unless replace is set.
func (s store) write(path string, content []byte, replace bool) error {
	if err := s.guard.check(content); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return s.put(path, content, replace)
}

// put writes what was checked already, piece by piece, when it came.
func (s store) put(path string, content []byte, replace bool) error {
	full := filepath.Join(s.root, filepath.FromSlash(path))
	if _, err := os.Lstat(full); err == nil && !replace {
		return fmt.Errorf("write %s: %w", path, fs.ErrExist)
	}
	if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
		return fmt.Errorf("make folder of %s: %w", path, err)
	}
	if err := writeWhole(full, content); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// putPieces puts what pieces writes, in the place of what is there.
func (s store) putPieces(path string, pieces func(write func([]byte) error) error) error {
	err := writeWholeBy(filepath.Join(s.root, filepath.FromSlash(path)), func(w io.Writer) error {
		buffered := bufio.NewWriter(w)
		err := pieces(func(piece []byte) error {
			_, err := buffered.Write(piece)
			return err
		})
		return errors.Join(err, buffered.Flush())
	})
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

func writeWhole(full string, content []byte) error {
	return writeWholeBy(full, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// writeWholeBy writes beside the target, flushes and renames, so that a crash leaves the old
// file or the new one.
func writeWholeBy(full string, write func(io.Writer) error) error {
	temporary, err := os.CreateTemp(filepath.Dir(full), ".writing-*") // mode 0600
	if err != nil {
		return err
	}
	if err = write(temporary); err == nil {
		err = temporary.Sync()
	}
	err = errors.Join(err, temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), full)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary.Name()))
	}
	return nil
}

func (s store) writeJSON(path string, value any, replace bool) error {
	content, err := encodeIndented(value)
	if err != nil {
		return fmt.Errorf("encode %s: %w", path, err)
	}
	return s.write(path, content, replace)
}

// encodeIndented is how every JSON document of a bundle is written.
func encodeIndented(value any) ([]byte, error) {
	content, err := json.MarshalIndent(value, "", "  ")
	return append(content, '\n'), err
}

func (s store) read(path string) ([]byte, error) {
	return os.ReadFile(filepath.Join(s.root, filepath.FromSlash(path)))
}
