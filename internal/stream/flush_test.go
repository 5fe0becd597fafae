package stream_test

import (
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocompose/gocompose/internal/stream"
)

// TestPromptIsPassedOn: the beginning of a line does not wait for ever, and its
// end comes as a line of its own, unless it is empty.
func TestPromptIsPassedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		in, out := io.Pipe()
		go func() {
			for _, piece := range []string{"quick", " line\n", "name? "} {
				_, _ = io.WriteString(out, frame(1, piece)) // fails where the reader fails
				time.Sleep(60 * time.Millisecond)
			}
			time.Sleep(time.Second)
			_, _ = io.WriteString(out, frame(1, "\n")+frame(1, "sure? "))
			time.Sleep(time.Second)
			_, _ = io.WriteString(out, frame(1, "yes\n"))
			_ = out.Close()
		}()
		var got []string
		err := stream.Scan(in, stream.Options{FlushAfter: 100 * time.Millisecond}, func(lines []stream.Line) error {
			for _, l := range lines {
				got = append(got, time.Since(began).String()+" "+l.Text)
			}
			return nil
		})
		want := []string{"60ms quick line", "220ms name? ", "1.28s sure? ", "2.18s yes"}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	})
}

// TestNothingComesAfterTheEnd: a flush that is under way when the stream ends
// is waited for, and none comes later.
func TestNothingComesAfterTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, out := io.Pipe()
		go func() {
			_, _ = io.WriteString(out, frame(1, "half"))
			time.Sleep(100 * time.Millisecond)
			_ = out.Close()
		}()
		over := false
		count := 0
		err := stream.Scan(in, stream.Options{FlushAfter: 100 * time.Millisecond}, func([]stream.Line) error {
			if over {
				t.Error("a line after the end")
			}
			count++
			return nil
		})
		over = true
		synctest.Wait()
		if err != nil || count != 1 {
			t.Errorf("%d calls, %v", count, err)
		}
	})
}

// TestBurstsAreNotCut: a pause within much output cuts no line in two.
func TestBurstsAreNotCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, out := io.Pipe()
		long := strings.Repeat("x", 5000)
		go func() {
			for _, piece := range []string{long + "\nha", "lf\n", long + "\nre", "st\n"} {
				_, _ = io.WriteString(out, frame(1, piece)) // fails where the reader fails
				time.Sleep(2 * time.Second)
			}
			_ = out.Close()
		}()
		var got []string
		err := stream.Scan(in, stream.Options{FlushAfter: 100 * time.Millisecond}, func(lines []stream.Line) error {
			for _, l := range lines {
				got = append(got, l.Text)
			}
			return nil
		})
		if want := []string{long, "half", long, "rest"}; err != nil || !slices.Equal(got, want) {
			t.Errorf("got %q, %v", got, err)
		}
	})
}
