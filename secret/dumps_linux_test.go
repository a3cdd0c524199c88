package secret_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/reprompt/reprompt/secret"
)

// crashing is set in a process that is to end badly.
const crashing = "REPROMPT_TEST_CRASH"

// planted is in the memory of the process that crashes, and nowhere in its command line or environment.
var planted = secret.New(strings.Repeat("pl4nted-", 3) + fmt.Sprint(os.Getpid()))

// ways are those in which a program goes down with a secret in its hands.
var ways = map[string]func(){
	"a panic with a secret":         func() { panic(planted) },
	"a panic with an error of one":  func() { panic(fmt.Errorf("sign in with %v: %+v", planted, holder{text: planted})) },
	"a panic with a struct":         func() { panic(&holder{text: planted, ptr: &planted}) },
	"a panic in another goroutine":  func() { go func() { panic(fmt.Sprint(planted)) }(); select {} },
	"a nil pointer beside a secret": func() { crashWith(planted, nil) },
	"an abort":                      func() { _ = syscall.Kill(os.Getpid(), syscall.SIGABRT); select {} },
	"a dump of every goroutine":     func() { _ = syscall.Kill(os.Getpid(), syscall.SIGQUIT); select {} },
}

//go:noinline
func crashWith(text secret.Text, nowhere *int) { *nowhere = len(text.Reveal()) }

// A process that goes down shows no secret on its way and leaves no memory behind, however much is asked
// for in GOTRACEBACK and wherever the system would have put it.
func TestACrashShowsNoSecret(t *testing.T) {
	if way := os.Getenv(crashing); way != "" {
		crash(way)
	}
	for way := range ways {
		t.Run(way, func(t *testing.T) {
			dir := t.TempDir()
			command := exec.Command(os.Args[0], "-test.run=^TestACrashShowsNoSecret$")
			command.Dir = dir
			command.Env = append(os.Environ(), crashing+"="+way, "GOTRACEBACK=crash")
			printed, err := command.CombinedOutput()
			if err == nil || !strings.Contains(string(printed), "goroutine ") {
				t.Fatalf("it did not go down with a trace: %v\n%s", err, printed)
			}
			if !strings.Contains(string(printed), "guarded: core 0, dumpable 0") {
				t.Errorf("its memory could be dumped:\n%s", printed)
			}
			mustHide(t, way, strings.ReplaceAll(string(printed), "pl4nted-", plain))
			if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
				t.Errorf("it left %v", left)
			}
		})
	}
}

// crash ends this process badly, once it has said what its memory is guarded by.
func crash(way string) {
	if err := syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{Cur: 1 << 30, Max: 1 << 30}); err != nil {
		fmt.Println("core dumps could not be turned on:", err) // where the limit is lower already, it stays
	}
	if err := secret.NoDumps(); err != nil {
		fmt.Println(err)
	}
	var limit syscall.Rlimit
	_ = syscall.Getrlimit(syscall.RLIMIT_CORE, &limit)
	dumpable, _, _ := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_GET_DUMPABLE, 0, 0)
	fmt.Printf("guarded: core %d, dumpable %d\n", limit.Max, dumpable)
	ways[way]()
}
