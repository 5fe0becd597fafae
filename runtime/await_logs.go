package runtime

import (
	"bytes"
	"context"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/pkg/stdcopy"
)

// Bounds of the output that is kept of a container that failed.
const (
	keptLines    = 10
	keptLineSize = 1024 // bytes
	lastLogsWait = 2 * time.Second
)

// lastLines reads the end of the output of a container's last run. Where it
// cannot be read, the error that it would explain is told without it.
func (d *EngineDriver) lastLines(ctx context.Context, c *container.InspectResponse) []string {
	ctx, cancel := context.WithTimeout(ctx, lastLogsWait)
	defer cancel()
	o := container.LogsOptions{ShowStdout: true, ShowStderr: true, Tail: strconv.Itoa(keptLines)}
	if c.State == nil {
		return nil
	}
	if started := engineTime(c.State.StartedAt); !started.IsZero() {
		o.Since = timestamp(started.Add(-startSlack))
	}
	logs, err := d.engine.API().ContainerLogs(ctx, c.ID, o)
	if err != nil {
		return nil
	}
	defer func() { _ = logs.Close() }()
	const limit = keptLines * 2 * keptLineSize
	var text bytes.Buffer
	if c.Config != nil && c.Config.Tty {
		_, err = io.Copy(&text, io.LimitReader(logs, limit))
	} else {
		_, err = stdcopy.StdCopy(&text, &text, io.LimitReader(logs, limit))
	}
	if err != nil && text.Len() == 0 {
		return nil
	}
	var lines []string
	for line := range strings.Lines(text.String()) {
		line = strings.TrimRight(line, "\r\n")
		lines = append(lines, strings.ToValidUTF8(line[:min(len(line), keptLineSize)], ""))
	}
	return lines[max(0, len(lines)-keptLines):]
}
