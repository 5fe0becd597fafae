package ui

import "strings"

// plainLine is a line off a terminal: " Container shop-web-1 Started".
func plainLine(line Line) string {
	if line.Parent != "" {
		return ""
	}
	text := " " + line.ID + " " + line.Text
	if line.Details != "" {
		text += " " + oneLine(line.Details)
	}
	return strings.TrimRight(text, " ") + "\n"
}
