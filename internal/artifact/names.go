package artifact

import (
	"path/filepath"
	"strings"

	"github.com/opencontainers/go-digest"
)

// checkName refuses a name that is not plainly that of a file in one directory,
// on every system: whoever reads an artifact does not choose where it was made.
func checkName(name string) error {
	if name == "" {
		return refuse("a file without a name")
	}
	if len(name) > maxName {
		return refuse("a file with a name of %d bytes, more than %d", len(name), maxName)
	}
	for _, c := range name {
		// Letters beyond ASCII have several spellings that some file systems
		// take for one another.
		if c <= ' ' || c > '~' || strings.ContainsRune(`/\:*?"<>|`, c) {
			return refuse("a file named %q", name)
		}
	}
	if strings.HasSuffix(name, ".") || isDevice(name) || !filepath.IsLocal(name) {
		return refuse("a file named %q", name)
	}
	return nil
}

// isDevice tells of names that Windows keeps for devices, whatever follows a dot.
func isDevice(name string) bool {
	stem, _, _ := strings.Cut(strings.ToUpper(name), ".")
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$":
		return true
	}
	number, ok := strings.CutPrefix(stem, "COM")
	if !ok {
		number, ok = strings.CutPrefix(stem, "LPT")
	}
	return ok && len(number) == 1 && number[0] >= '0' && number[0] <= '9'
}

// names are those of the files so far, in small letters, with what they hold.
type names map[string]taken

type taken struct {
	name   string
	digest digest.Digest
}

// take refuses a name that another file has, also on a file system that does
// not tell small letters from capitals. A file may come twice as it is.
func (n names) take(layer Layer) error {
	folded := strings.ToLower(layer.name)
	if folded == MainFile {
		return refuse("a file named %q would stand for the Compose file", layer.name)
	}
	if first, ok := n[folded]; ok && first != (taken{layer.name, layer.Digest}) {
		return refuse("files named %q and %q", first.name, layer.name)
	}
	n[folded] = taken{layer.name, layer.Digest}
	return nil
}
