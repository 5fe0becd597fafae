package main

import "testing"

func TestParallel(t *testing.T) {
	for _, c := range []struct {
		flag    int
		env     string
		want    int
		invalid bool
	}{
		{flag: -1, want: 0},
		{flag: 3, want: 3},
		{flag: 3, env: "5", want: 3},
		{flag: -1, env: "5", want: 5},
		{flag: -1, env: "-1", want: 0},
		{flag: -1, env: "many", invalid: true},
	} {
		p := newProgram(Invocation{Env: []string{"COMPOSE_PARALLEL_LIMIT=1", "COMPOSE_PARALLEL_LIMIT=" + c.env}})
		p.globals.parallel = c.flag
		got, err := p.parallel()
		if got != c.want || (err != nil) != c.invalid {
			t.Errorf("--parallel %d with %q: %d, %v", c.flag, c.env, got, err)
		}
	}
}
