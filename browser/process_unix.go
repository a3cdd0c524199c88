//go:build unix

package browser

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/chromedp/chromedp"
)

// quitPatience is how long a browser may take to end by itself before it is killed.
const quitPatience = 5 * time.Second

// maxOutput is how much of the end of a browser's own output is kept for an error.
const maxOutput = 4 << 10

// maxTempDir is how long the path of the folder for temporary files may be: Chromium makes a
// socket of 45 more characters below it and ends when that is over the system's limit of 107.
const maxTempDir = 60

// process is a browser process with its children, its profile folder and its pipe.
type process struct {
	command *exec.Cmd
	folder  string
	pipe    *chromedp.PipeConn
	stdout  *os.File
	output  tail
	exited  chan struct{}
	watcher *watcher
	// silent is closed once nobody holds the output of the browser any more, that is, once
	// every child process is gone too.
	silent chan struct{}
}

// pid is the process id of the browser, and the id of its group.
func (p *process) pid() int { return p.command.Process.Pid }

// startProcess starts the program with the pipe at its file descriptors 3 and 4. The profile
// and everything else temporary goes into one new folder below tempDir.
//
// The process gets a process group of its own: a Ctrl-C in the terminal would otherwise end
// the browser before we could use it to put things back.
func startProcess(path string, flags []string, tempDir string) (_ *process, err error) {
	folder, err := os.MkdirTemp(tempDir, "reprompt-browser-")
	if err != nil {
		return nil, fmt.Errorf("make profile folder: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(folder)
		}
	}()
	ends, err := openPipes()
	if err != nil {
		return nil, err
	}
	defer ends.closeChild()
	p := &process{folder: folder, stdout: ends.output, exited: make(chan struct{}), silent: make(chan struct{})}
	p.command = exec.Command(path, append(flags, "--user-data-dir="+folder, "--remote-debugging-pipe", "about:blank")...)
	p.command.Env = environment(os.Environ())
	if len(folder) <= maxTempDir {
		p.command.Env = append(p.command.Env, "TMPDIR="+folder)
	}
	p.command.ExtraFiles = []*os.File{ends.childRead, ends.childWrite}
	p.command.Stdout, p.command.Stderr = ends.childOutput, ends.childOutput
	p.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.command.Start(); err != nil {
		ends.closeParent()
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	p.pipe = chromedp.NewPipeConn(ends.read, ends.write)
	p.watcher = startWatcher(p.pid(), folder)
	go func() {
		_ = p.command.Wait()
		p.watcher.ended()
		close(p.exited)
	}()
	go func() {
		p.output.copy(p.stdout)
		close(p.silent)
	}()
	return p, nil
}

// stop waits for a browser that was told to end, kills what is left of it and removes its
// folder. It leaves no process, no goroutine and no file behind.
func (p *process) stop() error {
	timer := time.AfterFunc(quitPatience, func() {
		p.kill()
		_ = p.stdout.Close() // a process that left the group could hold it open for ever
	})
	<-p.exited
	p.kill() // children that outlived it
	<-p.silent
	timer.Stop()
	defer p.watcher.stop()
	if err := os.RemoveAll(p.folder); err != nil {
		return fmt.Errorf("remove profile folder: %w", err)
	}
	return nil
}

// kill ends the whole process group. That there is none left is fine.
func (p *process) kill() { _ = syscall.Kill(-p.command.Process.Pid, syscall.SIGKILL) }

// pipes are the ends of the three pipes between us and the browser.
type pipes struct {
	read, write, output                *os.File
	childRead, childWrite, childOutput *os.File
}

func openPipes() (*pipes, error) {
	p := new(pipes)
	var errs [3]error
	p.childRead, p.write, errs[0] = os.Pipe()
	p.read, p.childWrite, errs[1] = os.Pipe()
	p.output, p.childOutput, errs[2] = os.Pipe()
	if err := errors.Join(errs[:]...); err != nil {
		p.closeChild()
		p.closeParent()
		return nil, fmt.Errorf("open pipes to the browser: %w", err)
	}
	return p, nil
}

func (p *pipes) closeChild()  { closeFiles(p.childRead, p.childWrite, p.childOutput) }
func (p *pipes) closeParent() { closeFiles(p.read, p.write, p.output) }

func closeFiles(files ...*os.File) {
	for _, file := range files {
		if file != nil {
			_ = file.Close()
		}
	}
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) copy(from *os.File) {
	defer from.Close()
	buffer := make([]byte, 4<<10)
	for {
		n, err := from.Read(buffer)
		t.mu.Lock()
		t.text = append(t.text, buffer[:n]...)
		t.text = t.text[max(0, len(t.text)-maxOutput):]
		t.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}
