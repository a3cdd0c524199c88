package suite

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// sourcesFrom reads the features that the paths name: a file, a folder and everything below
// it, or FILE:LINE for the scenario (or the row of examples) that the line stands in. Without a path
// it reads all features of fsys. A path that holds no feature is an error: a slip of the
// pen must not make a green run.
func sourcesFrom(fsys fs.FS, paths []string) ([]source, error) {
	if len(paths) == 0 {
		return walk(fsys, ".", "")
	}
	var all []source
	for _, p := range paths {
		found, err := sourcesAt(p)
		if err != nil {
			return nil, err
		}
		for _, src := range found {
			all = merge(all, src)
		}
	}
	return all, nil
}

// merge adds a source; one that is there already only gains the lines.
func merge(all []source, src source) []source {
	i := slices.IndexFunc(all, func(s source) bool { return s.name == src.name })
	switch {
	case i < 0:
		return append(all, src)
	case len(all[i].lines) == 0 || len(src.lines) == 0:
		all[i].lines = nil
	default:
		all[i].lines = append(all[i].lines, src.lines...)
	}
	return all
}

func sourcesAt(p string) ([]source, error) {
	name, line := splitLine(p)
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read features: %s does not exist; name a .feature file, a folder, or FILE:LINE", p)
	}
	if err != nil {
		return nil, fmt.Errorf("read features: %w", err)
	}
	if info.IsDir() {
		found, err := walk(os.DirFS(name), ".", name)
		if err == nil && len(found) == 0 {
			err = fmt.Errorf("read features: no .feature file in %s", p)
		}
		return found, err
	}
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read features: %w", err)
	}
	src := source{name: filepath.ToSlash(filepath.Clean(name)), content: content}
	if line > 0 {
		src.lines = []int{line}
	}
	return []source{src}, nil
}

// splitLine takes the line off FILE:LINE; 0 means that none was given.
func splitLine(p string) (name string, line int) {
	i := strings.LastIndexByte(p, ':')
	if i < 0 {
		return p, 0
	}
	n, err := strconv.Atoi(p[i+1:])
	if err != nil || n < 1 {
		return p, 0
	}
	return p[:i], n
}

func walk(fsys fs.FS, root, prefix string) ([]source, error) {
	var found []source
	err := fs.WalkDir(fsys, root, func(p string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && p != root && !holdsFeatures(fsys, p) {
			return fs.SkipDir
		}
		if err != nil || entry.IsDir() || path.Ext(p) != ".feature" {
			return err
		}
		content, err := fs.ReadFile(fsys, p)
		if err != nil {
			return err
		}
		found = append(found, source{name: path.Join(filepath.ToSlash(prefix), p), content: content})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read features: %w", err)
	}
	return found, nil
}

// holdsFeatures is false of a folder below the one that was named in which nobody writes features: what
// tools keep (a name with a dot before it, packages of Node.js), and what runs left behind. A bundle holds
// copies of the features that ran, and would have each run once more for each run before it.
func holdsFeatures(fsys fs.FS, dir string) bool {
	name := path.Base(dir)
	if strings.HasPrefix(name, ".") || name == "node_modules" {
		return false
	}
	record, err := fs.ReadFile(fsys, path.Join(dir, "run.json"))
	return err != nil || !bytes.Contains(record, []byte(`"reprompt/bundle/`))
}
