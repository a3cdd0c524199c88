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
	"sync"
)

// store writes files below one folder, each through the guard, each whole or not at all. What it writes is on the
// disk, and outlives a machine that loses its power, once flush has returned; what a process wrote that was
// killed needs none.
type store struct {
	root  string
	guard *guard
	sync  func(*os.File) error // nil means (*os.File).Sync
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

// writeWholeBy writes beside the target and renames, so that a process that ends leaves the old file or the new
// one.
func writeWholeBy(full string, write func(io.Writer) error) error {
	temporary, err := os.CreateTemp(filepath.Dir(full), ".writing-*") // mode 0600
	if err != nil {
		return err
	}
	err = errors.Join(write(temporary), temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), full)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary.Name()))
	}
	return nil
}

// flushers is how many files are flushed at a time. Those that wait together share one commit of the file
// system's journal.
const flushers = 8

// flush returns once the files are on the disk. The error names each that is not, for example where the disk is
// full.
func (s store) flush(files ...File) error {
	var all sync.WaitGroup
	turns, failed := make(chan struct{}, flushers), make([]error, len(files))
	for i, file := range files {
		turns <- struct{}{}
		all.Go(func() {
			failed[i] = s.flushOne(file.Path)
			<-turns
		})
	}
	all.Wait()
	return errors.Join(failed...)
}

// flushOne opens for writing, without which Windows flushes nothing.
func (s store) flushOne(path string) error {
	file, err := os.OpenFile(filepath.Join(s.root, filepath.FromSlash(path)), os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("flush %s: %w", path, err)
	}
	toDisk := s.sync
	if toDisk == nil {
		toDisk = (*os.File).Sync
	}
	if err := errors.Join(toDisk(file), file.Close()); err != nil {
		return fmt.Errorf("flush %s: %w", path, err)
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
