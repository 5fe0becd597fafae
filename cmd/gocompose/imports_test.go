package main

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/gocompose/gocompose"

// fence says what the packages at or below a path may not import directly. Our
// own packages start with ./ there.
type fence struct {
	packages []string
	forbid   []string
	why      string
}

func fences() []fence {
	return []fence{
		{
			packages: []string{"planner", "project", "internal/spec", "internal/dag"},
			forbid: []string{
				"net/http", "github.com/docker/docker/client", "./internal/engine", "./runtime", "./internal/ui",
				"./internal/stream", "os/signal", "os/exec", "golang.org/x/term",
			},
			why: "what decides touches no engine and no terminal",
		},
		{
			packages: []string{"planner", "internal/spec"},
			forbid:   []string{"os", "context", "log", "log/slog", "math/rand", "math/rand/v2"},
			why:      "planning is a pure function",
		},
		{
			packages: []string{"project", "internal/spec"},
			forbid:   []string{"./planner"},
			why:      "planner imports them",
		},
		{
			packages: []string{"runtime", "internal/engine", "internal/stream"},
			forbid: []string{
				"os/signal", "./internal/ui", "./internal/argv", "golang.org/x/term", "github.com/urfave/cli/v2",
				"github.com/mattn/go-runewidth", "log", "log/slog", "github.com/sirupsen/logrus",
			},
			why: "a library leaves signals and the terminal to its caller",
		},
		{
			packages: []string{"internal/ui"},
			forbid:   []string{"./internal/engine", "net/http", "github.com/docker/docker/client", "os/signal", "os"},
			why:      "output is made of values that are handed in",
		},
		{
			packages: []string{"internal/artifact"},
			forbid:   []string{"os", "net/http", "os/exec"},
			why:      "what is fetched is checked before anything is written",
		},
		{
			packages: []string{"internal/remote", "internal/distribution", "internal/git"},
			forbid:   []string{"./runtime", "./internal/ui", "./internal/engine", "os/signal", "log", "log/slog", "github.com/sirupsen/logrus"},
			why:      "fetching files needs no engine and no terminal",
		},
		{
			packages: []string{"internal/argv"},
			forbid:   []string{"./planner", "./project", "./runtime", "./internal/ui", "./internal/engine", "os"},
			why:      "reading a command line needs its table alone",
		},
		{
			packages: []string{"planner", "project", "runtime", "internal", "cmd"},
			forbid:   []string{"./internal/enginetest", "./internal/registrytest", "testing", "github.com/rogpeppe/go-internal/testscript"},
			why:      "the program carries no test engine",
		},
	}
}

// goPackage is what go list tells of a package.
type goPackage struct {
	ImportPath, Dir string
	GoFiles         []string
	Imports         []string
}

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	command := exec.Command("go", "list", "-json=ImportPath,Dir,GoFiles,Imports", module+"/...")
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	var packages []goPackage
	for decoder := json.NewDecoder(out); ; {
		var p goPackage
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
	if err := command.Wait(); err != nil {
		t.Fatal(err)
	}
	return packages
}

func within(path, parent string) bool { return path == parent || strings.HasPrefix(path, parent+"/") }

func local(path string) string { return strings.TrimPrefix(path, module+"/") }

func TestImportFences(t *testing.T) {
	packages := listPackages(t)
	for _, f := range fences() {
		guarded := 0
		for _, p := range packages {
			name := local(p.ImportPath)
			if name == "internal/enginetest" || name == "internal/deps" || !slices.ContainsFunc(f.packages, func(parent string) bool { return within(name, parent) }) {
				continue
			}
			guarded++
			for _, imported := range p.Imports {
				if slices.Contains(f.forbid, strings.Replace(imported, module, ".", 1)) {
					t.Errorf("%s imports %s: %s", name, imported, f.why)
				}
			}
		}
		if guarded < len(f.packages) {
			t.Errorf("the fence around %v guards only %d packages", f.packages, guarded)
		}
	}
	for _, p := range packages {
		for _, imported := range p.Imports {
			if within(imported, module+"/cmd") {
				t.Errorf("%s imports %s: commands are nobody's library", local(p.ImportPath), local(imported))
			}
		}
	}
}

// TestNoPackageState: variables of packages are fixed values, and nothing runs
// before main.
func TestNoPackageState(t *testing.T) {
	for _, p := range listPackages(t) {
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			where := local(p.ImportPath) + "/" + name
			for _, declaration := range file.Decls {
				switch d := declaration.(type) {
				case *ast.FuncDecl:
					if d.Recv == nil && d.Name.Name == "init" {
						t.Errorf("%s has an init function", where)
					}
				case *ast.GenDecl:
					if d.Tok == token.VAR {
						checkVariables(t, where, d)
					}
				}
			}
		}
	}
}

func checkVariables(t *testing.T, where string, d *ast.GenDecl) {
	t.Helper()
	for _, spec := range d.Specs {
		value := spec.(*ast.ValueSpec)
		if strings.Contains(comments(value.Comment), "gochecknoglobals") {
			continue // a constant of a type that Go has no constants of
		}
		for i, name := range value.Names {
			if name.Name == "_" || name.Name == "release" { // set by the linker
				continue
			}
			if i >= len(value.Values) && !isEmbedded(d) || i < len(value.Values) && !isFixed(value.Values[i]) {
				t.Errorf("%s: package variable %s may change; make it a constant, a function or a field", where, name.Name)
			}
		}
	}
}

// comments is the text with directives, which CommentGroup.Text leaves out.
func comments(group *ast.CommentGroup) string {
	if group == nil {
		return ""
	}
	var b strings.Builder
	for _, c := range group.List {
		b.WriteString(c.Text)
	}
	return b.String()
}

// isEmbedded tells whether the variable is filled from a file by the compiler.
func isEmbedded(d *ast.GenDecl) bool {
	return d.Doc != nil && slices.ContainsFunc(d.Doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed") })
}

// isFixed tells whether nobody has a reason to change the value: an error, a
// compiled pattern, or something that is computed once.
func isFixed(value ast.Expr) bool {
	call, ok := value.(*ast.CallExpr)
	if !ok {
		return false
	}
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	base, ok := selector.X.(*ast.Ident)
	return ok && slices.Contains([]string{"errors.New", "fmt.Errorf", "regexp.MustCompile", "sync.OnceValue", "sync.OnceValues"},
		base.Name+"."+selector.Sel.Name)
}
