package build

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"slices"
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
		reference := references(instruction.Value)
		if reference == nil {
			continue
		}
		end := instruction.EndLine
		if len(instruction.Heredocs) > 0 {
			end = instruction.StartLine // what follows is the text of a file
		}
		for i := instruction.StartLine - 1; i < end && i < len(lines); i++ {
			lines[i] = reference.ReplaceAllFunc(lines[i], func(match []byte) []byte {
				parts := reference.FindSubmatch(match)
				image, ok := images[string(parts[2])]
				if !ok {
					return match
				}
				return slices.Concat(parts[1], []byte(image), parts[3])
			})
		}
	}
	return bytes.Join(lines, nil), nil
}

// references matches what an instruction names as an image, a stage or a context:
// what stands before the name, the name, and what ends it. It is nil for
// instructions that name none.
func references(instruction string) *regexp.Regexp {
	switch strings.ToLower(instruction) {
	case "from":
		return regexp.MustCompile(`(?i)^(\s*from\s+(?:--\S+\s+)*)(\S+)(\s|$)`)
	case "copy", "add":
		return regexp.MustCompile(`(?i)^(\s*(?:copy|add)\s+(?:--\S+\s+)*--from=)(\S+)(\s|$)`)
	case "run":
		return regexp.MustCompile(`(?i)((?:^\s*run|^|\s)\s*--mount=(?:[^\s,]*,)*from=)([^\s,]+)(,|\s|$)`)
	default:
		return nil
	}
}
