package engine

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// Plugin finds the docker CLI plugin of that name: the program docker-NAME in
// the directories where the docker command looks.
func (c Config) Plugin(name string) (path string, ok bool) {
	for _, dir := range c.pluginDirs() {
		path, err := exec.LookPath(filepath.Join(dir, "docker-"+name))
		if err == nil && filepath.IsAbs(path) {
			return path, true
		}
	}
	return "", false
}

// pluginDirs are the user's directories, and then those of the system
// (github.com/docker/cli, cli-plugins/manager).
func (c Config) pluginDirs() []string {
	dirs := append([]string(nil), c.PluginDirs...)
	if c.Dir != "" {
		if dir, err := filepath.Abs(c.Dir); err == nil {
			dirs = append(dirs, filepath.Join(dir, "cli-plugins"))
		}
	}
	if runtime.GOOS == "windows" {
		return append(dirs,
			filepath.Join(os.Getenv("ProgramData"), "Docker", "cli-plugins"),
			filepath.Join(os.Getenv("ProgramFiles"), "Docker", "cli-plugins"))
	}
	return append(dirs, "/usr/local/lib/docker/cli-plugins", "/usr/local/libexec/docker/cli-plugins",
		"/usr/lib/docker/cli-plugins", "/usr/libexec/docker/cli-plugins")
}
