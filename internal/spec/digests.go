package spec

import (
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"slices"
	"strings"
)

// digestLength is the length of a field's digest in characters of six bits.
// Digests are only compared for the same path of the same service after its
// hash was found to differ, so a collision costs one line of explanation.
const digestLength = 6

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

// imageContentPath is the entry of the label for the content of the container's
// image, which is no field: no key of a Compose file begins so.
const imageContentPath = "@image"

// SplitImageContent parts what the label says of the image from the digests of
// fields. It is empty where the label says nothing.
func SplitImageContent(digests map[string]string) string {
	content := digests[imageContentPath]
	delete(digests, imageContentPath)
	return content
}

// EncodeDigests writes digests as the value of the label gocompose.fields:
// PATH=DIGEST, joined by spaces, in path order. What would part the entries, or
// the labels in a list of them, is written as in a URL; only the names of
// labels, variables and paths can hold it.
func EncodeDigests(digests map[string]string) string {
	escape := strings.NewReplacer("%", "%25", " ", "%20", ",", "%2C", "\n", "%0A", "\r", "%0D", "\t", "%09")
	entries := make([]string, 0, len(digests))
	for _, path := range slices.Sorted(maps.Keys(digests)) {
		entries = append(entries, escape.Replace(path)+"="+digests[path])
	}
	return strings.Join(entries, " ")
}

// ParseDigests reads the label; nil where there is none. Entries that it does
// not understand are passed over: a field then counts as changed.
func ParseDigests(label string) map[string]string {
	if label == "" {
		return nil
	}
	restore := strings.NewReplacer("%25", "%", "%20", " ", "%2C", ",", "%0A", "\n", "%0D", "\r", "%09", "\t")
	digests := map[string]string{}
	for entry := range strings.SplitSeq(label, " ") {
		if i := strings.LastIndexByte(entry, '='); i > 0 {
			digests[restore.Replace(entry[:i])] = entry[i+1:]
		}
	}
	return digests
}
