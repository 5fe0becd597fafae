package stream_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"github.com/gocompose/gocompose/internal/stream"
)

func frame(kind byte, text string) string {
	header := []byte{kind, 0, 0, 0, 0, 0, 0, 0}
	binary.BigEndian.PutUint32(header[4:], uint32(len(text)))
	return string(header) + text
}

func scan(t *testing.T, r io.Reader, timestamps bool) string {
	t.Helper()
	var out strings.Builder
	err := stream.Scan(r, stream.Options{Timestamps: timestamps}, func(lines []stream.Line) error {
		for _, l := range lines {
			name := "out"
			if l.Stderr {
				name = "err"
			}
			at := ""
			if !l.Time.IsZero() {
				at = l.Time.Format("15:04:05.000000000") + " "
			}
			fmt.Fprintf(&out, "%s %s%s\n", name, at, l.Text)
		}
		return nil
	})
	if err != nil {
		fmt.Fprintf(&out, "error %v\n", err)
	}
	return out.String()
}

func TestScan(t *testing.T) {
	const at, later = "2026-01-02T03:04:05.000000001Z ", "2026-01-02T03:04:06Z "
	tests := []struct {
		name       string
		in         string
		timestamps bool
		want       string
	}{
		{"nothing", "", false, ""},
		{"frames", frame(1, "one\n") + frame(2, "two\n") + frame(1, "three\n"), false, "out one\nerr two\nout three\n"},
		{"several lines in a frame", frame(1, "a\n\nc"), false, "out a\nout " + "\n" + "out c\n"},
		{"a line over two frames", frame(1, "on") + frame(2, "other\n") + frame(1, "e\n"), false, "err other\nout one\n"},
		{"empty frame", frame(1, "") + frame(1, "x\n"), false, "out x\n"},
		{"carriage returns", frame(1, "a\r\nb\rc\r\n"), false, "out a\nout b\rc\n"},
		{"cut off in a header", frame(1, "x\n") + "\x01\x00", false, "out x\n"},
		{"cut off in a frame", frame(1, "whole\nhalf")[:15], false, "out whole\nout h\n"},
		{"error of the engine", frame(1, "x\n") + frame(3, "disk gone"), false, "out x\nerror the engine broke off the output: disk gone\n"},
		{"timestamps", frame(1, at+"one\n") + frame(2, later+"two\n"), true, "out 03:04:05.000000001 one\nerr 03:04:06.000000000 two\n"},
		{"a long line in parts", frame(1, at+"on") + frame(1, later+"e\n"), true, "out 03:04:05.000000001 one\n"},
		{"an empty line with a timestamp", frame(1, at+"\n"), true, "out 03:04:05.000000001 \n"},
		{"terminal", at + "raw line\r\n" + later + "more\r\n", true, "out 03:04:05.000000001 raw line\nout 03:04:06.000000000 more\n"},
		{"terminal without timestamps", "raw line\r\nrest", false, "out raw line\nout rest\n"},
		{"terminal with little output", "\x01$", false, "out \x01$\n"},
		{"terminal, a long line in parts", at + strings.Repeat("x", 16<<10) + later + "y\r\n" + later + "z\r\n", true,
			"out 03:04:05.000000001 " + strings.Repeat("x", 16<<10) + "y\nout 03:04:06.000000000 z\n"},
		{"terminal, words instead of a timestamp", "no time here\r\n", true, "out no time here\n"},
		{"unknown frame", frame(1, "x\n") + frame(7, "y"), false, "out x\nerror output stream: unknown frame kind 7\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := scan(t, strings.NewReader(test.in), test.timestamps); got != test.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, test.want)
			}
			if got := scan(t, iotest.OneByteReader(strings.NewReader(test.in)), test.timestamps); got != test.want {
				t.Errorf("byte by byte, got:\n%s\nwant:\n%s", got, test.want)
			}
		})
	}
}

func TestLongLineComesInParts(t *testing.T) {
	long := strings.Repeat("x", 2*stream.MaxLine)
	var sizes []int
	err := stream.Scan(strings.NewReader(frame(1, long+"\n")), stream.Options{}, func(lines []stream.Line) error {
		for _, l := range lines {
			sizes = append(sizes, len(l.Text))
		}
		return nil
	})
	if err != nil || len(sizes) != 2 || sizes[0]+sizes[1] != len(long) || sizes[0] > stream.MaxLine+64<<10 {
		t.Errorf("parts of %v bytes, %v", sizes, err)
	}
}

func TestEmitEndsTheReading(t *testing.T) {
	full := errors.New("full")
	err := stream.Scan(strings.NewReader(frame(1, "a\nb\n")), stream.Options{}, func([]stream.Line) error { return full })
	if !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}

// TestScanKeepsEveryByte: however output is cut into frames, the lines are the
// same.
func TestScanKeepsEveryByte(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOf(rapid.StringMatching(`[a-z ]{0,30}`)).Draw(t, "lines")
		text := strings.Join(lines, "\n")
		if len(lines) > 0 {
			text += "\n"
		}
		var in bytes.Buffer
		for rest := text; rest != ""; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "frame size")
			in.WriteString(frame(1, rest[:n]))
			rest = rest[n:]
		}
		var got []string
		if err := stream.Scan(&in, stream.Options{}, func(lines []stream.Line) error {
			for _, l := range lines {
				got = append(got, l.Text)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if strings.Join(got, "\n") != strings.Join(lines, "\n") {
			t.Fatalf("got %q, want %q", got, lines)
		}
	})
}

func BenchmarkScan(b *testing.B) {
	in := []byte(strings.Repeat(frame(1, "2026-01-02T03:04:05.000000001Z a line of output of usual length, about eighty characters\n"), 1000))
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		err := stream.Scan(bytes.NewReader(in), stream.Options{Timestamps: true}, func([]stream.Line) error { return nil })
		if err != nil {
			b.Fatal(err)
		}
	}
}
