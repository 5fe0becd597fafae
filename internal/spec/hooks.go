package spec

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// hookKeys are the fields of hooks. A container is replaced where they change, as
// with docker compose: only a start runs the new ones.
func hookKeys() []string { return []string{"pre_start", "post_start", "pre_stop"} }

// hooks notes the hooks by digests: commands and their environment may be secret.
func (f flat) hooks() error {
	s := f.service
	for i, hook := range []any{s.PreStart, s.PostStart, s.PreStop} {
		if n := [...]int{len(s.PreStart), len(s.PostStart), len(s.PreStop)}[i]; n == 0 {
			continue
		}
		text, err := json.Marshal(hook)
		if err != nil {
			return fmt.Errorf("%s: %w", hookKeys()[i], err)
		}
		sum := sha256.Sum256(text)
		f.fields[hookKeys()[i]] = hex.EncodeToString(sum[:])
	}
	return nil
}
