package ui

import (
	"io"
	"strings"
	"text/tabwriter"
)

// padding is the blanks between two columns, as docker's tables have them.
const padding = 3

// WriteTable writes rows of cells in columns that are at least so many
// characters wide.
func WriteTable(w io.Writer, minWidth int, rows [][]string) error {
	table := tabwriter.NewWriter(w, minWidth, 1, padding, ' ', 0)
	for _, row := range rows {
		if _, err := io.WriteString(table, strings.Join(row, "\t")+"\n"); err != nil {
			return err
		}
	}
	return table.Flush()
}
