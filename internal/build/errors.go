package build

import (
	"errors"
	"strings"

	"github.com/moby/buildkit/solver/errdefs"
)

// SourceError is the failure of a build at a place in its Dockerfile.
type SourceError struct {
	// Excerpt shows the place, as BuildKit draws it: some lines, each ended.
	Excerpt string
	Err     error
}

// Error is that of the builder.
func (e *SourceError) Error() string { return e.Err.Error() }

// Unwrap is the error without the place.
func (e *SourceError) Unwrap() error { return e.Err }

// contextsRefused is what frontends before 1.4 say to additional_contexts.
const contextsRefused = "unsupported frontend capability moby.buildkit.frontend.contexts"

// solveError makes an error of BuildKit readable: without the words of what
// carried it, with the excerpt of the Dockerfile, and with a way out.
func (d *Definition) solveError(err error) error {
	text := strings.ReplaceAll(err.Error(), "rpc error: code = Unknown desc = ", "")
	text = strings.Replace(text, "failed to solve: failed to solve", "failed to solve", 1)
	if !strings.HasPrefix(text, "failed to solve") {
		text = "failed to solve: " + text
	}
	switch {
	case strings.Contains(text, contextsRefused):
		text += "; the BuildKit of this engine does not know additional_contexts that are no images: begin the Dockerfile with # syntax=docker/dockerfile:1, or use Docker Engine 23.0 or newer"
	case strings.Contains(text, entitlementInsecure+" is not allowed"), strings.Contains(text, entitlementHost+" is not allowed"):
		text += "; entitlements have to be allowed in the engine's configuration (builder.entitlements of daemon.json)"
	}
	plain := &builderError{text: text, err: err}
	var excerpt strings.Builder
	for _, source := range errdefs.Sources(err) {
		if info := source.GetInfo(); info != nil && info.GetFilename() == d.filename() && d.Dockerfile != "" {
			info.Filename = d.Dockerfile // which of several it is
		}
		_ = source.Print(&excerpt) // to memory
	}
	if excerpt.Len() == 0 {
		return plain
	}
	return &SourceError{Excerpt: excerpt.String(), Err: plain}
}

// builderError is an error of the builder in better words.
type builderError struct {
	text string
	err  error
}

func (e *builderError) Error() string { return e.text }
func (e *builderError) Unwrap() error { return e.err }

// Excerpts are those of all failures at places of Dockerfiles in an error.
func Excerpts(err error) []string {
	var excerpts []string
	switch wrapped := err.(type) { //nolint:errorlint // walks the tree itself
	case nil:
		return nil
	case *SourceError:
		return []string{wrapped.Excerpt}
	case interface{ Unwrap() []error }:
		for _, e := range wrapped.Unwrap() {
			excerpts = append(excerpts, Excerpts(e)...)
		}
		return excerpts
	default:
		return Excerpts(errors.Unwrap(err))
	}
}
