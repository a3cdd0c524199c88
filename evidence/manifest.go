package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// File is one line of a manifest.
type File struct {
	Path   string `json:"path"`   // relative to the bundle's folder, with slashes
	Size   int64  `json:"size"`   // bytes
	SHA256 string `json:"sha256"` // of its content, in hexadecimal
}

// Manifest names every file of a bundle but itself and the signed files that name it, sorted by path.
type Manifest struct {
	Schema string `json:"schema"` // reprompt/manifest/v1
	Files  []File `json:"files"`
}

const manifestSchema = "reprompt/manifest/v1"

// The files of a bundle that are not made by a writer.
const (
	manifestName      = "manifest.json"
	signerName        = "signer.pem"
	statementName     = "statement.dsse.json"
	svrName           = "svr.dsse.json"
	timestampName     = "timestamp.tsr"
	observationName   = "observation.json"
	verdictName       = "verdict.json"
	eventsName        = "events.ndjson"
	configurationName = "configuration-after.json"
)

// outside are the files at the top of a bundle that its manifest does not name, because they name the
// manifest.
var outside = []string{manifestName, svrName, statementName, timestampName}

// list reads the folder as it is now, without what stands outside the manifest.
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
		if slices.Contains(outside, path) {
			return nil
		}
		file, err := fileOf(full, path)
		files = append(files, file)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the evidence: %w", err)
	}
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return files, nil
}

// fileOf measures a file without holding it.
func fileOf(full, path string) (File, error) {
	opened, err := os.Open(full)
	if err != nil {
		return File{}, err
	}
	defer opened.Close()
	sum := sha256.New()
	size, err := io.Copy(sum, opened)
	return File{Path: path, Size: size, SHA256: hex.EncodeToString(sum.Sum(nil))}, err
}
