package planner

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// WriteText writes the plan for people: one line for each thing that changes,
// with its reason, then what is kept, and what to know.
func WriteText(w io.Writer, p *Plan) error {
	out := bufio.NewWriter(w)
	actions := actionsOf(p)
	if len(actions) == 0 {
		fmt.Fprintf(out, "Project %s: nothing to do\n", p.Project)
	} else {
		fmt.Fprintf(out, "Project %s: %s\n\n", p.Project, tally(actions))
		writeActions(out, actions)
	}
	if len(p.Pending) > 0 {
		fmt.Fprintf(out, "\nMay also be replaced, once their images and variables are known: %s\n", joinRefs(p.Pending))
	}
	if len(p.Kept) > 0 {
		fmt.Fprintln(out)
		writeKept(out, p.Kept)
	}
	for _, note := range p.Notes {
		fmt.Fprintf(out, "\nNote: %s\n", note.Text)
	}
	return out.Flush()
}

// writeActions aligns verbs and names; reasons follow.
func writeActions(out io.Writer, actions []action) {
	verbs, names := 0, 0
	for _, a := range actions {
		verbs = max(verbs, len(a.verb))
		names = max(names, len(a.title()))
	}
	for _, a := range actions {
		line := fmt.Sprintf("  %-*s  %-*s  %s", verbs, a.verb, names, a.title(), a.why())
		fmt.Fprintln(out, strings.TrimRight(line, " "))
		for _, field := range a.reason.Fields {
			fmt.Fprintf(out, "  %*s  %s\n", verbs, "", fieldLine(field))
		}
	}
}

func fieldLine(f FieldChange) string {
	switch {
	case f.Secret && f.Old == "" && f.New == "":
		return f.Path + ": changed (value not shown)"
	case f.Old == "":
		return fmt.Sprintf("%s: set to %q", f.Path, f.New)
	case f.New == "":
		return fmt.Sprintf("%s: removed (was %q)", f.Path, f.Old)
	default:
		return fmt.Sprintf("%s: %q -> %q", f.Path, f.Old, f.New)
	}
}

// keptNamed is how many kept things are named; the JSON form has them all.
const keptNamed = 20

func writeKept(out io.Writer, kept []Kept) {
	kept = slices.Clone(kept)
	slices.SortStableFunc(kept, func(a, b Kept) int { return a.Target.Compare(b.Target) })
	names := make([]string, 0, len(kept))
	for _, k := range kept {
		if k.Detail == "" {
			names = append(names, string(k.Target.Kind)+" "+k.Name)
		}
	}
	if more := len(names) - keptNamed; more > 1 {
		names = append(names[:keptNamed], fmt.Sprintf("and %d more", more))
	}
	if len(names) > 0 {
		fmt.Fprintf(out, "Kept: %s\n", list(names))
	}
	for _, k := range kept {
		if k.Detail != "" {
			fmt.Fprintf(out, "Kept: %s %s: %s\n", k.Target.Kind, k.Name, k.Detail)
		}
	}
}

// tally counts the actions by verb: 1 to create, 2 to replace.
func tally(actions []action) string {
	counts := map[string]int{}
	var verbs []string
	for _, a := range actions {
		if a.verb == waitFor {
			continue
		}
		if counts[a.verb] == 0 {
			verbs = append(verbs, a.verb)
		}
		counts[a.verb]++
	}
	slices.SortFunc(verbs, func(a, b string) int {
		return cmp.Or(cmp.Compare(verbRank(a), verbRank(b)), cmp.Compare(a, b))
	})
	parts := make([]string, len(verbs))
	for i, verb := range verbs {
		parts[i] = fmt.Sprintf("%d to %s", counts[verb], verb)
	}
	if len(parts) == 0 {
		return "only to wait"
	}
	return list(parts)
}

// verbRank is where a verb stands in the summary; other verbs come last.
func verbRank(verb string) int {
	order := []string{"pull", "create", "replace", "start", "restart", "stop", "remove"}
	if i := slices.Index(order, verb); i >= 0 {
		return i
	}
	return len(order)
}

func joinRefs(refs []Ref) string {
	names := make([]string, len(refs))
	for i, r := range refs {
		names[i] = r.String()
	}
	return list(names)
}
