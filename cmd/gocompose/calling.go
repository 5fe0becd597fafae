package main

import (
	"path/filepath"
	"slices"
	"strings"
)

// calling is how the program was called: by its own name, by docker-compose's,
// or by the docker command, whose plugin it is then.
type calling struct {
	name   string   // as the user types it, such as "docker compose"
	args   []string // as if it had been called by its own name
	plugin bool
}

// ownName is the program's name where it was called by no other that it knows.
const ownName = "gocompose"

// readCalling looks at a command line, whose first element is the program. The
// docker command calls a plugin docker-NAME as
//
//	docker-NAME [DOCKER'S OPTIONS] NAME ...
//	docker-NAME help NAME ...
//	docker-NAME __complete NAME ...
//
// See https://github.com/docker/cli/blob/master/docs/extend/cli_plugins.md.
func readCalling(args []string) calling {
	c := calling{name: ownName, args: args}
	if len(args) == 0 {
		return c
	}
	program := strings.TrimSuffix(strings.ToLower(filepath.Base(args[0])), ".exe")
	plugin, ok := strings.CutPrefix(program, "docker-")
	if !ok {
		return c
	}
	c.name = program
	at := 1 + dockerOptions(args[1:])
	if at < len(args) && slices.Contains([]string{"help", "__complete", "__completeNoDesc"}, args[at]) {
		at++
	}
	if at < len(args) && args[at] == plugin {
		c.name = "docker " + plugin
		c.args = slices.Delete(slices.Clone(args), at, at+1)
		c.plugin = true
	}
	return c
}

// dockerOptions counts the words that options of the docker command take at the
// start of a line.
func dockerOptions(words []string) int {
	n := 0
	for n < len(words) {
		takes := dockerOption(words[n])
		if takes == 0 {
			break
		}
		n += takes
	}
	return min(n, len(words))
}

// dockerOption is how many words the option takes, or 0 where it is not one of
// the docker command's.
func dockerOption(word string) int {
	valued := []string{"config", "context", "host", "log-level", "tlscacert", "tlscert", "tlskey"}
	if long, ok := strings.CutPrefix(word, "--"); ok {
		name, _, given := strings.Cut(long, "=")
		switch {
		case slices.Contains([]string{"debug", "tls", "tlsverify"}, name), given && slices.Contains(valued, name):
			return 1
		case slices.Contains(valued, name):
			return 2
		default:
			return 0
		}
	}
	letters, ok := strings.CutPrefix(word, "-")
	value := strings.TrimLeft(letters, "D") // -D takes no value
	switch {
	case !ok || letters == "" || value != "" && strings.IndexAny(value, "cHl") != 0:
		return 0
	case len(value) == 1:
		return 2
	default:
		return 1
	}
}
