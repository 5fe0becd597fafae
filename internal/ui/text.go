package ui

import (
	"regexp"
	"strings"

	"github.com/mattn/go-runewidth"
)

var colourCode = regexp.MustCompile("\x1b\\[[0-9;]*m")

var utf8Name = regexp.MustCompile(`(?i)utf-?8`)

func isUTF8(locale string) bool { return utf8Name.MatchString(locale) }

// oneLine makes text fit for a row: control characters become blanks.
func oneLine(text string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return ' '
		}
		return r
	}, text)), " ")
}

func width(text string) int { return runewidth.StringWidth(text) }

// cut shortens text to so many columns.
func cut(text string, columns int, ellipsis string) string {
	if columns <= 0 {
		return ""
	}
	return runewidth.Truncate(text, columns, ellipsis)
}

// cutMiddle shortens a name and keeps both ends, of which the last says most:
// replicas differ in their number.
func cutMiddle(text string, columns int, ellipsis string) string {
	if width(text) <= columns {
		return text
	}
	room := columns - width(ellipsis)
	if room < 4 {
		return cut(text, columns, ellipsis)
	}
	head := runewidth.Truncate(text, room/2, "")
	tail := runewidth.TruncateLeft(text, width(text)-(room-width(head)), "")
	return head + ellipsis + tail
}

func pad(text string, columns int) string { return runewidth.FillRight(text, columns) }

// visibleWidth is the width of text that may hold colour codes.
func visibleWidth(text string) int { return width(colourCode.ReplaceAllString(text, "")) }
