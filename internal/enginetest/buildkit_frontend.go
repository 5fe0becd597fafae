package enginetest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	control "github.com/moby/buildkit/api/services/control"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/session"
	"github.com/moby/buildkit/session/filesync"
	"github.com/moby/buildkit/session/secrets"
	"github.com/moby/buildkit/solver/errdefs"
	"github.com/moby/buildkit/solver/pb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// frontend is one build of a Dockerfile. What its image is made of follows from
// the Dockerfile, the context and the options, so that equal builds end in equal
// images. Nothing is run: RUN exit N fails, RUN echo TEXT says so.
type frontend struct {
	engine   *Engine
	attrs    map[string]string
	caller   session.Caller
	progress *buildProgress
	file     string
	text     []byte
	args     map[string]string
	stages   map[string]Image
	image    Image
	files    map[string]string // of the context, by path
}

// buildFrom carries out a build.
func (e *Engine) buildFrom(ctx context.Context, request *control.SolveRequest, progress *buildProgress) (Image, error) {
	f := &frontend{
		engine: e, attrs: request.FrontendAttrs, progress: progress,
		args: map[string]string{}, stages: map[string]Image{},
	}
	if !e.serves("1.42") && strings.Contains(f.attrs["frontend.caps"], "contexts+forward") {
		return Image{}, status.Error(codes.Unknown, "failed to solve with frontend dockerfile.v0: unsupported frontend capability moby.buildkit.frontend.contexts")
	}
	var err error
	if f.caller, err = e.sessions.Get(ctx, request.Session, false); err != nil {
		return Image{}, err
	}
	if err := f.load(ctx); err != nil {
		return Image{}, err
	}
	parsed, err := parser.Parse(bytes.NewReader(f.text))
	if err != nil {
		return Image{}, err
	}
	for i, instruction := range parsed.AST.Children {
		name := fmt.Sprintf("[%d/%d] %s", i+1, len(parsed.AST.Children), instruction.Original)
		end := f.progress.begin(name)
		err := f.carryOut(ctx, instruction, name)
		end(err)
		if err != nil {
			return Image{}, f.located(err, instruction)
		}
	}
	labels := maps.Clone(f.image.Labels)
	for key, value := range f.attrs {
		if label, ok := strings.CutPrefix(key, "label:"); ok {
			labels = mergeMap(labels, map[string]string{label: value})
		}
	}
	f.image.Labels, f.image.ID, f.image.Digest = labels, "", ""
	return f.image, nil
}

// load fetches the Dockerfile and the context from the client.
func (f *frontend) load(ctx context.Context) error {
	f.file = f.attrs["filename"]
	found, err := f.fetch(ctx, "dockerfile", []string{f.file})
	if err != nil {
		return err
	}
	text, ok := found[f.file]
	if !ok {
		return status.Errorf(codes.NotFound, "failed to read dockerfile: open %s: no such file or directory", f.file)
	}
	f.text = []byte(text)
	f.progress.tell("[internal] load build definition from " + f.file)
	if f.attrs["context"] == "" {
		if f.files, err = f.fetch(ctx, "context", nil); err != nil {
			return err
		}
	}
	f.progress.tell("[internal] load build context")
	return nil
}

// fetch reads a directory of the client.
func (f *frontend) fetch(ctx context.Context, name string, only []string) (map[string]string, error) {
	dir, err := os.MkdirTemp("", "enginetest-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // in the directory for temporary files
	err = filesync.FSSync(ctx, f.caller, filesync.FSSendRequestOpt{Name: name, IncludePatterns: only, DestDir: dir})
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	err = filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(file) //nolint:gosec // below a directory of its own
		files[filepath.ToSlash(strings.TrimPrefix(file, dir+string(filepath.Separator)))] = string(text)
		return err
	})
	return files, err
}

