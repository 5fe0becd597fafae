//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// lock makes sure that no two benchmarks run at once: they would slow, and clean up, each other. The lock
// ends with the process, however it ends.
func lock() (*os.File, error) {
	path := filepath.Join(os.TempDir(), "gocompose-bench.lock")
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("another benchmark runs on this machine (it holds %s): wait for it", path)
	}
	return file, nil
}
