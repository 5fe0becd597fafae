package planner

import (
	"path"
	"regexp"
	"strings"
)

// A replacement is created as OLDID_NAME and renamed when the old container
// is gone; docker compose uses the same form.
var temporaryName = regexp.MustCompile(`^[0-9a-f]{12}_`)

// isTemporary tells whether the container carries a name that a replacement
// has until it is renamed to final.
func isTemporary(name, final string) bool {
	return name != final && temporaryName.MatchString(name) && strings.HasSuffix(name, "_"+final)
}

// temporaryFor is the name of the replacement of a container until the
// container is gone.
func temporaryFor(old Container, final string) string { return shortID(old.ID) + "_" + final }

func shortID(id string) string {
	id = strings.TrimPrefix(id, "sha256:")
	if len(id) > 12 {
		return id[:12]
	}
	return id
}

func sameDir(a, b string) bool { return path.Clean(a) == path.Clean(b) }

func list(names []string) string { return strings.Join(names, ", ") }

func spaced(names []string) string { return strings.Join(names, " ") }
