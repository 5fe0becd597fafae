package enginetest

import (
	"archive/tar"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	ctypes "github.com/docker/docker/api/types/container"
	etypes "github.com/docker/docker/api/types/events"
)

// archiveInfo answers a HEAD request about a path with the stat header.
func (e *Engine) archiveInfo(w http.ResponseWriter, r *request) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, f, name, leave, err := e.archiveTarget(r)
	if err != nil {
		return err
	}
	defer leave()
	return setStat(w, name, f)
}

// archiveTarget finds the container and file that an archive call is about, and
// mounts the container's volumes until leave is called.
func (e *Engine) archiveTarget(r *request) (c *container, f *file, name string, leave func(), err error) {
	asked := r.query.Get("path")
	if asked == "" {
		return nil, nil, "", nil, invalid("bad parameter: pathcannot be empty")
	}
	if c, err = e.findContainer(r.vars["name"]); err != nil {
		return nil, nil, "", nil, err
	}
	e.publishMounts(c, etypes.ActionMount)
	leave = func() { e.publishMounts(c, etypes.ActionUnmount) }
	name = path.Clean("/" + asked)
	f, ok := c.lookUp(name)
	if !ok {
		leave()
		return nil, nil, "", nil, notFound("Could not find the file %s in container %s", asked, r.vars["name"])
	}
	return c, f, name, leave, nil
}

func setStat(w http.ResponseWriter, name string, f *file) error {
	stat, err := json.Marshal(ctypes.PathStat{
		Name: path.Base(name), Size: int64(len(f.data)), Mode: f.mode, Mtime: f.modified, LinkTarget: f.link,
	})
	if err != nil {
		return systemError("cannot encode the stat header: %v", err)
	}
	w.Header().Set("X-Docker-Container-Path-Stat", base64.StdEncoding.EncodeToString(stat))
	return nil
}

// archiveGet sends a file or directory as a tar stream.
func (e *Engine) archiveGet(w http.ResponseWriter, r *request) error {
	e.mu.Lock()
	c, f, name, leave, err := e.archiveTarget(r)
	var content bytes.Buffer
	if err == nil {
		err = c.tar(&content, name)
		e.publishContainer(c, etypes.ActionArchivePath, nil)
		leave()
	}
	e.mu.Unlock()
	if err != nil {
		return err
	}
	if err := setStat(w, name, f); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/x-tar")
	// A client that is gone needs no answer.
	_, _ = content.WriteTo(w)
	return nil
}

// tar packs a path; entries are named from its last element on.
func (c *container) tar(to io.Writer, name string) error {
	t, within, _ := c.locate(name)
	base := path.Base(name)
	if base == "/" {
		base = "."
	}
	return t.tar(to, within, base)
}

// tar packs what is at and below a path, under another name.
func (t *fileTree) tar(to io.Writer, within, base string) error {
	out := tar.NewWriter(to)
	for _, member := range t.under(within) {
		f := t.files[member]
		header, err := tar.FileInfoHeader(fileInfo{f, path.Base(member)}, f.link)
		if err != nil {
			return systemError("cannot pack %s: %v", member, err)
		}
		header.Name = path.Join(base, strings.TrimPrefix(member, within))
		if f.mode.IsDir() {
			header.Name += "/"
		}
		header.Uid, header.Gid = f.uid, f.gid
		if err := out.WriteHeader(header); err != nil {
			return systemError("cannot pack %s: %v", member, err)
		}
		if _, err := out.Write(f.data); err != nil {
			return systemError("cannot pack %s: %v", member, err)
		}
	}
	return out.Close()
}

// refuseLabel names a file that no archive can put into the container.
const refuseLabel = "enginetest.refuse"

// archivePut unpacks a tar stream into a directory.
func (e *Engine) archivePut(w http.ResponseWriter, r *request) error {
	files, err := unpack(r.Body)
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	c, f, name, leave, err := e.archiveTarget(r)
	if err != nil {
		return err
	}
	defer leave()
	if !f.mode.IsDir() {
		return e.refuseUnpack("extraction point is not a directory")
	}
	_, _, m := c.locate(name)
	switch {
	case m != nil && m.readOnly:
		return e.refuseUnpack("mounted volume is marked read-only")
	case m == nil && c.host.ReadonlyRootfs:
		return e.refuseUnpack("container rootfs is marked read-only")
	}
	for _, packed := range files {
		target := path.Join(name, packed.name)
		if refused, ok := c.config.Labels[refuseLabel]; ok && path.Base(target) == refused {
			return systemError("Error processing tar file(exit status 1): open %s: no space left on device", target)
		}
		old, exists := c.lookUp(target)
		if exists && r.flag("noOverwriteDirNonDir") && old.mode.IsDir() != packed.mode.IsDir() {
			return invalid("cannot overwrite %s: one is a directory and the other is not", target)
		}
		t, within, _ := c.locate(target)
		t.put(within, packed.file)
	}
	e.publishContainer(c, etypes.ActionExtractToDir, nil)
	w.WriteHeader(http.StatusOK)
	return nil
}

// refuseUnpack is a refusal with the status of the engine's time.
func (e *Engine) refuseUnpack(problem string) error {
	if e.serves("1.48") {
		return invalid("%s", problem)
	}
	return systemError("%s", problem)
}

type packedFile struct {
	*file
	name string
}

func unpack(from io.Reader) ([]packedFile, error) {
	var files []packedFile
	in := tar.NewReader(from)
	for {
		header, err := in.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, invalid("Error processing tar file: %v", err)
		}
		data, err := io.ReadAll(in)
		if err != nil {
			return nil, invalid("Error processing tar file: %v", err)
		}
		f := &file{
			mode: header.FileInfo().Mode(), uid: header.Uid, gid: header.Gid, modified: header.ModTime, data: data,
			link: header.Linkname,
		}
		files = append(files, packedFile{f, header.Name})
	}
}

// fileInfo presents a file to package tar.
type fileInfo struct {
	*file
	name string
}

func (i fileInfo) Name() string       { return i.name }
func (i fileInfo) Size() int64        { return int64(len(i.data)) }
func (i fileInfo) Mode() fs.FileMode  { return i.mode }
func (i fileInfo) IsDir() bool        { return i.mode.IsDir() }
func (i fileInfo) ModTime() time.Time { return i.modified }
func (i fileInfo) Sys() any           { return nil }
