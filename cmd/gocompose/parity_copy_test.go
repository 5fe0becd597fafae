package main

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// TestCopiesOnEngines has each program copy to and from a container of its own
// and compares what they say and what is there in the end.
func TestCopiesOnEngines(t *testing.T) {
	onPairs(t, func(t *testing.T, r *realPlace, p *pair) {
		r.write(t, `
services:
  left: {image: gocompose-test/busybox, command: ["sleep", "1000"], stop_signal: KILL}
  right: {image: gocompose-test/busybox, command: ["sleep", "1000"], stop_signal: KILL}
`)
		if a := p.ask(t, p.oracle, "up", "-d"); a.Code != 0 {
			t.Fatal(a.Err)
		}
		theirs := &copier{realPlace: r, program: p.oracle, service: "left", dir: t.TempDir()}
		ours := &copier{realPlace: r, program: p.self(t), service: "right", dir: t.TempDir()}
		for _, c := range []*copier{theirs, ours} {
			c.prepare(t, p)
		}
		var end []string
		for _, line := range copyLines() {
			their, our := atOnce(t,
				func() (copied, error) { return theirs.cp(t, line) },
				func() (copied, error) { return ours.cp(t, line) })
			if diff := gocmp.Diff(their.answer, our.answer); diff != "" {
				t.Errorf("cp %s\n%s", line, diff)
			}
			if diff := gocmp.Diff(their.state, our.state); diff != "" {
				t.Fatalf("after cp %s\n%s", line, diff)
			}
			end = our.state
		}
		for _, want := range []string{"/out/exec -rwx------ y", "tmp/owned -rwx------ 12:34  hello", "tmp/todir Lrwxrwxrwx 0:0 real "} {
			if !slices.Contains(end, want) {
				t.Errorf("%s is not among\n%s", want, strings.Join(end, "\n"))
			}
		}
	})
}

// copyLines are copies, with S for the container and L for the directory of this
// machine.
func copyLines() []string {
	return strings.Split(strings.TrimSpace(`
L/a.txt S:/tmp
L/a.txt S:/tmp/b.txt
L/a.txt S:/nodir/x
L/a.txt S:/nodir/
L/a.txt S:
L/a.txt/ S:/tmp
L/none S:/tmp
L/dir S:/tmp
L/dir S:/tmp/new
L/dir/. S:/tmp/contents
L/dir/. S:/tmp/new
L/dir S:/tmp/a.txt
L/link S:/tmp
L/link/ S:/tmp
-L L/link S:/tmp/followed
L/dir/sublink/ S:/tmp
L/dir/sublink S:/tmp/sublink2
-a L/a.txt S:/tmp/owned
L/a.txt S:tmp/relative
L/a.txt S:/etc/../tmp/dots
L/a.txt S:/tmp/todir
L/a.txt S:/tmp/tofile
S:/tmp/a.txt L/back
S:/tmp/a.txt L/
S:/tmp/dir L/out
S:/tmp/dir L/out
S:/tmp/dir/. L/out2
S:/tmp/dir/ L/out3
S:/tmp/dir L/a.txt
S:/tmp/dir L/no/no
S:/tmp/a.txt L/no/
S:/tmp/none L/
S:/tmp/todir L/
-L S:/tmp/todir L/followed
-L S:/tmp/tofile L/
S:/tmp/tofile L/aslink
S:/tmp/todir/ L/slash
S:/tmp/todir/. L/
S:/tmp/a.txt L/link
S: L/
S:/tmp/a.txt L/dir/sublink
-a S:/tmp/owned L/owned
--index 1 L/a.txt S:/tmp/indexed
--index 2 L/a.txt S:/tmp/indexed
--index 2 S:/tmp/a.txt L/indexed
- S:/tmp/a.txt
- S:/nodir
- -
L/a.txt L/b
S:/tmp S:/x
:/x L/b
L/a:b S:/tmp
`), "\n")
}

// copier is one of the programs, with a container and a directory.
type copier struct {
	*realPlace
	program, service, dir string
}

// copied is what came of a copy.
type copied struct {
	answer answer
	state  []string // what is in the container and in the directory
}

func (c *copier) prepare(t *testing.T, p *pair) {
	t.Helper()
	for name, content := range map[string]string{"a.txt": "hello", "dir/sub/f": "x", "dir/exec": "y"} {
		file := filepath.Join(c.dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o700); err != nil { //nolint:gosec // a mode to copy
			t.Fatal(err)
		}
	}
	for name, target := range map[string]string{"link": "a.txt", "dir/sublink": "sub"} {
		if err := os.Symlink(target, filepath.Join(c.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Lchown(filepath.Join(c.dir, "a.txt"), 12, 34); err != nil && !os.IsPermission(err) {
		t.Fatal(err)
	}
	a := p.ask(t, p.oracle, "exec", "-T", c.service, "sh", "-c", "mkdir -p /tmp/real; ln -s real /tmp/todir; ln -s a.txt /tmp/tofile")
	if a.Code != 0 {
		t.Fatal(a.Err)
	}
}

// cp copies, and leaves out of the answer what tells the two apart.
func (c *copier) cp(t *testing.T, line string) (copied, error) {
	t.Helper()
	args := []string{"cp"}
	for _, arg := range strings.Fields(line) {
		if rest, ok := strings.CutPrefix(arg, "S:"); ok {
			arg = c.service + ":" + rest
		} else if rest, ok := strings.CutPrefix(arg, "L/"); ok {
			arg = c.dir + "/" + rest
		}
		args = append(args, arg)
	}
	a, err := c.tryAsk(t, c.program, args)
	if err != nil {
		return copied{}, err
	}
	a.Err = withoutHints(strings.NewReplacer(c.dir, "DIR", c.service, "SERVICE", "  ", " ").Replace(a.Err))
	for _, rule := range [][2]string{
		{`[0-9a-f]{64}`, "ID"},
		{`(?m)^time=.*\n`, ""}, // what docker-compose's library logs
	} {
		a.Err = regexp.MustCompile(rule[0]).ReplaceAllString(a.Err, rule[1])
	}
	inside, err := c.inside(t)
	if err != nil {
		return copied{}, err
	}
	outside, err := c.outside()
	return copied{answer: a, state: append(inside, outside...)}, err
}

// inside is what is in the container. The engine is asked for it as an archive,
// which takes it a fraction of the time of a process in the container.
func (c *copier) inside(t *testing.T) (state []string, err error) {
	t.Helper()
	content, _, err := c.api.CopyFromContainer(t.Context(), c.name+"-"+c.service+"-1", "/tmp")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	for archive := tar.NewReader(content); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			slices.Sort(state)
			return state, nil
		}
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(archive)
		if err != nil {
			return nil, err
		}
		state = append(state, fmt.Sprintf("%s %s %d:%d %s %s",
			header.Name, header.FileInfo().Mode(), header.Uid, header.Gid, header.Linkname, text))
	}
}

// outside is what is in the directory.
func (c *copier) outside() (state []string, err error) {
	err = filepath.WalkDir(c.dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		line := strings.TrimPrefix(file, c.dir) + " " + info.Mode().String()
		if target, err := os.Readlink(file); err == nil {
			line += " " + target
		} else if content, err := os.ReadFile(file); err == nil { //nolint:gosec // of the test
			line += " " + string(content)
		}
		state = append(state, line)
		return nil
	})
	return state, err
}
