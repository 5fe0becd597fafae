package main

import (
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
		theirs := &copier{pair: p, program: p.oracle, service: "left", dir: t.TempDir()}
		ours := &copier{pair: p, program: p.self(t), service: "right", dir: t.TempDir()}
		for _, c := range []*copier{theirs, ours} {
			c.prepare(t)
		}
		for _, line := range copyLines() {
			if diff := gocmp.Diff(theirs.cp(t, line), ours.cp(t, line)); diff != "" {
				t.Errorf("cp %s\n%s", line, diff)
			}
			if diff := gocmp.Diff(theirs.state(t), ours.state(t)); diff != "" {
				t.Fatalf("after cp %s\n%s", line, diff)
			}
		}
		if end := ours.state(t); !slices.Contains(end, "/out/exec -rwx------ y") {
			t.Errorf("left over: %s", strings.Join(end, "\n"))
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
	*pair
	program, service, dir string
}

func (c *copier) prepare(t *testing.T) {
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
	a := c.ask(t, c.oracle, "exec", "-T", c.service, "sh", "-c", "mkdir -p /tmp/real; ln -s real /tmp/todir; ln -s a.txt /tmp/tofile")
	if a.Code != 0 {
		t.Fatal(a.Err)
	}
}

// cp copies, and leaves out of the answer what tells the two apart.
func (c *copier) cp(t *testing.T, line string) answer {
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
	a := c.ask(t, c.program, args...)
	a.Err = withoutHints(strings.NewReplacer(c.dir, "DIR", c.service, "SERVICE", "  ", " ").Replace(a.Err))
	for _, rule := range [][2]string{
		{`[0-9a-f]{64}`, "ID"},
		{`(?m)^time=.*\n`, ""}, // what docker-compose's library logs
	} {
		a.Err = regexp.MustCompile(rule[0]).ReplaceAllString(a.Err, rule[1])
	}
	return a
}

// state is what is in the container and in the directory.
func (c *copier) state(t *testing.T) []string {
	t.Helper()
	const look = `cd /tmp; find . | sort | while read f; do stat -c '%n %A %u %g' "$f"; test -f "$f" && cat "$f"; done; true`
	a := c.ask(t, c.oracle, "exec", "-T", c.service, "sh", "-c", look)
	state := strings.Split(a.Out, "\n")
	err := filepath.WalkDir(c.dir, func(file string, entry fs.DirEntry, err error) error {
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
	if err != nil {
		t.Fatal(err)
	}
	return state
}
