package runtime

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/gocompose/gocompose/internal/enginetest"
	"github.com/gocompose/gocompose/internal/stream"
	"github.com/gocompose/gocompose/project"
)

// clock is an image that prints its tick at the start, and again after each of
// the times.
func clock(ref string, after ...time.Duration) enginetest.Image {
	image := enginetest.Image{Ref: ref, Behaviour: enginetest.Behaviour{Output: []enginetest.Line{{Text: "start"}}}}
	for i, d := range after {
		image.Behaviour.Output = append(image.Behaviour.Output, enginetest.Line{After: d, Text: "tick " + strconv.Itoa(i+1), Stderr: i%2 == 1})
	}
	return image
}

// service runs a container of a service.
func (h host) service(name, service string, number int, image string, change ...func(*container.Config, *container.HostConfig)) string {
	h.Helper()
	change = append(change, func(c *container.Config, _ *container.HostConfig) {
		c.Image = image
		c.Labels[project.LabelService] = service
		c.Labels[project.LabelNumber] = strconv.Itoa(number)
	})
	return h.run(name, nil, change...)
}

// wait lets time pass.
func wait(d time.Duration) { <-time.After(d) }

// at has something happen later.
func (h host) at(d time.Duration, f func()) {
	timer := time.AfterFunc(d, f)
	h.Cleanup(func() { timer.Stop() })
}

// logs is what FollowLogs shows, by the time of its arrival.
func (h host) logs(ctx context.Context, t LogTarget, o LogOptions) string {
	h.Helper()
	t.Project = testProject
	sink := &transcript{began: time.Now()}
	o.Notice = func(text string) { sink.add("~", "notice: %s", text) }
	if err := FollowLogs(ctx, h.engine, t, o, sink); err != nil {
		sink.add("~", "error: %v", err)
	}
	sink.add("~", "end")
	if o.Follow {
		return sink.text()
	}
	var text strings.Builder // in the order of arrival
	for _, n := range sink.notes {
		text.WriteString(n.text + "\n")
	}
	return text.String()
}

func want(t *testing.T, got, want string) {
	t.Helper()
	want = strings.TrimPrefix(strings.ReplaceAll(want, "\t", ""), "\n")
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("got:\n%s\n%s", got, diff)
	}
}

func TestLogsAreMergedByTime(t *testing.T) {
	images := []enginetest.Image{clock("a", 10*time.Second, 20*time.Second, 30*time.Second), clock("b", 5*time.Second, 15*time.Second)}
	onHost(t, enginetest.Options{Images: images}, func(h host) {
		h.service("app-b-1", "b", 1, "b")
		wait(time.Second)
		h.service("app-a-1", "a", 1, "a")
		began := time.Now()
		wait(time.Minute)
		want(h.T, h.logs(h.Context(), LogTarget{}, LogOptions{}), `
			app-b-1 | start
			app-a-1 | start
			app-b-1 | tick 1
			app-a-1 | tick 1
			app-b-1 ! tick 2
			app-a-1 ! tick 2
			app-a-1 | tick 3
			end
		`)
		want(h.T, h.logs(h.Context(), LogTarget{}, LogOptions{Tail: "1"}), `
			app-b-1 ! tick 2
			app-a-1 | tick 3
			end
		`)
		want(h.T, h.logs(h.Context(), LogTarget{}, LogOptions{Since: "52s", Until: began.Add(16 * time.Second).Format(time.RFC3339)}), `
			app-a-1 | tick 1
			app-b-1 ! tick 2
			end
		`)
		want(h.T, h.logs(h.Context(), LogTarget{Services: []string{"b"}}, LogOptions{Tail: "2"}), `
			app-b-1 | tick 1
			app-b-1 ! tick 2
			end
		`)
	})
}

