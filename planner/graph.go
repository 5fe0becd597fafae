package planner

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// WriteDOT writes the plan's graph for Graphviz: an arrow points from a step
// to one that waits for it.
func WriteDOT(w io.Writer, p *Plan) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "digraph %q {\n  rankdir=LR;\n  node [shape=box];\n", p.Project+" "+p.Command)
	for _, step := range p.Steps {
		fmt.Fprintf(out, "  %q [label=%q];\n", step.ID, label(step))
	}
	for _, step := range p.Steps {
		for _, before := range step.After {
			fmt.Fprintf(out, "  %q -> %q;\n", before, step.ID)
		}
	}
	fmt.Fprintln(out, "}")
	return out.Flush()
}

// WriteMermaid writes the plan's graph as a Mermaid flow chart.
func WriteMermaid(w io.Writer, p *Plan) error {
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, "flowchart LR")
	node := make(map[StepID]int, len(p.Steps))
	for i, step := range p.Steps {
		node[step.ID] = i
		// Mermaid ends a label at a double quote, whatever escapes it.
		fmt.Fprintf(out, "  s%d[\"%s\"]\n", i, strings.ReplaceAll(label(step), `"`, "#quot;"))
	}
	for i, step := range p.Steps {
		for _, before := range step.After {
			fmt.Fprintf(out, "  s%d --> s%d\n", node[before], i)
		}
	}
	return out.Flush()
}

func label(s Step) string { return string(s.Op.Verb()) + " " + s.Op.Target().String() }
