package stream

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// MaxLine is the size in bytes after which a line without an end is passed on
// in parts.
const MaxLine = 256 << 10

// readSize holds several of the engine's log entries, which are at most 16 KiB.
const readSize = 64 << 10

// Kinds of the frames of a stream without a terminal (Engine API, "Attach to a
// container": stream format).
const (
	frameStdin  = 0
	frameStdout = 1
	frameStderr = 2
	frameError  = 3
)

const headerSize = 8

// Options say what the engine was asked for.
type Options struct {
	// Timestamps: each entry begins with a time and a space.
	Timestamps bool
}

// Scan reads lines until the stream ends. A container with a terminal has one
// raw stream; another has framed ones, which begin with a byte that no raw
// stream with timestamps begins with. An error of emit ends the reading and is
// returned. The text of a line is valid until emit returns.
func Scan(r io.Reader, o Options, emit func(Line) error) error {
	in := bufio.NewReaderSize(r, readSize)
	head, err := in.Peek(headerSize)
	if len(head) == 0 {
		return endOfStream(err)
	}
	if framed(head) {
		return scanFrames(in, o, emit)
	}
	return scanRaw(in, o, emit)
}

// framed recognises a frame's header: a kind, and three bytes of zero.
func framed(head []byte) bool {
	return len(head) == headerSize && head[0] <= frameError && head[1] == 0 && head[2] == 0 && head[3] == 0
}

func scanRaw(in *bufio.Reader, o Options, emit func(Line) error) error {
	lines := assembler{timestamps: o.Timestamps, emit: emit}
	for {
		part, err := in.ReadSlice('\n')
		if emitErr := lines.entry(part); emitErr != nil {
			return emitErr
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return errors.Join(lines.flush(), endOfStream(err))
		}
	}
}

// scanFrames takes the streams apart. With timestamps, a frame is one entry.
func scanFrames(in *bufio.Reader, o Options, emit func(Line) error) error {
	out := assembler{timestamps: o.Timestamps, emit: emit}
	err := assembler{timestamps: o.Timestamps, stderr: true, emit: emit}
	finish := func(cause error) error {
		return errors.Join(out.flush(), err.flush(), endOfStream(cause))
	}
	var header [headerSize]byte
	for {
		if _, readErr := io.ReadFull(in, header[:]); readErr != nil {
			return finish(readErr)
		}
		size := int(binary.BigEndian.Uint32(header[4:]))
		target := &out
		switch header[0] {
		case frameStdin, frameStdout:
		case frameStderr:
			target = &err
		case frameError:
			return engineError(in, size)
		default:
			return fmt.Errorf("output stream: unknown frame kind %d", header[0])
		}
		if readErr := target.frame(in, size); readErr != nil {
			return finish(readErr)
		}
	}
}

// engineError is the engine's way to say in a stream that it failed.
func engineError(in io.Reader, size int) error {
	text, err := io.ReadAll(io.LimitReader(in, int64(min(size, MaxLine))))
	if err != nil {
		return err
	}
	return fmt.Errorf("the engine broke off the output: %s", text)
}

// endOfStream tells the end of a stream from a failure. One that ends within a
// frame was cut off by the container's end.
func endOfStream(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}
