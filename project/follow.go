package project

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// maxFollowed is how many files one load may read through include and
// extends.
const maxFollowed = 1000

// follow looks at the files that include and extends name before compose-go
// reads them: it refuses what is no regular file, too large, a loop or a
// remote reference, and keeps the files so that diagnostics can point into
// them.
func (l *load) follow(ctx context.Context) bool {
	if !l.refers() {
		return true
	}
	f := follower{ctx: ctx, load: l, seen: map[string]bool{}, bases: map[serviceKey]*extendedService{}}
	for _, file := range slices.Clone(l.sources.files) {
		f.visit(file, l.dir, nil)
	}
	if !l.found.HasErrors() {
		f.checkExtends()
	}
	return !l.found.HasErrors()
}

// refers tells whether a file includes or extends anything.
func (l *load) refers() bool {
	for _, file := range l.sources.files {
		for _, doc := range file.documents() {
			if topLevel(doc, "include") != nil {
				return true
			}
			for _, service := range pairs(topLevel(doc, "services")) {
				if valueAt(service, "extends") != nil {
					return true
				}
			}
		}
	}
	return false
}

// follower walks over the references between files.
type follower struct {
	*load
	ctx   context.Context //nolint:containedctx // of one walk
	seen  map[string]bool // files as they are named
	bases map[serviceKey]*extendedService
}

// visit follows the references of one file. Its relative references start
// from dir; above are the files that include it, by their real names.
func (f *follower) visit(file *source, dir string, above []string) {
	above = append(slices.Clone(above), realPath(file.name))
	for _, doc := range file.documents() {
		if include := topLevel(doc, "include"); include != nil && include.Kind == yaml.SequenceNode {
			for i, entry := range include.Content {
				f.include(entry, fmt.Sprintf("include.%d", i), dir, above)
			}
		}
		f.extends(file, doc, dir)
	}
}

func realPath(path string) string {
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		return resolved
	}
	return path
}

// include visits the files of one entry. The first decides where relative
// references in all of them start, unless the entry says so.
func (f *follower) include(entry *yaml.Node, path, dir string, above []string) {
	entry = aliased(entry)
	files := []*yaml.Node{entry}
	base := ""
	if entry.Kind == yaml.MappingNode {
		files = listAt(entry, "path")
		for _, node := range listAt(entry, "env_file") {
			f.checkReference(f.resolve(node.Value, dir), path)
		}
		if node := valueAt(entry, "project_directory"); node != nil {
			base = f.resolve(node.Value, dir)
		}
	}
	for _, node := range files {
		name := f.interpolate(node.Value)
		if IsRemote(name) {
			f.included = append(f.included, name)
		}
		name, ok := f.locate(name, path, dir)
		if !ok {
			return
		}
		if base == "" {
			base = filepath.Dir(name)
		}
		if slices.Contains(above, realPath(name)) {
			f.found.add(Diagnostic{Code: CodeCycle, Path: path, Summary: fmt.Sprintf(
				"include cycle detected:\n%s\n include %s", above[0], strings.Join(append(above[1:], name), "\n include "))})
			return
		}
		if file := f.open(name, path); file != nil {
			f.visit(file, base, above)
		}
	}
}

// extends visits the files that services extend from and notes how large
// services are.
func (f *follower) extends(file *source, doc *yaml.Node, dir string) {
	for key, service := range pairs(topLevel(doc, "services")) {
		name := key.Value
		extended := &extendedService{own: expandedSize(service)}
		f.bases[serviceKey{file.name, name}] = extended
		extends := valueAt(service, "extends")
		if extends == nil {
			continue
		}
		extended.base = serviceKey{file.name, extends.Value}
		if extends.Kind != yaml.MappingNode {
			continue
		}
		if node := valueAt(extends, "service"); node != nil {
			extended.base.service = f.interpolate(node.Value)
		}
		if node := valueAt(extends, "file"); node != nil {
			extended.base.file = f.extendsFile(node, dotted("services", name, "extends"), dir)
		}
	}
}

func (f *follower) extendsFile(node *yaml.Node, path, dir string) string {
	name := f.interpolate(node.Value)
	name, ok := f.locate(name, path, dir)
	if !ok {
		return name
	}
	if file := f.open(name, path); file != nil {
		f.visit(file, filepath.Dir(name), nil)
	}
	return name
}

// locate is the absolute path of a file, or of the local copy of a remote one.
func (f *follower) locate(name, path, dir string) (string, bool) {
	if !IsRemote(name) {
		return absolute(name, dir), true
	}
	local, err := f.fetch(f.ctx, name)
	if err != nil {
		f.found.add(Diagnostic{Path: path, Summary: err.Error()})
		return name, false
	}
	return local, true
}

// open reads a file the first time it is named.
func (f *follower) open(name, path string) *source {
	if f.seen[name] || f.found.HasErrors() {
		return nil
	}
	f.seen[name] = true
	if len(f.seen) > maxFollowed {
		f.found.add(Diagnostic{Path: path, Summary: fmt.Sprintf("more than %d files are included or extended", maxFollowed)})
		return nil
	}
	if !f.checkReference(name, path) {
		return nil
	}
	content, err := os.ReadFile(filepath.Clean(name))
	if err != nil {
		return nil // compose-go will say so
	}
	file := &source{name: name, content: content, under: true}
	var limit *limitError
	if file.docs, err = parseDocuments(content); errors.As(err, &limit) {
		f.found.add(limit.diagnostic(file))
	}
	f.sources.files = append(f.sources.files, file)
	return file
}

// checkReference refuses what is not there or must not be read.
func (f *follower) checkReference(name, path string) bool {
	if _, err := os.Stat(name); err != nil {
		reason := err
		var failed *fs.PathError
		if errors.As(err, &failed) {
			reason = failed.Err
		}
		f.found.add(Diagnostic{Code: CodeMissingFile, Path: path, Summary: fmt.Sprintf("open %s: %v", name, reason)})
		return false
	}
	if err := checkReadable(name); err != nil {
		f.found.add(Diagnostic{Path: path, Summary: err.Error()})
		return false
	}
	return true
}

func (f *follower) resolve(text, dir string) string { return absolute(f.interpolate(text), dir) }

// interpolate is best effort: a text that cannot be is reported by compose-go.
func (f *follower) interpolate(text string) string {
	var silent variables
	replaced, err := silent.substitute(text, f.env.Resolve)
	if err != nil || f.options.NoInterpolate {
		return text
	}
	return replaced
}

func absolute(path, dir string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// listAt is what a key holds, which may be one text or a list of texts.
func listAt(node *yaml.Node, key string) []*yaml.Node {
	value := valueAt(node, key)
	switch {
	case value == nil:
		return nil
	case value.Kind == yaml.SequenceNode:
		return value.Content
	default:
		return []*yaml.Node{value}
	}
}
