package main

import "strconv"

// statusRow is an exit status and what it tells.
func statusRow(code int, text string) [2]string { return [2]string{strconv.Itoa(code), text} }

// commonStatuses are those of every command.
func commonStatuses() [][2]string {
	return [][2]string{
		statusRow(exitOK, "It is done, or there was nothing to do"),
		statusRow(exitFailure, "It failed, or the command line or the files are wrong"),
		statusRow(exitInterrupted, "It was interrupted"),
	}
}

// ownStatuses are those that only this command has, which is named as on the
// command line: "gocompose plan".
func ownStatuses(command string) [][2]string {
	switch command {
	case "gocompose plan":
		return [][2]string{statusRow(exitChanges, "With --exit-code: there is something to do")}
	case "gocompose up":
		return [][2]string{{"other", "With --exit-code-from, --abort-on-container-exit or --abort-on-container-failure: that of the container"}}
	case "gocompose exec", "gocompose run":
		return [][2]string{{"other", "That of the command"}}
	case "gocompose attach":
		return [][2]string{{"other", "That of the container, where it ended"}}
	case "gocompose wait":
		return [][2]string{{"other", "That of the container that ended last"}}
	default:
		return nil
	}
}
