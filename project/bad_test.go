package project_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gocompose/gocompose/project"
)

// TestBadInput loads files that are too much, or no text, or no files. Each
// must be refused in clear words, soon and without filling the memory.
func TestBadInput(t *testing.T) {
	web := "services: {web: {image: nginx}}\n"
	tests := []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"not UTF-8", map[string]string{"compose.yaml": "services: {web: {image: \"\xff\xfe\"}}"}, "invalid"},
		{"NUL", map[string]string{"compose.yaml": "services: {web: {image: \x00}}"}, "control characters"},
		{"binary", map[string]string{"compose.yaml": "\x7fELF\x02\x01\x01\x00\x00"}, "control characters"},
		{"UTF-16", map[string]string{"compose.yaml": "\xff\xfes"}, "UTF-16"},
		{"large", map[string]string{"compose.yaml": web + "#" + strings.Repeat("x", 17<<20)}, "too large"},
		{"many elements", map[string]string{"compose.yaml": web + "x: [" + strings.Repeat("a,", 5_000_000) + "]"}, "too many elements"},
		{"deep lists", map[string]string{"compose.yaml": web + "x: " + strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000)}, "nested too deeply"},
		{"too deep to parse", map[string]string{"compose.yaml": web + "x: " + strings.Repeat("[", 200_000)}, "exceeded max depth"},
		{"deep mappings", map[string]string{"compose.yaml": web + "x:\n" + deepMapping(1_000)}, "nested too deeply"},
		{"merge bomb", map[string]string{"compose.yaml": web + mergeBomb()}, "too many elements"},
		{"include bomb", map[string]string{
			"compose.yaml": "include: [sub/compose.yaml]\n" + web, "sub/compose.yaml": "x: " + strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000),
		}, "nested too deeply"},
		{"extends bomb", extendsBomb(), "too many elements once extends is applied"},
		{"include chain", includeChain(1_100), "more than 1000 files"},
		{"large .env", map[string]string{"compose.yaml": web, ".env": strings.Repeat("A=b\n", 5<<20)}, "too large"},
		{"device as env_file", map[string]string{"compose.yaml": "services: {web: {image: nginx, env_file: /dev/zero}}"}, "not a regular file"},
		{"device as include", map[string]string{"compose.yaml": "include: [/dev/zero]\n" + web}, "not a regular file"},
		{"device as extends", map[string]string{"compose.yaml": "services: {web: {extends: {file: /dev/zero, service: x}}}"}, "not a regular file"},
		{"NUL in a path", map[string]string{"compose.yaml": "include: [\"a\\0b\"]\n" + web}, "invalid argument"},
		{"long path", map[string]string{"compose.yaml": "include: [" + strings.Repeat("a/", 5_000) + "]\n" + web}, "file name too long"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, content := range test.files {
				put(t, filepath.Join(dir, name), content)
			}
			refused(t, dir, test.want)
		})
	}
}

func put(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func refused(t *testing.T, dir, want string) {
	t.Helper()
	p, sources, ds := project.LoadWithSources(t.Context(), project.Options{ProjectDirectory: dir, Name: "demo"})
	if p != nil || !ds.HasErrors() {
		t.Fatalf("loaded, want an error with %q", want)
	}
	if text := ds.Err().Error(); !strings.Contains(text, want) || strings.Contains(text, "internal error") {
		t.Errorf("error %.300q, want one with %q", text, want)
	}
	var rendered bytes.Buffer
	if err := ds.WriteText(&rendered, sources); err != nil || rendered.Len() > 100_000 {
		t.Errorf("rendered in %d bytes, %v", rendered.Len(), err)
	}
}

func deepMapping(depth int) string {
	var b strings.Builder
	for i := range depth {
		fmt.Fprintf(&b, "%sa:\n", strings.Repeat(" ", i+1))
	}
	return b.String()
}

func mergeBomb() string {
	var b strings.Builder
	b.WriteString("x-0: &a0 {k: v}\n")
	for i := range 25 {
		fmt.Fprintf(&b, "x-%d: &a%d {p: *a%d, q: *a%d}\n", i+1, i+1, i, i)
	}
	return b.String()
}

// extendsBomb is one large service that many others copy.
func extendsBomb() map[string]string {
	var b strings.Builder
	b.WriteString("services:\n  base:\n    image: nginx\n    environment:\n")
	for i := range 5_000 {
		fmt.Fprintf(&b, "      V%d: x\n", i)
	}
	for i := range 1_000 {
		fmt.Fprintf(&b, "  s%d: {extends: base}\n", i)
	}
	return map[string]string{"compose.yaml": b.String()}
}

func includeChain(n int) map[string]string {
	files := map[string]string{"compose.yaml": "include: [f0.yaml]\nservices: {web: {image: nginx}}"}
	for i := range n {
		files[fmt.Sprintf("f%d.yaml", i)] = fmt.Sprintf("include: [f%d.yaml]\nservices: {s%d: {image: nginx}}", i+1, i)
	}
	return files
}

// TestSpecialFiles: what is looked for must be a regular file; what is named
// may be a pipe.
func TestSpecialFiles(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "compose.yaml")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	refused(t, dir, "not a regular file")
	go func() {
		_ = os.WriteFile(pipe, []byte("services: {web: {image: nginx}}"), 0o600) // the load fails if this does
	}()
	p, ds := project.Load(t.Context(), project.Options{Files: []string{pipe}, Name: "demo"})
	if p == nil {
		t.Fatal(ds.Err())
	}
}

// TestSymlinks: links are followed, also out of the directory, but not in a
// circle.
func TestSymlinks(t *testing.T) {
	dir := t.TempDir()
	for from, to := range map[string]string{"compose.yaml": "other.yaml", "other.yaml": "compose.yaml"} {
		if err := os.Symlink(to, filepath.Join(dir, from)); err != nil {
			t.Skip(err)
		}
	}
	p, ds := project.Load(t.Context(), project.Options{Files: []string{filepath.Join(dir, "compose.yaml")}, Name: "demo"})
	if p != nil || !strings.Contains(ds.Err().Error(), "too many levels of symbolic links") {
		t.Errorf("got %v", ds.Err())
	}
}
