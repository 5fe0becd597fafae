package watch

import (
	"errors"
	"os"
	"strings"
	"syscall"
)

// limitText says which limit of inotify(7) an error is about; it is empty where it is
// about none.
func limitText(err error) string {
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return "cannot watch all directories: this user may watch " + limitOf("max_user_watches") +
			" with inotify (raise it with: sysctl fs.inotify.max_user_watches=1048576)"
	case errors.Is(err, syscall.EMFILE):
		return "cannot watch files: this user may have " + limitOf("max_user_instances") +
			" users of inotify at a time (raise it with: sysctl fs.inotify.max_user_instances=1024)"
	default:
		return ""
	}
}

func limitOf(name string) string {
	text, err := os.ReadFile("/proc/sys/fs/inotify/" + name)
	if err != nil {
		return "no more"
	}
	return "only " + strings.TrimSpace(string(text))
}
