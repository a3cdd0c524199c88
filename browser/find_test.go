package browser

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestInstallCommandFitsTheSystem(t *testing.T) {
	const debian = "apt-get install --no-install-recommends chromium-headless-shell"
	for name, row := range map[string]struct{ release, want string }{
		"Debian":       {"PRETTY_NAME=\"Debian 12\"\nID=debian\n", debian},
		"Ubuntu":       {"ID=ubuntu\nID_LIKE=debian\n", "snap install chromium"},
		"a derivative": {"ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", "snap install chromium"},
		"Fedora":       {"ID=fedora\n", "dnf install chromium-headless"},
		"openSUSE":     {"ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\n", "zypper install chromium"},
		"unknown":      {"ID=other\n", "install Chromium, Chrome or Edge and give its path with --browser"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := installCommandFor(row.release); got != row.want {
				t.Errorf("%q, want %q", got, row.want)
			}
		})
	}
}

func TestFindExplicit(t *testing.T) {
	folder := t.TempDir()
	program := filepath.Join(folder, "chrome-headless-shell")
	if err := os.WriteFile(program, []byte("\x7fELF"), 0o700); err != nil {
		t.Fatal(err)
	}
	got, err := Find(program)
	if err != nil || got != (Installation{Path: program, Name: "Chrome headless shell", Shell: true}) {
		t.Errorf("%+v, %v", got, err)
	}
	missing := filepath.Join(folder, "none")
	_, err = Find(missing)
	var notFound *NotFoundError
	if !errors.As(err, &notFound) || notFound.Explicit != missing || notFound.Install == "" {
		t.Errorf("error %v", err)
	}
}

func TestFindNothing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := find("", func(c candidate) bool { return !filepath.IsAbs(c.path) })
	var notFound *NotFoundError
	if !errors.As(err, &notFound) || notFound.Install == "" {
		t.Errorf("error %v", err)
	}
}
