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

// vocabulary leaves out what is a detail of others: connect, disconnect, copy
// and rename.
func vocabulary() map[planner.Verb]words {
	return map[planner.Verb]words{
		planner.VerbPull:    {"Pulling", "Pulled"},
		planner.VerbCreate:  {"Creating", "Created"},
		planner.VerbRemove:  {"Removing", "Removed"},
		planner.VerbStart:   {"Starting", "Started"},
		planner.VerbStop:    {"Stopping", "Stopped"},
		planner.VerbKill:    {"Killing", "Killed"},
		planner.VerbRestart: {"Restarting", "Started"},
		planner.VerbPause:   {"", "Paused"},
		planner.VerbUnpause: {"", "Unpaused"},
		planner.VerbAwait:   {"Waiting", "Healthy"},
	}
}

// kindWord starts an ID.
func kindWord(kind planner.Kind) string {
	word := string(kind)
	return strings.ToUpper(word[:1]) + word[1:] + " "
}
