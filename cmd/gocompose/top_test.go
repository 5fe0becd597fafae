package main

import (
	"strings"
	"testing"

	"github.com/gocompose/gocompose/runtime"
)

// TestProcessesOfSeveralKinds: engines may name different columns for two
// containers; CMD stays the last one.
func TestProcessesOfSeveralKinds(t *testing.T) {
	var b strings.Builder
	err := writeProcesses(&b, []runtime.Processes{
		{
			Container: runtime.Listed{Service: "db", Number: 1},
			Titles:    []string{"PID", "CMD"}, Rows: [][]string{{"12", "store --in /data"}, {"13", "store"}},
		},
		{
			Container: runtime.Listed{Service: "long-name", OneOff: true},
			Titles:    []string{"PID", "TIME", "CMD"}, Rows: [][]string{{"14", "00:00:01", "serve"}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	const want = `SERVICE    #   PID  TIME      CMD
db         1   12   -         store --in /data
db         1   13   -         store
long-name      14   00:00:01  serve
`
	if got := b.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
