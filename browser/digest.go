package browser

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"sync"
)

// digests are those of programs that this process has read, for as long as their files stay as they are. A
// browser's program is hundreds of megabytes: a process that proves tenant after tenant, or starts a browser
// again, would read it each time.
var digests struct {
	mu    sync.Mutex
	known map[programFile]string
}

// programFile is a file by what changes with its content.
type programFile struct {
	path           string
	size, modified int64
}

// digest is the SHA-256 of a program file in hexadecimal.
func digest(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("digest browser: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", fmt.Errorf("digest browser: %w", err)
	}
	key := programFile{path, info.Size(), info.ModTime().UnixNano()}
	digests.mu.Lock()
	defer digests.mu.Unlock()
	if known := digests.known[key]; known != "" {
		return known, nil
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", fmt.Errorf("digest browser: %w", err)
	}
	if digests.known == nil {
		digests.known = map[programFile]string{}
	}
	digests.known[key] = hex.EncodeToString(hash.Sum(nil))
	return digests.known[key], nil
}
