package spec

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"path"
	"strconv"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/gocompose/gocompose/project"
)

// File is one config or secret that is copied into a container.
type File struct {
	Target   string // absolute path in the container
	Content  []byte
	UID, GID int
	Mode     int64 // permission bits
}

// fileRef is a service's use of a config or secret.
type fileRef struct {
	types.FileReferenceConfig
	secret bool
}

// fileRefs lists the configs and secrets of the service, in the order of the
// files.
func fileRefs(s project.Service) []fileRef {
	refs := make([]fileRef, 0, len(s.Configs)+len(s.Secrets))
	for _, c := range s.Configs {
		refs = append(refs, fileRef{FileReferenceConfig: types.FileReferenceConfig(c)})
	}
	for _, c := range s.Secrets {
		refs = append(refs, fileRef{FileReferenceConfig: types.FileReferenceConfig(c), secret: true})
	}
	return refs
}

func (r fileRef) kind() string {
	if r.secret {
		return "secret"
	}
	return "config"
}

// path is the field that tells of the file.
func (r fileRef) path() string { return r.kind() + "s." + r.target() }

func (r fileRef) object(p *project.Project) (types.FileObjectConfig, error) {
	var (
		object types.FileObjectConfig
		ok     bool
	)
	if r.secret {
		var s types.SecretConfig
		s, ok = p.Secret(r.Source)
		object = types.FileObjectConfig(s)
	} else {
		var c types.ConfigObjConfig
		c, ok = p.Config(r.Source)
		object = types.FileObjectConfig(c)
	}
	switch {
	case !ok:
		return object, fmt.Errorf("undefined %s %q", r.kind(), r.Source)
	case bool(object.External):
		return object, fmt.Errorf("unsupported external %s %s: one engine has no store of them; give it a file, environment or content", r.kind(), r.Source)
	case object.Driver != "":
		return object, fmt.Errorf("unsupported %ss.%s.driver: one engine has no store of them", r.kind(), r.Source)
	case object.TemplateDriver != "":
		return object, fmt.Errorf("unsupported %ss.%s.template_driver: one engine fills no templates", r.kind(), r.Source)
	}
	return object, nil
}

// target is where the file appears (Compose Spec, services: configs and
// secrets): below / or /run/secrets unless the path is absolute.
func (r fileRef) target() string {
	target := r.Target
	if target == "" {
		target = r.Source
	}
	switch {
	case path.IsAbs(target):
		return target
	case r.secret:
		return path.Join("/run/secrets", target)
	default:
		return path.Join("/", target)
	}
}

// NeedsFiles tells whether the service has configs or secrets that no bind
// mount can carry.
func NeedsFiles(p *project.Project, s project.Service) bool {
	for _, ref := range fileRefs(s) {
		if object, err := ref.object(p); err == nil && object.File == "" {
			return true
		}
	}
	return false
}

// Files are the configs and secrets of the service that are copied into its
// containers: those from the environment and those in the files themselves.
func Files(p *project.Project, s project.Service) ([]File, error) {
	var files []File
	for _, ref := range fileRefs(s) {
		object, err := ref.object(p)
		if err != nil {
			return nil, err
		}
		if object.File != "" {
			continue
		}
		content := object.Content
		if object.Environment != "" {
			value, ok := p.Environment()[object.Environment]
			if !ok {
				return nil, fmt.Errorf("environment variable %q required by %s %q is not set", object.Environment, ref.kind(), ref.Source)
			}
			content = value
		}
		file, err := ref.file(content)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

func (r fileRef) file(content string) (File, error) {
	f := File{Target: r.target(), Content: []byte(content), Mode: 0o444}
	if r.Mode != nil {
		f.Mode = int64(*r.Mode)
	}
	for _, owner := range []struct {
		text string
		id   *int
	}{{r.UID, &f.UID}, {r.GID, &f.GID}} {
		if owner.text == "" {
			continue
		}
		id, err := strconv.Atoi(owner.text)
		if err != nil {
			return File{}, fmt.Errorf("%s %q: uid and gid are numbers, not %q", r.kind(), r.Source, owner.text)
		}
		*owner.id = id
	}
	return f, nil
}

// Tar packs files for the engine's archive upload, to be unpacked at /. The
// files carry the time they are written at: servers tell versions by it.
func Tar(files []File, written time.Time) (io.Reader, error) {
	var buffer bytes.Buffer
	archive := tar.NewWriter(&buffer)
	for _, f := range files {
		header := &tar.Header{
			Name: f.Target, Mode: f.Mode, Uid: f.UID, Gid: f.GID, Size: int64(len(f.Content)), ModTime: written,
		}
		if err := archive.WriteHeader(header); err != nil {
			return nil, fmt.Errorf("packing %s: %w", f.Target, err)
		}
		if _, err := archive.Write(f.Content); err != nil {
			return nil, fmt.Errorf("packing %s: %w", f.Target, err)
		}
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	return &buffer, nil
}