func TestLogsSayWhatIsWrong(t *testing.T) {
	onHost(t, enginetest.Options{Images: []enginetest.Image{clock("a")}}, func(h host) {
		silent := func(_ *container.Config, c *container.HostConfig) { c.LogConfig.Type = "none" }
		h.service("app-a-1", "a", 1, "a")
		h.service("app-b-1", "b", 1, "a", silent)
		want(h.T, h.logs(h.Context(), LogTarget{}, LogOptions{}), `
			app-a-1 | start
			notice: cannot read the logs of container app-b-1: its logging driver keeps no output that can be read
			end
		`)
		want(h.T, h.logs(h.Context(), LogTarget{Services: []string{"a"}, Number: 2}, LogOptions{}), `
			error: service "a" is not running container #2
			end
		`)
		want(h.T, h.logs(h.Context(), LogTarget{}, LogOptions{Since: "yesterday"}), `
			error: invalid value for "since": failed to parse value as time or duration: "yesterday"
			end
		`)
		h.fake.Fault(func(r enginetest.Request) enginetest.Action {
			if r.Op == "ContainerLogs" && strings.Contains(r.Target, "app-a-1") {
				return enginetest.Action{Status: 500, Message: "disk is gone"}
			}
			return enginetest.Action{}
		})
		want(h.T, h.logs(h.Context(), LogTarget{}, LogOptions{}), `
			error: disk is gone
			end
		`)
	})
}

func TestLogsLeaveOthersOut(t *testing.T) {
	onHost(t, enginetest.Options{Images: []enginetest.Image{clock("a")}}, func(h host) {
		oneOff := func(c *container.Config, _ *container.HostConfig) { c.Labels[project.LabelOneOff] = "True" }
		foreign := func(c *container.Config, _ *container.HostConfig) { c.Labels[project.LabelProject] = "other" }
		h.service("app-a-run-1", "a", 0, "a", oneOff)
		h.service("other-a-1", "a", 1, "a", foreign)
		h.at(time.Second, func() {
			h.service("app-a-run-2", "a", 0, "a", oneOff)
			h.service("other-a-2", "a", 2, "a", foreign)
		})
		h.service("app-a-1", "a", 1, "a")
		h.at(2*time.Second, func() { h.must(h.engine.API().ContainerKill(h.Context(), "app-a-1", "KILL")) })
		want(h.T, h.logs(h.Context(), LogTarget{}, LogOptions{Follow: true}), `
			0s app-a-1 | start
			3s end
		`)
	})
}

func TestFollowedLogs(t *testing.T) {
	images := []enginetest.Image{clock("a", 10*time.Second, 20*time.Second), clock("b", 5*time.Second)}
	onHost(t, enginetest.Options{Images: images}, func(h host) {
		a := h.service("app-a-1", "a", 1, "a")
		b := h.service("app-b-1", "b", 1, "b", restarts(container.RestartPolicyOnFailure, 1))
		wait(7 * time.Second)
		api := h.engine.API()
		h.at(time.Second, func() { h.service("app-a-2", "a", 2, "a") })
		h.at(2*time.Second, func() { h.must(api.ContainerRestart(h.Context(), b, container.StopOptions{})) })
		h.at(4*time.Second, func() { h.must(api.ContainerStop(h.Context(), a, container.StopOptions{})) })
		h.at(15*time.Second, func() { h.must(api.ContainerStop(h.Context(), b, container.StopOptions{})) })
		h.at(30*time.Second, func() { h.must(api.ContainerStop(h.Context(), "app-a-2", container.StopOptions{})) })
		want(h.T, h.logs(h.Context(), LogTarget{}, LogOptions{Follow: true}), `
			0s app-a-1 | start
			0s app-b-1 | start
			0s app-b-1 | tick 1
			1s app-a-2 | start
			2s app-b-1 | start
			3s app-a-1 | tick 1
			7s app-b-1 | tick 1
			11s app-a-2 | tick 1
			21s app-a-2 ! tick 2
			31s end
		`)
	})
}

func TestFollowedLogsOfStoppedContainersEnd(t *testing.T) {
	onHost(t, enginetest.Options{Images: []enginetest.Image{clock("a")}}, func(h host) {
		id := h.service("app-a-1", "a", 1, "a")
		h.must(h.engine.API().ContainerStop(h.Context(), id, container.StopOptions{}))
		want(h.T, h.logs(h.Context(), LogTarget{}, LogOptions{Follow: true}), `
			0s app-a-1 | start
			0s end
		`)
	})
}

func TestFollowedLogsOfNoContainer(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		want(h.T, h.logs(h.Context(), LogTarget{}, LogOptions{Follow: true}), "0s end\n")
	})
}

