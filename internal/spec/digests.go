package spec

import (
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"slices"
	"strings"
)

// digestLength is the length of a field's digest: 24 bits, four characters.
// Digests are only compared for the same path of the same service after its
// hash was found to differ, so a collision costs one line of explanation.
const digestLength = 4

// Digests maps each field to a short digest of its value. The values of fields
// are in the container's inspect anyway; contents of secrets and configs are
// no fields.
func Digests(f Fields) map[string]string {
	digests := make(map[string]string, len(f))
	for path, value := range f {
		sum := sha256.Sum256([]byte(value))
		digests[path] = base64.RawURLEncoding.EncodeToString(sum[:])[:digestLength]
	}
	return digests
}

// DiffDigests lists the paths that differ, in order.
func DiffDigests(before, after map[string]string) []string {
	return slices.DeleteFunc(union(before, after), func(path string) bool { return before[path] == after[path] })
}

// EncodeDigests writes digests as the value of the label gocompose.fields:
// PATH=DIGEST, joined by newlines, in path order. A newline in a path, which
// only a label's name could have, becomes a space.
func EncodeDigests(digests map[string]string) string {
	var out strings.Builder
	for i, path := range slices.Sorted(maps.Keys(digests)) {
		if i > 0 {
			out.WriteByte('\n')
		}
		out.WriteString(strings.ReplaceAll(path, "\n", " ") + "=" + digests[path])
	}
	return out.String()
}

// ParseDigests reads the label; nil where there is none. Lines that it does
// not understand are passed over: a field then counts as changed.
func ParseDigests(label string) map[string]string {
	if label == "" {
		return nil
	}
	digests := map[string]string{}
	for line := range strings.Lines(label) {
		line = strings.TrimSuffix(line, "\n")
		if i := strings.LastIndexByte(line, '='); i > 0 {
			digests[line[:i]] = line[i+1:]
		}
	}
	return digests
}
