//go:build windows

package browser

import (
	"errors"

	"github.com/chromedp/chromedp"
)

// process exists so that the module compiles on Windows, where no browser can be driven:
// the pipe to it needs inherited file descriptors.
type process struct {
	pipe   *chromedp.PipeConn
	output noOutput
}

type noOutput struct{}

func (noOutput) String() string { return "" }

func startProcess(string, []string, string) (*process, error) {
	return nil, errors.New("start browser: Windows is not supported; run this in WSL or in a Linux container, or name a running browser with --browser-url")
}

func (*process) stop() error { return nil }

func (*process) pid() int { return 0 }
