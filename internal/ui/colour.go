package ui

import (
	"slices"
	"strconv"
)

// Colour is a set of SGR parameters, such as 31 or 1;31.
type Colour string

// The colours of the user interface.
const (
	Plainly Colour = ""
	Red     Colour = "31"
	Green   Colour = "32"
	Yellow  Colour = "33"
	Blue    Colour = "34"
	Cyan    Colour = "36"
	Bold    Colour = "1"
	Dim     Colour = "2"
)

// Paint colours text where colours are on.
func Paint(on bool, c Colour, text string) string {
	if !on || c == Plainly || text == "" {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}

// serviceColour gives each of the names a colour that depends on nothing but
// its place among them, so that it is the same in each run. Red is left to
// errors.
func serviceColour(name string, names []string) Colour {
	i, known := slices.BinarySearch(names, name)
	if !known {
		for _, b := range []byte(name) {
			i += int(b)
		}
	}
	const hues = 5 // green, yellow, blue, magenta, cyan
	hue := []int{36, 33, 32, 35, 34}[i%hues]
	if i/hues%2 == 1 {
		return Colour("1;" + strconv.Itoa(hue))
	}
	return Colour(strconv.Itoa(hue))
}
