// Package leak finds what looks like a secret in texts that are about to be
// published. What it looks for is what docker compose looks for: both leave it
// to the same library.
package leak

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"github.com/DefangLabs/secret-detector/pkg/dataformat"
	"github.com/DefangLabs/secret-detector/pkg/scanner"
	"github.com/DefangLabs/secret-detector/pkg/secrets"
)

// Finding is a place that looks like a secret. The secret itself is not in it.
type Finding struct {
	Kind string // "Private Key"
	Key  string // where it is, as services.web.environment.TOKEN; may be empty
	File string // what was looked at
}

func (f Finding) String() string {
	if f.Key == "" {
		return fmt.Sprintf("%s in %s", f.Kind, f.File)
	}
	return fmt.Sprintf("%s %q in %s", f.Kind, f.Key, f.File)
}

// Scanner looks at texts, and tells of each secret once.
type Scanner struct {
	library secrets.Scanner
	known   map[[2]string]bool
}

// NewScanner makes a scanner, which takes a few milliseconds.
func NewScanner() *Scanner {
	return &Scanner{library: scanner.NewDefaultScanner(), known: map[[2]string]bool{}}
}

// Scan looks at one text; the name of the file tells its format.
func (s *Scanner) Scan(file string, text []byte) ([]Finding, error) {
	found, err := s.library.ScanWithFormat(bytes.NewReader(text), dataformat.FromPath(file))
	if err != nil {
		return nil, fmt.Errorf("failed to scan %s: %w", file, err)
	}
	var findings []Finding
	for _, secret := range found {
		if id := [2]string{secret.Type, secret.Value}; !s.known[id] {
			s.known[id] = true
			findings = append(findings, Finding{Kind: secret.Type, Key: secret.Key, File: file})
		}
	}
	slices.SortFunc(findings, func(a, b Finding) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Key, b.Key)) })
	return findings, nil
}
