//go:build !linux

package watch

import (
	"errors"
	"syscall"
)

// limitText says which limit an error is about; it is empty where it is about none.
func limitText(err error) string {
	if errors.Is(err, syscall.EMFILE) {
		return "cannot watch all files: this process may have no more files open (raise it with: ulimit -n)"
	}
	return ""
}
