package spec

import (
	"slices"
	"strings"
)

// IsSecret tells whether a field looks like a secret, by its name or by what
// its value carries. Such values are never shown unless asked for. Where it is
// in doubt it says yes: better to hide a value too many than to show a secret.
func IsSecret(path, value string) bool {
	if value == empty {
		value = ""
	}
	return slices.Contains(hookKeys(), path) || isSecretName(chosenName(path), value) || carriesSecret(value)
}

// chosenName is the part of a path that users choose freely; empty where the
// Compose Spec names all of it.
func chosenName(path string) string {
	for _, prefix := range []string{"environment.", "labels.", "annotations.", "logging.options.", "build.args."} {
		if name, ok := strings.CutPrefix(path, prefix); ok {
			return name
		}
	}
	if _, name, ok := strings.Cut(path, ".driver_opts."); ok {
		return name
	}
	return ""
}
