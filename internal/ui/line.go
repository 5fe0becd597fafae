package ui

import (
	"strings"

	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/runtime"
)

// Status is the state of the thing that a line is about.
type Status string

// The states, by the names that docker compose's JSON progress has for them.
const (
	Working Status = "Working"
	Done    Status = "Done"
	Warning Status = "Warning"
	Error   Status = "Error"
)

// Line is one line of progress.
type Line struct {
	ID      string // the thing as people read it: Container shop-web-1
	Parent  string // ID of the whole, where the line is about a part
	Text    string // what happens to it, in docker compose's words
	Status  Status
	Details string
	Current int64 // bytes
	Total   int64 // bytes; 0 where it is not known
	// Event is where the line comes from; zero for what was left alone.
	Event runtime.Event
}

// words are what docker compose says while an operation goes on and once it is
// done. Where the first is empty, it says nothing until then.
type words struct{ doing, done string }

// wordsFor has none for what is a detail of others: connect, disconnect, copy,
// hook and rename.
func wordsFor(verb planner.Verb) words {
	switch verb {
	case planner.VerbPull:
		return words{"Pulling", "Pulled"}
	case planner.VerbBuild:
		return words{"Building", "Built"}
	case planner.VerbPush:
		return words{"Pushing", "Pushed"}
	case planner.VerbCreate:
		return words{"Creating", "Created"}
	case planner.VerbProvide:
		return words{"Creating", "Created"}
	case planner.VerbPrepare:
		return words{"", "Configured"}
	case planner.VerbRemove:
		return words{"Removing", "Removed"}
	case planner.VerbStart:
		return words{"Starting", "Started"}
	case planner.VerbStop:
		return words{"Stopping", "Stopped"}
	case planner.VerbKill:
		return words{"Killing", "Killed"}
	case planner.VerbRestart:
		return words{"Restarting", "Started"}
	case planner.VerbPause:
		return words{"", "Paused"}
	case planner.VerbUnpause:
		return words{"", "Unpaused"}
	case planner.VerbAwait:
		return words{"Waiting", "Healthy"}
	default:
		return words{}
	}
}

// kindWord starts an ID.
func kindWord(kind planner.Kind) string {
	word := string(kind)
	return strings.ToUpper(word[:1]) + word[1:] + " "
}
