package project

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"gopkg.in/yaml.v3"
)

// Bundle is the text of a project, to be taken elsewhere: the files that were
// given, and those that they extend and read variables from, which are then
// beside them under names that say nothing of where they were.
type Bundle struct {
	Compose  []BundledFile // in the order in which they override each other
	Extended []BundledFile
	Env      []BundledFile
}

// BundledFile is a file of a bundle.
type BundledFile struct {
	Path    string // here
	Name    string // in the bundle
	Content []byte
}

// errLocalInclude has docker compose's words.
var errLocalInclude = errors.New("cannot publish compose file with local includes")

// Bundle collects the text of the project. Files of variables that need not be
// there, and are not, are left out; remote files stay where they are. Included
// files that are not remote are an error.
func (p *Project) Bundle() (Bundle, error) {
	b := bundler{project: p, named: map[string]string{}}
	for _, file := range p.sources.files {
		if file.under {
			continue
		}
		path := file.name
		if path == "-" {
			path = DefaultFiles()[0]
		}
		content, err := b.text(file.name, file.content, p.WorkingDir(), true)
		if err != nil {
			return Bundle{}, err
		}
		b.Compose = append(b.Compose, BundledFile{Path: file.name, Name: filepath.Base(path), Content: content})
	}
	for len(b.waiting) > 0 {
		path := b.waiting[0]
		b.waiting = b.waiting[1:]
		content, err := os.ReadFile(filepath.Clean(path))
		if err == nil {
			content, err = b.text(path, content, filepath.Dir(path), false)
		}
		if err != nil {
			return Bundle{}, err
		}
		b.Extended = append(b.Extended, BundledFile{Path: path, Name: b.named[path], Content: content})
	}
	return b.Bundle, nil
}

type bundler struct {
	Bundle
	project *Project
	named   map[string]string // path → name in the bundle
	waiting []string          // extended files to be read
}

// text is the text of a file with the new names of those that it refers to.
// Relative references start from dir.
func (b *bundler) text(name string, content []byte, dir string, included bool) ([]byte, error) {
	docs, err := parseDocuments(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	edits := map[*yaml.Node]string{}
	for _, doc := range docs {
		if included && b.includesLocal(topLevel(doc, "include")) {
			return nil, fmt.Errorf("%s: %w", name, errLocalInclude)
		}
		for _, service := range pairs(topLevel(doc, "services")) {
			b.extended(service, dir, edits)
			if err := b.envFiles(service, dir, edits); err != nil {
				return nil, err
			}
		}
	}
	return rewrite(content, docs, edits)
}

func (b *bundler) includesLocal(include *yaml.Node) bool {
	if include == nil {
		return false
	}
	for _, entry := range include.Content {
		entry = aliased(entry)
		files := []*yaml.Node{entry}
		if entry.Kind == yaml.MappingNode {
			files = listAt(entry, "path")
		}
		if slices.ContainsFunc(files, func(file *yaml.Node) bool { return !IsRemote(b.interpolate(file.Value)) }) {
			return true
		}
	}
	return false
}

func (b *bundler) extended(service *yaml.Node, dir string, edits map[*yaml.Node]string) {
	extends := valueAt(service, "extends")
	if extends == nil {
		return
	}
	file := valueAt(extends, "file")
	if file == nil || file.Kind != yaml.ScalarNode {
		return
	}
	reference := b.interpolate(file.Value)
	if reference == "" || IsRemote(reference) {
		return
	}
	path := absolute(reference, dir)
	if _, ok := b.named[path]; !ok {
		b.named[path] = b.rename(path) + ".yaml"
		b.waiting = append(b.waiting, path)
	}
	edits[file] = b.named[path]
}

func (b *bundler) envFiles(service *yaml.Node, dir string, edits map[*yaml.Node]string) error {
	parts := []*yaml.Node{service}
	if hooks := valueAt(service, "pre_start"); hooks != nil && hooks.Kind == yaml.SequenceNode {
		parts = append(parts, hooks.Content...)
	}
	for _, part := range parts {
		for _, node := range listAt(part, "env_file") {
			node = aliased(node)
			if node.Kind == yaml.MappingNode {
				node = valueAt(node, "path")
			}
			if node == nil || node.Kind != yaml.ScalarNode || node.Value == "" {
				continue
			}
			name, err := b.envFile(absolute(b.interpolate(node.Value), dir))
			if err != nil {
				return err
			}
			edits[node] = name
		}
	}
	return nil
}

// envFile takes a file of variables into the bundle. One that is not there has a
// name all the same: the load has found that it need not be.
func (b *bundler) envFile(path string) (string, error) {
	if name, ok := b.named[path]; ok {
		return name, nil
	}
	name := b.rename(path) + ".env"
	b.named[path] = name
	err := checkReadable(path)
	if errors.Is(err, os.ErrNotExist) {
		return name, nil
	}
	if err != nil {
		return "", err
	}
	content, err := os.ReadFile(filepath.Clean(path))
	b.Env = append(b.Env, BundledFile{Path: path, Name: name, Content: content})
	return name, err
}

// rename hashes the place of a file in the project, so that the same project
// gives the same bundle on every machine.
func (b *bundler) rename(path string) string {
	if rel, err := filepath.Rel(b.project.WorkingDir(), path); err == nil {
		path = filepath.ToSlash(rel)
	}
	hash := sha256.Sum256([]byte(path))
	return hex.EncodeToString(hash[:])
}

func (b *bundler) interpolate(text string) string {
	var silent variables
	replaced, err := silent.substitute(text, b.project.Environment().Resolve)
	if err != nil {
		return text
	}
	return replaced
}
