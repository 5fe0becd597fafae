package ui

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

func text(s string) chunk    { return chunk{text: []byte(s)} }
func errText(s string) chunk { return chunk{text: []byte(s), err: true} }

func fixed(rows ...string) Rows {
	return func(time.Time, int, int) []string { return rows }
}

func TestScreenKeepsRowsBelowText(t *testing.T) {
	v := newVT(t, 20, 6)
	s := &screen{out: v, err: v, size: v.Size, shared: true}
	s.draw(nil, fixed("[+] up", " a working"))
	s.draw([]chunk{text("log 1\n"), errText("log 2\n")}, fixed("[+] up", " a working"))
	s.draw(nil, fixed("[+] up", " a done", " b working"))
	s.draw(nil, fixed("[+] up"))
	expect(t, v.String(), "log 1\nlog 2\n[+] up\n")
	s.draw([]chunk{text("log 3\n")}, nil)
	expect(t, v.String(), "log 1\nlog 2\nlog 3\n")
}

func TestScreenThatBecomesNarrow(t *testing.T) {
	v := newVT(t, 30, 8)
	s := &screen{out: v, err: v, size: v.Size, shared: true}
	s.draw(nil, fixed("\x1b[1m0123456789\x1b[0m0123456789", " b"))
	v.narrow(9)
	s.draw(nil, fixed("short"))
	expect(t, v.String(), "short\n")
}

// TestScreenProperty: whatever is written and drawn in between, what remains is
// the text in its order and the last rows below it.
func TestScreenProperty(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		v := newVT(t, rapid.IntRange(8, 30).Draw(rt, "columns"), rapid.IntRange(3, 9).Draw(rt, "rows"))
		s := &screen{out: v, err: v, size: v.Size, shared: true}
		plain := newVT(t, v.columns, v.rows)
		var rows []string
		for range rapid.IntRange(1, 12).Draw(rt, "frames") {
			var queue []chunk
			for range rapid.IntRange(0, 3).Draw(rt, "chunks") {
				line := rapid.StringMatching(`[a-z]{0,40}`).Draw(rt, "line") + "\n"
				queue = append(queue, text(line))
				_, _ = plain.Write([]byte(line))
			}
			rows = nil
			for range rapid.IntRange(0, v.rows-1).Draw(rt, "height") {
				rows = append(rows, rapid.StringMatching(`[A-Z]{1,7}`).Draw(rt, "row"))
			}
			s.draw(queue, fixed(rows...))
		}
		_, _ = plain.Write([]byte(strings.Join(append(rows, ""), "\n")))
		if v.String() != plain.String() {
			rt.Fatalf("got:\n%s\nwant:\n%s", v, plain)
		}
	})
}

func TestConsoleKeepsStreamsApart(t *testing.T) {
	var out, errs bytes.Buffer
	c := NewConsole(ConsoleOptions{Out: &out, Err: &errs})
	for i := range 100 {
		c.Out(fmt.Appendf(nil, "out %d\n", i))
		c.Err(fmt.Appendf(nil, "err %d\n", i))
		c.OutToErr(fmt.Appendf(nil, "log %d\n", i))
	}
	c.Live(fixed("rows are for terminals"))
	c.Settle(fixed("so are these"))
	c.Close()
	c.Close()
	c.Err([]byte("too late"))
	if got := strings.Count(out.String(), "\n"); got != 100 || strings.Contains(out.String(), "err") {
		t.Errorf("standard output: %q", out.String())
	}
	if got := strings.Count(errs.String(), "\n"); got != 200 || strings.Contains(errs.String(), "out") {
		t.Errorf("standard error: %q", errs.String())
	}
}

func TestCloseTakesLiveRowsAway(t *testing.T) {
	v := newVT(t, 40, 10)
	c := NewConsole(ConsoleOptions{Out: v, Err: v, Size: v.Size, OutShares: true})
	c.Out([]byte("text\n"))
	c.Live(fixed("row"))
	c.Close()
	expect(t, v.String(), "text\n")
}

// stuck is a terminal that nobody reads, until it is let go.
type stuck struct {
	letGo chan struct{}
	mu    sync.Mutex
	text  bytes.Buffer
}

func (s *stuck) Write(p []byte) (int, error) {
	<-s.letGo
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func TestSlowTerminalHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &stuck{letGo: make(chan struct{})}
		c := NewConsole(ConsoleOptions{Out: io.Discard, Err: slow})
		big := bytes.Repeat([]byte("x"), maxQueue)
		c.Err(big)
		synctest.Wait()
		c.Err(big)
		c.Err([]byte("|"))
		c.Err([]byte("outcome\n"))   // must return though nothing is written
		c.TryErr([]byte("progress")) // is dropped
		logged := false
		go func() {
			c.OutToErr([]byte("log\n"))
			logged = true
		}()
		synctest.Wait()
		if logged {
			t.Error("a log line did not wait for the reader")
		}
		close(slow.letGo)
		synctest.Wait()
		if !logged {
			t.Error("the log line never came through")
		}
		c.Close()
		_, got, _ := strings.Cut(slow.text.String(), "|")
		expect(t, got, "outcome\nlog\n")
	})
}

func TestLiveRowsAreDrawnFromTimeToTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVT(t, 40, 10)
		c := NewConsole(ConsoleOptions{Out: v, Err: v, Size: v.Size, OutShares: true})
		drawn := 0
		c.Live(func(time.Time, int, int) []string {
			drawn++
			return []string{fmt.Sprintf("frame %d", drawn)}
		})
		time.Sleep(10*frameTime + frameTime/2)
		c.Settle(fixed("the end"))
		c.Close()
		if drawn < 9 || drawn > 13 {
			t.Errorf("%d frames in ten frame times", drawn)
		}
		expect(t, v.String(), "the end\n")
	})
}
