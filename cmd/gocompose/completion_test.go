package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// completeInBash takes a line apart as bash does, asks the script, and prints what
// it would offer.
const completeInBash = `
source <(gocompose completion bash)
COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
while IFS= read -r COMP_LINE; do
	COMP_POINT=${#COMP_LINE} COMP_WORDS=() word=
	for ((i = 0; i < COMP_POINT; i++)); do
		c=${COMP_LINE:i:1}
		case $c in
		' ') [[ -z $word ]] || COMP_WORDS+=("$word"); word= ;;
		[=:]) [[ -z $word ]] || COMP_WORDS+=("$word"); COMP_WORDS+=("$c"); word= ;;
		*) word+=$c ;;
		esac
	done
	COMP_WORDS+=("$word") COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	COMPREPLY=()
	_gocompose
	echo "$COMP_LINE -> ${COMPREPLY[*]}"
done
`

func TestCompletionInBash(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed")
	}
	p := newPlace(t, two)
	bin := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(bin, "gocompose")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(p.dir, "conf"), 0o755); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"gocompose un -> unpause",
		"gocompose up  -> db web",
		"gocompose up web  -> db",
		"gocompose up --no-log -> --no-log-prefix",
		"gocompose --ansi= -> auto never always",
		"gocompose --ansi=n -> never",
		"gocompose --ansi n -> never",
		"gocompose scale w -> web=",
		"gocompose scale web=2 d -> db=",
		"gocompose cp w -> web:",
		"gocompose cp ./com -> ./compose.yaml",
		"gocompose cp web:/e -> ",
		"gocompose -f  -> compose.yaml conf",
		"gocompose --file=com -> compose.yaml",
		"gocompose --project-directory con -> conf",
		"gocompose -f compose.yaml logs --tail 5 d -> db",
		"gocompose nope  -> ",
	}
	var lines strings.Builder
	for _, example := range want {
		line, _, _ := strings.Cut(example, " -> ")
		lines.WriteString(line + "\n")
	}
	shell := exec.CommandContext(t.Context(), bash, "--norc", "--noprofile", "-c", completeInBash)
	shell.Dir, shell.Stdin = p.dir, strings.NewReader(lines.String())
	shell.Env = append(append([]string(nil), p.env...), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	out, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if diff := cmp.Diff(strings.Join(want, "\n")+"\n", string(out)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
