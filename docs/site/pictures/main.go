// Command pictures takes the pictures of README and documents from a real run, so that they stay true: the
// terminal as a drawing that plays once, the report and the trace view as a browser shows them.
//
//	go run ./pictures -reprompt ../../bin/reprompt -browser /usr/bin/chromium -out ..
package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

func main() {
	program := flag.String("reprompt", "../../bin/reprompt", "the `FILE` of the program")
	browser := flag.String("browser", os.Getenv("REPROMPT_BROWSER"), "the `FILE` of a Chromium (default: the one that is found)")
	out := flag.String("out", "..", "the `DIR` to write to")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	if err := take(ctx, *program, *browser, *out); err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		os.Exit(1)
	}
}

// command is what the terminal shows; --trace is left out of what is shown, since it changes nothing there.
const command = `reprompt prove --embedded --role "Application Administrator"`

func take(ctx context.Context, program, browser, out string) error {
	if browser == "" {
		var err error
		if browser, err = findBrowser(); err != nil {
			return err
		}
	}
	program, err := filepath.Abs(program)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "pictures-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	frames, err := record(ctx, work, program, "prove", "--embedded", "--role", "Application Administrator", "--trace")
	if err != nil {
		return err
	}
	drawing := draw(command, frames)
	for _, own := range []string{work, filepath.Dir(program)} {
		if bytes.Contains(drawing, []byte(own)) {
			return fmt.Errorf("the picture of the terminal shows %s, a path of this machine", own)
		}
	}
	if err := os.WriteFile(filepath.Join(out, "terminal.svg"), drawing, 0o644); err != nil {
		return err
	}
	bundles, err := filepath.Glob(filepath.Join(work, "evidence-out", "*"))
	if err != nil || len(bundles) != 1 {
		return fmt.Errorf("the run left %d bundles, want one: %w", len(bundles), err)
	}
	return photograph(ctx, program, browser, bundles[0], out)
}

func findBrowser() (string, error) {
	for _, name := range []string{"chromium-headless-shell", "chromium", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no Chromium is found: name one with -browser")
}

// photograph takes the report and the trace view, as reprompt show serves them.
func photograph(ctx context.Context, program, browser, bundle, out string) error {
	served := exec.CommandContext(ctx, program, "show", bundle)
	stdout, err := served.StdoutPipe()
	if err != nil {
		return err
	}
	if err := served.Start(); err != nil {
		return err
	}
	defer func() { _ = served.Process.Kill(); _ = served.Wait() }()
	address := map[string]string{}
	for lines := bufio.NewScanner(stdout); len(address) < 2 && lines.Scan(); {
		if name, at, found := strings.Cut(lines.Text(), ":"); found {
			address[name] = strings.TrimSpace(at)
		}
	}
	if address["report"] == "" || address["trace"] == "" {
		return errors.New("reprompt show did not say where it serves the report and the trace")
	}
	step, err := stepUp(filepath.Join(bundle, "scenarios"))
	if err != nil {
		return err
	}
	return errors.Join(
		shoot(ctx, browser, address["report"], filepath.Join(out, "report.png"), "1280,1340"),
		shoot(ctx, browser, address["trace"]+"#"+step, filepath.Join(out, "trace.png"), "1280,1080"),
	)
}

var passwordStep = regexp.MustCompile(`"n": (\d+),\s+"step": "[^"]*",\s+"text": "step-up: password"`)

// stepUp is the deep link of the step in which the admin is asked again.
func stepUp(scenarios string) (string, error) {
	files, err := filepath.Glob(filepath.Join(scenarios, "*", "trace.json"))
	if err != nil || len(files) != 1 {
		return "", fmt.Errorf("%d traces, want one: %w", len(files), err)
	}
	content, err := os.ReadFile(files[0])
	if err != nil {
		return "", err
	}
	found := passwordStep.FindSubmatch(content)
	if found == nil {
		return "", errors.New("the trace has no step in which the admin is asked for the password again")
	}
	return filepath.Base(filepath.Dir(files[0])) + "/" + string(found[1]), nil
}

// shoot takes a picture of a page with a profile of its own.
func shoot(ctx context.Context, browser, address, file, size string) error {
	profile, err := os.MkdirTemp("", "pictures-profile-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(profile)
	file, err = filepath.Abs(file)
	if err != nil {
		return err
	}
	said, err := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--hide-scrollbars", "--user-data-dir="+profile,
		"--window-size="+size, "--virtual-time-budget=4000", "--screenshot="+file, address).CombinedOutput()
	if err != nil {
		return fmt.Errorf("take %s: %w: %s", file, err, said)
	}
	return nil
}
