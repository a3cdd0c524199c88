package browser

import (
	"slices"
	"strings"
)

// inherited are the variables of this process that the browser gets. It runs the scripts of pages,
// so it gets none that could hold a credential: the passwords of a tenant file come from variables.
var inherited = []string{
	"PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "LD_LIBRARY_PATH",
	"DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "FONTCONFIG_FILE", "FONTCONFIG_PATH",
}

// inheritedFamilies are the beginnings of such variables.
var inheritedFamilies = []string{"LC_", "XDG_"}

// environment is what of an environment the browser gets.
func environment(all []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return !slices.Contains(inherited, name) &&
			!slices.ContainsFunc(inheritedFamilies, func(family string) bool { return strings.HasPrefix(name, family) })
	})
}