func TestFollowUntil(t *testing.T) {
	onHost(t, enginetest.Options{Images: []enginetest.Image{clock("a", 5*time.Second, 15*time.Second)}}, func(h host) {
		h.service("app-a-1", "a", 1, "a")
		until := time.Now().Add(10 * time.Second).Format(time.RFC3339Nano)
		want(h.T, h.logs(h.Context(), LogTarget{}, LogOptions{Follow: true, Until: until}), `
			0s app-a-1 | start
			5s app-a-1 | tick 1
			10s end
		`)
	})
}

// TestFollowUntilThePast shows what was written by then.
func TestFollowUntilThePast(t *testing.T) {
	onHost(t, enginetest.Options{Images: []enginetest.Image{clock("a", 5*time.Second, 15*time.Second)}}, func(h host) {
		h.service("app-a-1", "a", 1, "a")
		until := time.Now().Add(10 * time.Second).Format(time.RFC3339Nano)
		wait(20 * time.Second)
		want(h.T, h.logs(h.Context(), LogTarget{}, LogOptions{Follow: true, Until: until}), `
			0s app-a-1 | start
			0s app-a-1 | tick 1
			0s end
		`)
	})
}

func TestFollowIsCancelled(t *testing.T) {
	onHost(t, enginetest.Options{Images: []enginetest.Image{clock("a", time.Second)}}, func(h host) {
		h.service("app-a-1", "a", 1, "a")
		ctx, cancel := context.WithCancelCause(h.Context())
		h.at(3*time.Second, func() { cancel(errors.New("enough")) })
		want(h.T, h.logs(ctx, LogTarget{}, LogOptions{Follow: true, Tail: "0"}), `
			1s app-a-1 | tick 1
			3s error: enough
			3s end
		`)
	})
}

// TestBrokenStreamsShowNothingTwice: the engine restarts under a follower, and
// its containers live on.
func TestBrokenStreamsShowNothingTwice(t *testing.T) {
	onHost(t, enginetest.Options{Images: []enginetest.Image{clock("a", time.Second, 2*time.Second, 9*time.Second)}}, func(h host) {
		h.service("app-a-1", "a", 1, "a")
		h.at(3*time.Second, func() { h.fake.RestartDaemon(enginetest.RestartKeeping) })
		h.at(12*time.Second, func() { h.must(h.engine.API().ContainerKill(h.Context(), "app-a-1", "KILL")) })
		want(h.T, h.logs(h.Context(), LogTarget{}, LogOptions{Follow: true}), `
			0s app-a-1 | start
			1s app-a-1 | tick 1
			2s app-a-1 ! tick 2
			9s app-a-1 | tick 3
			13s end
		`)
	})
}

func TestFollowWithoutKeptOutput(t *testing.T) {
	onHost(t, enginetest.Options{Images: []enginetest.Image{clock("a", time.Second)}}, func(h host) {
		silent := func(_ *container.Config, c *container.HostConfig) { c.LogConfig.Type = "none" }
		h.service("app-a-1", "a", 1, "a", silent)
		h.at(3*time.Second, func() { h.must(h.engine.API().ContainerKill(h.Context(), "app-a-1", "KILL")) })
		want(h.T, h.logs(h.Context(), LogTarget{}, LogOptions{Follow: true}), `
			1s app-a-1 | tick 1
			4s end
		`)
	})
}

// TestLogSkip: lines that the engine recorded at one time are told apart by
// their number.
func TestLogSkip(t *testing.T) {
	at := time.Unix(100, 0)
	lines := linesAt(at.Add(-1), at, at, at, at.Add(1))
	var mark logMark
	mark.note(lines[:3])
	skip := logSkip{mark}
	if rest := skip.rest(lines[:2]); len(rest) != 0 {
		t.Errorf("%d lines are shown again", len(rest))
	}
	if rest := skip.rest(lines[2:]); len(rest) != 2 {
		t.Errorf("%d of 2 new lines are shown", len(rest))
	}
	if rest := skip.rest(lines); len(rest) != len(lines) {
		t.Error("lines are dropped after the mark")
	}
	if mark.lines != 2 {
		t.Errorf("%d lines at the mark's time", mark.lines)
	}
}

func linesAt(times ...time.Time) []stream.Line {
	lines := make([]stream.Line, 0, len(times))
	for _, at := range times {
		lines = append(lines, stream.Line{Time: at})
	}
	return lines
}
