package evidence

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// File is one line of a manifest.
type File struct {
	Path   string `json:"path"` // relative to the run's folder, with slashes
	Size   int    `json:"size"` // bytes
	SHA256 string `json:"sha256"`
}

// Manifest names every file of a run but itself, sorted by path.
type Manifest struct {
	Schema string `json:"schema"` // reprompt/manifest/v1
	Files  []File `json:"files"`
}

const (
	manifestName   = "manifest.json"
	manifestSchema = "reprompt/manifest/v1"
)

// list reads the folder as it is now.
func (s store) list() ([]File, error) {
	files := []File{}
	err := filepath.WalkDir(s.root, func(full string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		relative, err := filepath.Rel(s.root, full)
		if err != nil {
			return err
		}
		path := filepath.ToSlash(relative)
		if path == manifestName {
			return nil
		}
		content, err := os.ReadFile(full)
		if err != nil {
			return err
		}
		files = append(files, File{Path: path, Size: len(content), SHA256: Digest(content)})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the evidence: %w", err)
	}
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return files, nil
}

func (s store) writeManifest() error {
	files, err := s.list()
	if err != nil {
		return err
	}
	return s.writeJSON(manifestName, Manifest{Schema: manifestSchema, Files: files}, false)
}
