//go:build unix

package browser

import (
	"io"
	"os/exec"
	"strconv"
	"syscall"
)

// watch is what the watcher of a browser does: it reads until we are gone, ends the browser's process group
// and removes the profile, once nobody is left who could write it anew. A group that it was told has ended
// could be somebody else's by then.
const watch = `alive=yes
while read -r told; do alive=; done
if [ "$alive" ]; then
	kill -s KILL -- "-$1"
	for try in 1 2 3 4 5 6 7 8 9 10; do kill -s 0 -- "-$1" || break; sleep 1; done
fi
for try in 1 2 3 4 5; do rm -rf -- "$2" && break; sleep 1; done`

// watcher removes what a browser leaves when we cannot: killed, out of memory, or gone down by a defect. It
// holds no secret. A nil watcher does nothing.
type watcher struct {
	command *exec.Cmd
	life    io.WriteCloser // ends with us
}

// startWatcher watches over the browser with that process group and profile folder. It is nil on a system
// without a shell, where a crash leaves the profile.
func startWatcher(group int, folder string) *watcher {
	shell, err := exec.LookPath("sh")
	if err != nil {
		return nil
	}
	w := &watcher{command: exec.Command(shell, "-c", watch, "sh", strconv.Itoa(group), folder)}
	w.command.Env = []string{"PATH=/usr/bin:/bin"}
	// A signal for our process group, or a Ctrl-C, must not end it before its time.
	w.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if w.life, err = w.command.StdinPipe(); err != nil {
		return nil
	}
	if err := w.command.Start(); err != nil {
		_ = w.life.Close()
		return nil
	}
	return w
}

// ended tells the watcher that the browser has ended by itself.
func (w *watcher) ended() {
	if w != nil {
		_, _ = io.WriteString(w.life, "ended\n") // a watcher that is gone needs to know nothing
	}
}

// stop ends the watcher, once there is nothing left to watch over.
func (w *watcher) stop() {
	if w == nil {
		return
	}
	_ = w.command.Process.Kill()
	_ = w.command.Wait()
	_ = w.life.Close()
}
