package cucumber

import (
	"path"
	"reflect"
	"runtime"
	"strings"
)

// packageOf is the import path of the package that a step's function is in, so that a reference to it
// is the same on every machine; empty when it is no function.
func packageOf(handler any) string {
	value := reflect.ValueOf(handler)
	if value.Kind() != reflect.Func {
		return ""
	}
	name := runtime.FuncForPC(value.Pointer()).Name() // "example.com/team/steps.isEnforced"
	folder, last := path.Split(name)
	pkg, _, _ := strings.Cut(last, ".")
	return folder + pkg
}
