package ui

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Confirm asks a question that yes or no answers; an empty answer, or none, is
// no. It stops waiting when ctx is done and says why.
func Confirm(ctx context.Context, in io.Reader, out io.Writer, question string) (bool, error) {
	if _, err := fmt.Fprintf(out, "%s (y/N) ", question); err != nil {
		return false, err
	}
	answers := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(in).ReadString('\n')
		answers <- line
	}()
	select {
	case <-ctx.Done():
		_, _ = fmt.Fprintln(out)
		return false, context.Cause(ctx)
	case answer := <-answers:
		if !strings.HasSuffix(answer, "\n") {
			_, _ = fmt.Fprintln(out)
		}
		switch strings.ToLower(strings.TrimSpace(answer)) {
		case "y", "yes":
			return true, nil
		default:
			return false, nil
		}
	}
}

// ErrNoAnswer is the error of a question that nobody has answered: the input is
// at its end.
var ErrNoAnswer = errors.New("nobody has answered")

// Ask asks a question that yes or no answers, and takes an empty line for the
// usual answer. It reads no more than a line, so that a program that answers
// several questions can be asked the next one.
func Ask(ctx context.Context, in io.Reader, out io.Writer, question string, usual bool) (bool, error) {
	choice := "[y/N]"
	if usual {
		choice = "[Y/n]"
	}
	if _, err := fmt.Fprintf(out, "%s %s: ", question, choice); err != nil {
		return false, err
	}
	answers := make(chan string, 1)
	go func() { answers <- readLine(in) }()
	select {
	case <-ctx.Done():
		_, _ = fmt.Fprintln(out)
		return false, context.Cause(ctx)
	case answer := <-answers:
		switch strings.ToLower(strings.TrimSpace(answer)) {
		case "y", "yes":
			return true, nil
		case "":
			if answer == "" {
				_, _ = fmt.Fprintln(out)
				return false, ErrNoAnswer
			}
			return usual, nil
		default:
			return false, nil
		}
	}
}

// readLine reads a line with its end, as far as there is one.
func readLine(in io.Reader) string {
	var line []byte
	for char := make([]byte, 1); ; {
		n, err := in.Read(char)
		line = append(line, char[:n]...)
		if err != nil || n == 1 && char[0] == '\n' {
			return string(line)
		}
	}
}
