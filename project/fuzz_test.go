package project

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// FuzzLoad feeds the loader with two files that may refer to each other. It
// must never panic, always say what is wrong, and agree with compose-go where
// it loads the quick way.
func FuzzLoad(f *testing.F) {
	paths, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		var files []string
		for _, file := range archive.Files {
			if strings.HasSuffix(file.Name, ".yaml") {
				files = append(files, string(file.Data))
			}
		}
		files = append(files, "", "")
		f.Add(files[0], files[1])
	}
	f.Fuzz(func(t *testing.T, main, other string) {
		dir := t.TempDir()
		for name, content := range map[string]string{"compose.yaml": main, "b.yaml": other} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		options := Options{
			Files: []string{filepath.Join(dir, "compose.yaml")}, ProjectDirectory: dir, Name: "demo",
			Env: []string{"PWD=" + dir, "ONE=1", "NO=false"}, AllResources: true,
		}
		p, ds := Load(background(), options)
		if (p == nil) != ds.HasErrors() {
			t.Errorf("project %v, errors %v", p, ds.Err())
		}
		for _, d := range ds {
			if d.Summary == "" || d.Code == CodeInternal && !strings.Contains(d.Summary, "interface conversion") {
				t.Errorf("says little: %+v", d)
			}
		}
		compareQuick(t, options)
	})
}