// carryOut takes one instruction into the image.
func (f *frontend) carryOut(ctx context.Context, instruction *parser.Node, step string) error {
	words := []string{}
	for n := instruction.Next; n != nil; n = n.Next {
		words = append(words, n.Value)
	}
	switch strings.ToLower(instruction.Value) {
	case "from":
		return f.from(words)
	case "arg":
		f.arg(words)
	case "copy", "add":
		f.copyFiles(instruction.Flags, words)
	case "run":
		return f.run(ctx, instruction.Flags, strings.Join(words, " "), step)
	case "cmd":
		f.image.Cmd = words
	case "label":
		for ; len(words) >= 2; words = words[min(3, len(words)):] {
			f.image.Labels = mergeMap(maps.Clone(f.image.Labels), map[string]string{words[0]: strings.Trim(words[1], `"`)})
		}
	case "volume":
		f.image.Volumes = append(slices.Clone(f.image.Volumes), words...)
	case "env", "workdir", "expose", "user", "entrypoint", "healthcheck", "stopsignal":
	default:
		return fmt.Errorf("dockerfile parse error on line %d: unknown instruction: %s", instruction.StartLine, instruction.Value)
	}
	return nil
}

func (f *frontend) from(words []string) error {
	base := words[0]
	if image, ok := strings.CutPrefix(f.attrs["context:"+base], "docker-image://"); ok {
		base = image
	}
	if stage, ok := f.stages[base]; ok {
		f.image = stage
	} else if base == "scratch" {
		f.image = Image{}
	} else {
		f.engine.mu.Lock()
		img, err := f.engine.findImage(base)
		f.engine.mu.Unlock()
		if err != nil {
			return fmt.Errorf("%s: failed to resolve source metadata for docker.io/library/%s: not found", base, base)
		}
		f.image = img.spec
		f.image.Files = mergeMap(maps.Clone(img.spec.Files), map[string]string{"/.from": img.id})
	}
	if len(words) == 3 && strings.EqualFold(words[1], "as") {
		f.stages[words[2]] = f.image
	}
	return nil
}

func (f *frontend) arg(words []string) {
	for _, word := range words {
		name, value, _ := strings.Cut(word, "=")
		if given, ok := f.attrs["build-arg:"+name]; ok {
			value = given
		}
		f.args[name] = value
		f.image.Files = mergeMap(maps.Clone(f.image.Files), map[string]string{"/.args/" + name: value})
	}
}

func (f *frontend) copyFiles(flags, words []string) {
	if slices.ContainsFunc(flags, func(flag string) bool { return strings.HasPrefix(flag, "--from=") }) {
		return
	}
	target := words[len(words)-1]
	copied := maps.Clone(f.image.Files)
	for _, name := range slices.Sorted(maps.Keys(f.files)) {
		for _, source := range words[:len(words)-1] {
			source = path.Clean(source)
			if source == "." || name == source || strings.HasPrefix(name, source+"/") {
				copied = mergeMap(copied, map[string]string{path.Join("/", target, path.Base(name)): f.files[name]})
			}
		}
	}
	f.image.Files = copied
}

func (f *frontend) run(ctx context.Context, flags []string, command, step string) error {
	for _, flag := range flags {
		if _, rest, ok := strings.Cut(flag, "type=secret,id="); ok {
			id, _, _ := strings.Cut(rest, ",")
			if _, err := secrets.GetSecret(ctx, f.caller, id); err != nil {
				return fmt.Errorf("secret %s: %w", id, err)
			}
		}
	}
	if text, ok := strings.CutPrefix(command, "echo "); ok {
		f.progress.say(step, text+"\n")
	}
	if code, ok := strings.CutPrefix(command, "exit "); ok {
		f.progress.say(step, "about to fail\n")
		return fmt.Errorf("process %q did not complete successfully: exit code: %s", "/bin/sh -c "+command, code)
	}
	text, err := json.Marshal(command)
	if err != nil {
		return err
	}
	f.image.Files = mergeMap(maps.Clone(f.image.Files), map[string]string{"/.run/" + step: string(text)})
	return nil
}

// located adds the place in the Dockerfile to an error.
func (f *frontend) located(err error, instruction *parser.Node) error {
	return errdefs.WithSource(err, &errdefs.Source{
		Info: &pb.SourceInfo{Filename: f.file, Data: f.text, Language: "Dockerfile"},
		Ranges: []*pb.Range{{
			Start: &pb.Position{Line: int32(instruction.StartLine)}, //nolint:gosec // lines of a file
			End:   &pb.Position{Line: int32(instruction.EndLine)},   //nolint:gosec // lines of a file
		}},
	})
}
