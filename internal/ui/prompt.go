package ui

import (
	"bufio"
	"context"
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
