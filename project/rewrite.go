package project

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// rewrite gives scalars of a file other values, plain words, and leaves the rest
// of the text as it is. Where a scalar is written in a way that does not allow
// that, all of the file is written anew.
func rewrite(content []byte, docs []*yaml.Node, edits map[*yaml.Node]string) ([]byte, error) {
	if len(edits) == 0 {
		return content, nil
	}
	var splices []splice
	for node, value := range edits {
		at, ok := findToken(content, node)
		if !ok {
			return encode(docs, edits)
		}
		at.value = value
		splices = append(splices, at)
	}
	slices.SortFunc(splices, func(a, b splice) int { return cmp.Compare(a.start, b.start) })
	var out bytes.Buffer
	end := 0
	for _, s := range splices {
		out.Write(content[end:s.start])
		out.WriteString(s.value)
		end = s.end
	}
	out.Write(content[end:])
	return out.Bytes(), nil
}

// splice is a part of a text and what to put in its place.
type splice struct {
	start, end int
	value      string
}

// findToken finds a scalar that is written on one line, without an anchor or a
// tag.
func findToken(content []byte, node *yaml.Node) (splice, bool) {
	start, ok := offset(content, node.Line, node.Column)
	if !ok {
		return splice{}, false
	}
	token := node.Value
	switch node.Style {
	case 0:
	case yaml.SingleQuotedStyle:
		token = "'" + strings.ReplaceAll(token, "'", "''") + "'"
	case yaml.DoubleQuotedStyle:
		token = `"` + token + `"` // one with an escape is not found
	default:
		return splice{}, false
	}
	return splice{start: start, end: start + len(token)}, bytes.HasPrefix(content[start:], []byte(token))
}

// offset is that of a line and a column, which count from one, the latter in
// characters.
func offset(content []byte, line, column int) (int, bool) {
	at := 0
	for range line - 1 {
		next := bytes.IndexByte(content[at:], '\n')
		if next < 0 {
			return 0, false
		}
		at += next + 1
	}
	text, _, _ := bytes.Cut(content[at:], []byte("\n"))
	for i := range string(text) {
		if column--; column == 0 {
			return at + i, true
		}
	}
	return 0, false
}

func encode(docs []*yaml.Node, edits map[*yaml.Node]string) ([]byte, error) {
	for node, value := range edits {
		node.Value, node.Style, node.Tag = value, 0, "!!str"
	}
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2) //nolint:mnd // as people write it
	for _, doc := range docs {
		if err := encoder.Encode(doc); err != nil {
			return nil, errors.Join(err, encoder.Close())
		}
	}
	err := encoder.Close()
	return out.Bytes(), err
}
