package watch

import (
	"errors"
	"os"
	"strconv"
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

// limitOf is the smaller of the system's limit and that of the user namespace
// (user_namespaces(7)).
func limitOf(name string) string {
	lowest := -1
	for _, file := range []string{"/proc/sys/fs/inotify/" + name, "/proc/sys/user/" + strings.Replace(name, "max_user", "max_inotify", 1)} {
		text, err := os.ReadFile(file)
		limit, numberErr := strconv.Atoi(strings.TrimSpace(string(text)))
		if err == nil && numberErr == nil && (lowest < 0 || limit < lowest) {
			lowest = limit
		}
	}
	if lowest < 0 {
		return "no more"
	}
	return "only " + strconv.Itoa(lowest)
}
