package cucumber

import (
	"path"
	"reflect"
	"runtime"
	"strings"
)

// sourceOf is where a step's function is: the import path of its package and its file, so that a reference
// to it is the same on every machine, and the line. ok is false when it is no function. Where the sentence
// was registered is not told: the registration may be behind a function of its own.
func sourceOf(handler any) (uri string, line int, ok bool) {
	value := reflect.ValueOf(handler)
	if value.Kind() != reflect.Func {
		return "", 0, false
	}
	function := runtime.FuncForPC(value.Pointer()) // of the name "example.com/team/steps.isEnforced"
	folder, last := path.Split(function.Name())
	pkg, _, _ := strings.Cut(last, ".")
	file, line := function.FileLine(value.Pointer())
	return path.Join(folder+pkg, path.Base(strings.ReplaceAll(file, `\`, "/"))), line, true
}
