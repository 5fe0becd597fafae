package runtime

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"

	"github.com/gocompose/gocompose/internal/archive"
	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/internal/watch"
	"github.com/gocompose/gocompose/planner"
)

// Syncer has files of containers be as they are on this machine. It may be used for
// several containers at a time.
type Syncer struct {
	engine *engine.Client

	mu    sync.Mutex
	hulls map[string]*hull // by container
}

// hull is what must be known of a container to copy files into it.
type hull struct {
	owner *archive.Owner // of the files; nil where they keep their own
	// named has the engine find out to whom the files go: the container's user
	// has a name.
	named bool
	tmpfs []string // mounted in its running process alone
}

// NewSyncer makes one for the containers of an engine.
func NewSyncer(e *engine.Client) *Syncer { return &Syncer{engine: e, hulls: map[string]*hull{}} }

// Containers lists the containers of services that files are synced to.
func (s *Syncer) Containers(ctx context.Context, projectName string, services []string) ([]watch.Container, error) {
	list, err := listMembers(ctx, s.engine, projectName, services)
	if err != nil {
		return nil, err
	}
	var containers []watch.Container
	for _, c := range list {
		if !c.OneOff {
			containers = append(containers, watch.Container{
				ID: c.ID, Name: c.Name, Service: c.Service, Running: c.Phase == planner.Running,
			})
		}
	}
	return containers, nil
}

// Sync copies the files that there are, and removes from the container those that
// there are not. The engine's answer says that it has unpacked all of them; where it
// has not, they are sent by halves to find out which it cannot take.
func (s *Syncer) Sync(ctx context.Context, c watch.Container, files []watch.File) watch.Outcome {
	job := &syncJob{Syncer: s, container: c, spare: splitsMost}
	known, err := s.hull(ctx, c.ID)
	if err != nil {
		job.fail(files, err)
		return job.out
	}
	job.hull = known
	var gone, there []watch.File
	for _, f := range files {
		info, err := os.Lstat(f.Path)
		within := slices.IndexFunc(known.tmpfs, func(dir string) bool { return covers(dir, f.Target) })
		switch {
		case within >= 0:
			err := fmt.Errorf("it is in the tmpfs at %s, into which engines cannot copy", known.tmpfs[within])
			job.out.Failed = append(job.out.Failed, watch.Failure{File: f, Err: err, Final: true})
		case errors.Is(err, fs.ErrNotExist):
			gone = append(gone, f)
		case err != nil:
			job.fail([]watch.File{f}, err)
		case archive.Packs(info.Mode()):
			there = append(there, f)
		}
	}
	job.remove(ctx, gone)
	for len(there) > 0 {
		end := slices.IndexFunc(there, func(f watch.File) bool { return f.Under != there[0].Under })
		if end < 0 {
			end = len(there)
		}
		job.copy(ctx, there[:end])
		there = there[end:]
	}
	return job.out
}

// covers tells whether a path of a container is a directory or below it.
func covers(dir, name string) bool {
	return name == dir || strings.HasPrefix(name, strings.TrimSuffix(dir, "/")+"/")
}

// hull looks at a container once.
func (s *Syncer) hull(ctx context.Context, id string) (*hull, error) {
	s.mu.Lock()
	known := s.hulls[id]
	s.mu.Unlock()
	if known != nil {
		return known, nil
	}
	c, err := s.engine.API().ContainerInspect(ctx, id)
	if err != nil {
		return nil, engine.Classify(err)
	}
	known = hullOf(c)
	s.mu.Lock()
	s.hulls[id] = known
	s.mu.Unlock()
	return known, nil
}

func hullOf(c container.InspectResponse) *hull {
	h := &hull{}
	if c.Config != nil && c.Config.User != "" {
		// Engines look all users up in the container, and fail with those that it
		// does not know, so that IDs are better left to the stream.
		user, group, both := strings.Cut(c.Config.User, ":")
		uid, err := strconv.Atoi(user)
		gid, groupErr := strconv.Atoi(group)
		switch {
		case err == nil && both && groupErr == nil:
			h.owner = &archive.Owner{UID: uid, GID: gid}
		case err == nil && !both:
			h.owner = &archive.Owner{UID: uid}
		default:
			h.named = true
		}
	}
	for _, m := range c.Mounts {
		if m.Type == mount.TypeTmpfs {
			h.tmpfs = append(h.tmpfs, path.Clean(m.Destination))
		}
	}
	if c.ContainerJSONBase != nil && c.HostConfig != nil {
		for dir := range c.HostConfig.Tmpfs {
			h.tmpfs = append(h.tmpfs, path.Clean(dir))
		}
	}
	return h
}

// splitsMost is how many more requests a sync may take to find out which of its files
// the engine does not take.
const splitsMost = 64

// syncJob is one sync of a container under way.
type syncJob struct {
	*Syncer
	*hull
	container watch.Container
	spare     int
	out       watch.Outcome
}

// noSuchContainer is what tells a container that is gone from a path that is not there.
const noSuchContainer = "No such container"

