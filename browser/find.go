package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// Installation is a browser on this machine.
type Installation struct {
	// Path of the program itself, not of a wrapper script.
	Path string
	// Name for people, for example "Chromium headless shell".
	Name string
	// Shell is true for the headless shell, which starts faster, needs half the memory and
	// cannot show a window.
	Shell bool
}

// Version asks the program for its version, for example "Chromium 156.0.8078.79". It starts
// the program; a running Browser knows its version for nothing.
func (i Installation) Version(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, i.Path, "--version").Output()
	if err != nil {
		return "", fmt.Errorf("ask %s for its version: %w", i.Path, err)
	}
	return strings.TrimSpace(string(out)), nil
}

// NotFoundError says that no browser was found and how to get one.
type NotFoundError struct {
	// Explicit is the path that was asked for; empty when all known places were searched.
	Explicit string
	// Install is the exact command for this system.
	Install string
}

// Error implements error.
func (e *NotFoundError) Error() string {
	if e.Explicit != "" {
		return fmt.Sprintf("find browser: %s is no program; leave the path out to search, or install one: %s", e.Explicit, e.Install)
	}
	return "find browser: none is installed: " + e.Install
}

// candidate is a place where a browser may be.
type candidate struct {
	path  string
	name  string
	shell bool
}

// candidates in the order of preference. Debian's /usr/bin/chromium is a wrapper script that
// adds flags and prints to standard error, therefore the program behind it comes first.
var candidates = []candidate{
	{"/usr/lib/chromium/chromium-headless-shell", "Chromium headless shell", true},
	{"chromium-headless-shell", "Chromium headless shell", true},
	{"chrome-headless-shell", "Chrome headless shell", true},
	{"headless_shell", "Chromium headless shell", true},
	{"/usr/lib/chromium/chromium", "Chromium", false},
	{"chromium", "Chromium", false},
	{"chromium-browser", "Chromium", false},
	{"google-chrome", "Google Chrome", false},
	{"google-chrome-stable", "Google Chrome", false},
	{"microsoft-edge", "Microsoft Edge", false},
	{"microsoft-edge-stable", "Microsoft Edge", false},
	{"/Applications/Chromium.app/Contents/MacOS/Chromium", "Chromium", false},
	{"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "Google Chrome", false},
	{"/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge", "Microsoft Edge", false},
}

// Find returns the browser at the explicit path or name, or, when that is empty, the first of
// the known ones: a headless shell where there is one, else Chromium, Chrome, Edge. The error
// is a *NotFoundError.
func Find(explicit string) (Installation, error) {
	return find(explicit, func(candidate) bool { return true })
}

// FindHeaded is Find for a browser that can show a window.
func FindHeaded(explicit string) (Installation, error) {
	return find(explicit, func(c candidate) bool { return !c.shell })
}

func find(explicit string, wanted func(candidate) bool) (Installation, error) {
	if explicit != "" {
		path, err := exec.LookPath(explicit)
		if err != nil {
			return Installation{}, &NotFoundError{Explicit: explicit, Install: installCommand()}
		}
		return describe(path), nil
	}
	for _, c := range candidates {
		if !wanted(c) {
			continue
		}
		if path, err := exec.LookPath(c.path); err == nil {
			return Installation{Path: behindWrapper(path), Name: c.name, Shell: c.shell}, nil
		}
	}
	return Installation{}, &NotFoundError{Install: installCommand()}
}

// describe names a program that was given by path.
func describe(path string) Installation {
	path = behindWrapper(path)
	base := filepath.Base(path)
	for _, c := range candidates {
		if filepath.Base(c.path) == base {
			return Installation{Path: path, Name: c.name, Shell: c.shell}
		}
	}
	return Installation{Path: path, Name: base, Shell: strings.Contains(base, "headless")}
}

// behindWrapper returns the program that Debian's wrapper script of the same name starts.
func behindWrapper(path string) string {
	if !isScript(path) {
		return path
	}
	program := filepath.Join("/usr/lib/chromium", filepath.Base(path))
	if info, err := os.Stat(program); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
		return program
	}
	return path
}

func isScript(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	start := make([]byte, 2)
	n, _ := file.Read(start)
	return string(start[:n]) == "#!"
}

// installCommands by the ID (or ID_LIKE) of os-release.
var installCommands = map[string]string{
	"debian": "apt-get install --no-install-recommends chromium-headless-shell",
	"ubuntu": "snap install chromium",
	"fedora": "dnf install chromium-headless",
	"rhel":   "dnf install epel-release && dnf install chromium-headless",
	"arch":   "pacman -S chromium",
	"alpine": "apk add chromium",
	"suse":   "zypper install chromium",
}

// installCommand is the command that installs a browser on this system.
func installCommand() string {
	if runtime.GOOS == "darwin" {
		return "brew install --cask chromium"
	}
	release, err := os.ReadFile("/etc/os-release")
	if err != nil {
		return "install Chromium, Chrome or Edge and give its path with --browser"
	}
	return installCommandFor(string(release))
}

func installCommandFor(release string) string {
	values := map[string]string{}
	for line := range strings.Lines(release) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			values[key] = strings.Trim(value, `"'`)
		}
	}
	for _, id := range strings.Fields(values["ID"] + " " + values["ID_LIKE"]) {
		if command, ok := installCommands[id]; ok {
			return command
		}
	}
	return "install Chromium, Chrome or Edge and give its path with --browser"
}
