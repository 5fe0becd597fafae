package stream

import "fmt"

// Kinds of the frames of a stream without a terminal (Engine API, "Attach to a
// container": stream format).
const (
	frameStdin  = 0
	frameStdout = 1
	frameStderr = 2
	frameError  = 3
)

const headerSize = 8

// demux takes a stream apart into standard output and standard error.
type demux struct {
	out, err assembler
	decided  bool
	raw      bool
	header   string // of a frame, while it is not whole
	kind     byte   // of the frame that is being read
	left     int    // bytes of it
	failure  string // what the engine says went wrong
}

func newDemux(timestamps bool, b *batch) demux {
	return demux{
		out: assembler{timestamps: timestamps, batch: b},
		err: assembler{timestamps: timestamps, batch: b, stderr: true},
	}
}

// take reads a piece of the stream.
func (d *demux) take(data string) error {
	if !d.decided {
		d.header += data
		if d.header[0] <= frameError && len(d.header) < headerSize {
			return nil // too early to tell
		}
		d.decide()
		data, d.header = d.header, ""
	}
	if d.raw {
		d.out.terminal(data)
		return nil
	}
	return d.frames(data)
}

func (d *demux) decide() {
	d.decided, d.raw = true, !framed(d.header)
	if d.raw {
		d.out.message()
	}
}

// framed recognises a frame's header: a kind, and three bytes of zero.
func framed(head string) bool {
	return len(head) >= headerSize && head[0] <= frameError && head[1:4] == "\x00\x00\x00"
}

func (d *demux) frames(data string) error {
	for data != "" {
		if d.left > 0 {
			n := min(d.left, len(data))
			d.payload(data[:n])
			data = data[n:]
			d.left -= n
			continue
		}
		n := min(headerSize-len(d.header), len(data))
		d.header += data[:n]
		data = data[n:]
		if len(d.header) < headerSize {
			return nil
		}
		if err := d.begin(d.header); err != nil {
			return err
		}
		d.header = ""
	}
	return nil
}

// begin reads the header of a frame. A frame of a log is one message.
func (d *demux) begin(h string) error {
	d.kind = h[0]
	d.left = int(h[4])<<24 | int(h[5])<<16 | int(h[6])<<8 | int(h[7])
	switch d.kind {
	case frameStdin, frameStdout:
		d.out.message()
	case frameStderr:
		d.err.message()
	case frameError:
	default:
		return fmt.Errorf("output stream: unknown frame kind %d", d.kind)
	}
	return nil
}

func (d *demux) payload(data string) {
	switch d.kind {
	case frameStderr:
		d.err.write(data)
	case frameError:
		if len(d.failure) < MaxLine {
			d.failure += data
		}
	default:
		d.out.write(data)
	}
}

// waits tells whether the end of a line is yet to come.
func (d *demux) waits() bool { return d.out.waits() || d.err.waits() }

func (d *demux) flush() {
	d.out.flush()
	d.err.flush()
}

// end passes on what is left when the stream is over.
func (d *demux) end() error {
	if !d.decided {
		d.decide()
		d.out.terminal(d.header)
	}
	d.out.end()
	d.err.end()
	if d.failure != "" {
		return fmt.Errorf("the engine broke off the output: %s", d.failure)
	}
	return nil
}