func (j *syncJob) fail(files []watch.File, err error) {
	if engine.IsNotFound(err) && strings.Contains(err.Error(), noSuchContainer) {
		j.out.Gone = true
	}
	for _, f := range files {
		j.out.Failed = append(j.out.Failed, watch.Failure{File: f, Err: err})
	}
}

func (j *syncJob) later(files []watch.File) {
	for _, f := range files {
		j.out.Later = append(j.out.Later, f.Path)
	}
}

// copy sends files that belong under one directory, and by halves if it must.
func (j *syncJob) copy(ctx context.Context, files []watch.File) {
	err := j.put(ctx, files)
	local := (*fs.PathError)(nil)
	switch {
	case err == nil:
	case len(files) == 1 || engine.IsTransport(err) || ctx.Err() != nil || j.out.Gone || j.spare == 0 || errors.As(err, &local):
		j.fail(files, err)
	default:
		j.spare--
		half := len(files) / 2
		j.copy(ctx, files[:half])
		j.copy(ctx, files[half:])
	}
}

// put sends files, in the directory they belong under or, where there is none, in that
// of the root, where engines make the missing ones.
func (j *syncJob) put(ctx context.Context, files []watch.File) error {
	under := files[0].Under
	if files[0].Target == under { // the target of a file
		under = path.Dir(under)
	}
	err := j.send(ctx, under, files)
	if !engine.IsNotFound(err) || strings.Contains(err.Error(), noSuchContainer) {
		return err
	}
	return j.send(ctx, "/", files)
}

func (j *syncJob) send(ctx context.Context, dir string, files []watch.File) error {
	content, packed := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := j.pack(packed, dir, files)
		_ = packed.CloseWithError(err) // never fails
		done <- err
	}()
	err := engine.Classify(j.engine.API().CopyToContainer(ctx, j.container.ID, dir, content, container.CopyToContainerOptions{
		AllowOverwriteDirWithFile: true, CopyUIDGID: j.named,
	}))
	_ = content.Close() // never fails; ends the packing, where the engine has left
	if packErr := <-done; packErr != nil && !errors.Is(packErr, io.ErrClosedPipe) {
		return packErr // the cause of the engine's error, if there is one
	}
	return err
}

// pack writes the files as a stream. What goes away meanwhile will be told of.
func (j *syncJob) pack(w io.Writer, dir string, files []watch.File) error {
	stream := archive.NewStream(w, j.owner)
	for _, f := range files {
		name := strings.TrimPrefix(strings.TrimPrefix(f.Target, dir), "/")
		if name == "" {
			continue // the directory itself
		}
		err := stream.Add(f.Path, name)
		switch {
		case errors.Is(err, archive.ErrChanging), errors.Is(err, fs.ErrNotExist):
			j.later([]watch.File{f})
		case errors.Is(err, fs.ErrPermission):
			j.fail([]watch.File{f}, err)
		case err != nil:
			return err
		}
	}
	return stream.Close()
}

// argumentsMost is how long a command line may be. Linux allows more than a million
// bytes, and engines something of their own.
const argumentsMost = 64 << 10

// remove takes files away by the command rm, which is all that engines offer: their
// archives know no removal. It needs a container that runs.
func (j *syncJob) remove(ctx context.Context, files []watch.File) {
	if !j.container.Running {
		j.later(files)
		return
	}
	for len(files) > 0 {
		size, n := 0, 0
		for n < len(files) && (n == 0 || size+len(files[n].Target) < argumentsMost) {
			size += len(files[n].Target) + 1
			n++
		}
		j.removeSome(ctx, files[:n])
		files = files[n:]
	}
}

func (j *syncJob) removeSome(ctx context.Context, files []watch.File) {
	files = slices.DeleteFunc(slices.Clone(files), func(f watch.File) bool { return f.Target == "/" })
	if len(files) == 0 {
		return
	}
	command := []string{"rm", "-rf", "--"}
	for _, f := range files {
		command = append(command, f.Target)
	}
	said, status, err := j.exec(ctx, command, "")
	if err == nil && status != 0 && !cannotRun(status) {
		// Not allowed to, as a rule: the files may be somebody else's.
		said, status, err = j.exec(ctx, command, "0")
	}
	switch {
	case engine.KindOf(err) == engine.Conflict, engine.KindOf(err) == engine.NotRunning:
		j.later(files) // it has stopped meanwhile, or is paused
	case engine.KindOf(err) == engine.CommandMissing, err == nil && cannotRun(status):
		for _, f := range files {
			err := errors.New("it cannot be removed, as the image has no command rm")
			j.out.Failed = append(j.out.Failed, watch.Failure{File: f, Err: err, Final: true})
		}
	case err != nil:
		j.fail(files, err)
	case status != 0:
		j.fail(files, fmt.Errorf("rm ended with status %d: %s", status, said))
	}
}

// cannotRun tells whether a command did not run at all (POSIX: sh, 126 and 127).
func cannotRun(status int) bool { return status == 126 || status == 127 }

func (j *syncJob) exec(ctx context.Context, command []string, user string) (said string, status int, err error) {
	var output bytes.Buffer
	status, err = Exec(ctx, j.engine, j.container.ID, ExecOptions{Command: command, User: user}, Interaction{Out: &output, Err: &output})
	return strings.TrimSpace(output.String()), status, err
}
