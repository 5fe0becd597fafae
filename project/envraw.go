package project

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/types"
)

// formatRaw is the env_file format of docker run --env-file: values are taken
// as they stand, with their quotes and dollar signs.
const formatRaw = "raw"

// readRawEnv adds the variables of a raw file to values. A name alone takes its
// value from lookup, if it has one there.
func readRawEnv(r io.Reader, path string, values types.Mapping, lookup dotenv.LookupFn) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxFileSize)
	for number := 1; lines.Scan(); number++ {
		line := lines.Text()
		if number == 1 {
			line = strings.TrimPrefix(line, "\ufeff")
		}
		if !utf8.ValidString(line) {
			return fmt.Errorf("%s:%d: not UTF-8", path, number)
		}
		line = strings.TrimLeftFunc(line, unicode.IsSpace)
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, assigned := strings.Cut(line, "=")
		switch {
		case name == "":
			return fmt.Errorf("%s:%d: no variable name before =", path, number)
		case strings.ContainsFunc(name, unicode.IsSpace):
			return fmt.Errorf("%s:%d: variable name contains white space", path, number)
		case !assigned:
			var ok bool
			if value, ok = lookup(name); !ok {
				continue
			}
		}
		values[name] = value
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
