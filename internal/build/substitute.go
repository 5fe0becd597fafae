package build

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// withoutContexts is the same build for builders that do not know additional
// contexts: in the Dockerfile, references to those that are images are replaced
// by the images. It fails for contexts that are directories or remote.
func (d *Definition) withoutContexts() (Definition, error) {
	plain := *d
	plain.Contexts = nil
	text := []byte(d.DockerfileInline)
	switch {
	case d.Remote && d.DockerfileInline == "":
		return plain, fmt.Errorf("this builder doesn't support additional_contexts of a remote context")
	case d.DockerfileInline == "":
		var err error
		if text, err = os.ReadFile(d.Dockerfile); err != nil {
			return plain, err
		}
		plain.ignorefile = d.Dockerfile + ".dockerignore"
	}
	images := map[string]string{}
	for _, context := range d.Contexts {
		image, ok := context.image()
		if !ok {
			return plain, fmt.Errorf("this builder doesn't support the additional context %s, which is no image", context.Name)
		}
		images[context.Name] = image
	}
	substituted, err := substituteImages(text, images)
	if err != nil {
		return plain, err
	}
	plain.Dockerfile, plain.DockerfileInline = "", string(substituted)
	return plain, nil
}

// image is the reference of a context that is an image.
func (c NamedContext) image() (string, bool) {
	if c.Service != "" {
		return c.Image, true
	}
	return strings.CutPrefix(c.Source, "docker-image://")
}

// substituteImages puts images in the place of names where a Dockerfile starts
// from them or copies out of them. Lines stay where they are.
func substituteImages(text []byte, images map[string]string) ([]byte, error) {
	parsed, err := parser.Parse(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("dockerfile parse error: %w", err)
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	for _, instruction := range parsed.AST.Children {
		for name, image := range images {
			reference := copiedFrom(name)
			if strings.EqualFold(instruction.Value, "from") {
				reference = startsFrom(name)
			}
			for i := instruction.StartLine - 1; i < instruction.EndLine && i < len(lines); i++ {
				lines[i] = reference.ReplaceAll(lines[i], []byte("${1}"+strings.ReplaceAll(image, "$", "$$")+"${2}"))
			}
		}
	}
	return bytes.Join(lines, nil), nil
}

// startsFrom matches the name as what FROM names, but not as the name of a stage.
func startsFrom(name string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)^(\s*from\s+(?:--\S+\s+)*)` + regexp.QuoteMeta(name) + `(\s|$)`)
}

// copiedFrom matches the name in --from=NAME and --mount=…,from=NAME.
func copiedFrom(name string) *regexp.Regexp {
	return regexp.MustCompile(`(\s--(?:from|mount)(?:=\S*,from|=from)?=)` + regexp.QuoteMeta(name) + `([,\s]|$)`)
}
