package ui_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/gocompose/gocompose/internal/ui"
)

func TestAsk(t *testing.T) {
	for _, test := range []struct {
		answer      string
		usual, want bool
		err         error
	}{
		{"y\n", false, true, nil},
		{"YES\n", false, true, nil},
		{"y", false, true, nil},
		{"n\n", true, false, nil},
		{"whatever\n", true, false, nil},
		{"\n", true, true, nil},
		{" \n", false, false, nil},
		{"", true, false, ui.ErrNoAnswer},
	} {
		var out bytes.Buffer
		got, err := ui.Ask(t.Context(), strings.NewReader(test.answer), &out, "Sure?", test.usual)
		if got != test.want || !errors.Is(err, test.err) {
			t.Errorf("%+v: %v, %v", test, got, err)
		}
		choice := map[bool]string{true: "Sure? [Y/n]: ", false: "Sure? [y/N]: "}[test.usual]
		if !strings.HasPrefix(out.String(), choice) {
			t.Errorf("%+v: asked %q", test, out.String())
		}
	}
}

// TestAskAgain: one question leaves the answers to the next alone.
func TestAskAgain(t *testing.T) {
	in := strings.NewReader("y\nn\n")
	for _, want := range []bool{true, false} {
		if got, err := ui.Ask(t.Context(), in, io.Discard, "Sure?", false); got != want || err != nil {
			t.Errorf("%v, %v", got, err)
		}
	}
}

func TestAskInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("interrupted")
	cancel(why)
	in, write := io.Pipe()
	defer write.Close() //nolint:errcheck // a pipe
	if _, err := ui.Ask(ctx, in, io.Discard, "Sure?", true); !errors.Is(err, why) {
		t.Error(err)
	}
}
