package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/runtime"
)

// drawing plays half an up and draws it.
func drawing(s *script, style Style, width, height int) string {
	tr := newTracker(s.plan)
	s.sinks = append(s.sinks, func(e runtime.Event) { tr.event(e) })
	s.started("image/postgres:17:pull")
	s.layer("image/postgres:17:pull", "a", "Downloading", 25e6, 100e6)
	s.all("network/default:create")
	s.started("container/cache/1:create")
	s.clock = s.clock.Add(1200 * time.Millisecond)
	s.done("container/cache/1:create")
	s.started("container/cache/1:start")
	s.failed("container/cache/1:start", "driver failed: port is already allocated")
	f := frame{style: style, title: "up", begun: s.clock.Add(-2 * time.Second), now: s.clock, width: width, height: height}
	return strings.Join(f.rows(tr), "\n") + "\n"
}

func halfUp() *script {
	s := newScript("up")
	pull := s.step(planner.PullImage{Image: "postgres:17"})
	network := s.step(planner.CreateNetwork{Network: "default", Name: "shop_default"})
	cache := s.step(planner.CreateContainer{Service: "cache", Number: 1, Name: "shop-cache-1"}, network)
	s.step(planner.StartContainer{ContainerOp: on(planner.Handle{Step: cache}, "cache", 1, "shop-cache-1")}, cache)
	db := s.step(planner.CreateContainer{Service: "db", Number: 1, Name: "shop-db-1"}, network, pull)
	start := s.step(planner.StartContainer{ContainerOp: on(planner.Handle{Step: db}, "db", 1, "shop-db-1")}, db)
	wait := s.step(planner.Await{Service: "db", Names: []string{"shop-db-1"}, For: planner.ConditionHealthy}, start)
	s.replace(wait)
	return s
}

func TestFrame(t *testing.T) {
	expect(t, drawing(halfUp(), Style{Mode: TTY, Unicode: true}, 80, 24), `
[+] up 1/5 2.0s
 ⠹ Image postgres:17       Pulling      1.2s  █████░░░░░░░░░░░░░░░  25%
 ✔ Network shop_default    Created      0.0s
 ✘ Container shop-cache-1  Error        0.0s  driver failed: port is already a…
 · Container shop-db-1     Pending            waits for postgres:17
 · Container shop-web-1    Pending
`)
}

func TestFrameWithoutUnicode(t *testing.T) {
	expect(t, drawing(halfUp(), Style{Mode: TTY}, 100, 24), `
[+] up 1/5 2.0s
 | Image postgres:17       Pulling      1.2s  #####---------------  25%  25MB/100MB  0/1 layers
 + Network shop_default    Created      0.0s
 x Container shop-cache-1  Error        0.0s  driver failed: port is already allocated
 . Container shop-db-1     Pending            waits for postgres:17
 . Container shop-web-1    Pending
`)
}

func TestFrameInLittleRoom(t *testing.T) {
	expect(t, drawing(halfUp(), Style{Mode: TTY, Unicode: true}, 36, 6), `
[+] up 1/5 2.0s
 ⠹ Image …res:17  Pulling      1.2s
 ✘ Contai…ache-1  Error        0.0s
 · Contai…p-db-1  Pending
   … 2 more: 1 waiting, 1 done
`)
}

func TestFrameShowsWhatFitsOfAPull(t *testing.T) {
	for columns, want := range map[int]string{
		84: "1.2s  █████░░░░░░░░░░░░░░░  25%  25MB/100MB\n", 60: "1.2s   25%\n", 47: "1.2s\n",
	} {
		if got := drawing(halfUp(), Style{Mode: TTY, Unicode: true}, columns, 24); !strings.Contains(got, want) {
			t.Errorf("%d columns: no %q in\n%s", columns, want, got)
		}
	}
}

func TestFrameOfNothing(t *testing.T) {
	f := frame{style: Style{Unicode: true}, title: "rm", width: 80, height: 24}
	if rows := f.rows(newTracker(newScript("rm").plan)); rows != nil {
		t.Errorf("%q", rows)
	}
}

func TestFrameNeverOverflows(t *testing.T) {
	for width := 1; width < 120; width++ {
		for height := 1; height < 12; height++ {
			for _, colour := range []bool{false, true} {
				style := Style{Mode: TTY, Colour: colour, Unicode: true}
				rows := strings.Split(strings.TrimSuffix(drawing(halfUp(), style, width, height), "\n"), "\n")
				if len(rows) >= max(height, 2) {
					t.Fatalf("%d rows on %d lines", len(rows), height)
				}
				for _, row := range rows {
					if visibleWidth(row) >= width && row != "" {
						t.Fatalf("%d columns: %q is %d wide", width, row, visibleWidth(row))
					}
					if strings.Contains(row, "\x1b") && !strings.Contains(row[strings.LastIndex(row, "\x1b"):], "\x1b[0m") {
						t.Fatalf("colour is left on: %q", row)
					}
				}
			}
		}
	}
}

func TestFrameSaysWhatIsFolded(t *testing.T) {
	s := newScript("up")
	for i := 1; i <= 40; i++ {
		s.step(planner.CreateNetwork{Network: fmt.Sprint(i), Name: fmt.Sprintf("shop_%02d", i)})
	}
	tr := newTracker(s.plan)
	s.sinks = append(s.sinks, func(e runtime.Event) { tr.event(e) })
	for i := 1; i <= 20; i++ {
		s.all(fmt.Sprintf("network/%d:create", i))
	}
	s.started("network/30:create")
	s.started("network/31:create")
	s.failed("network/31:create", "no")
	f := frame{style: Style{Unicode: true}, title: "up", now: s.clock, begun: s.clock, width: 60, height: 7}
	expect(t, strings.Join(f.rows(tr), "\n")+"\n", `
[+] up 20/40 0.0s
 · Network shop_21  Pending
 · Network shop_22  Pending
 ⠋ Network shop_30  Creating     0.0s
 ✘ Network shop_31  Error        0.0s  no
   … 36 more: 16 waiting, 20 done
`)
}

// TestLastFrame: a wait was cut short, and a stop that was under way is not
// waited for any more.
func TestLastFrame(t *testing.T) {
	s := newScript("up")
	s.step(planner.Await{Service: "db", Names: []string{"shop-db-1"}, For: planner.ConditionHealthy})
	s.step(planner.StopContainer{ContainerOp: on(planner.Handle{ID: "web"}, "web", 1, "shop-web-1")})
	app := planner.Handle{ID: "app"}
	down := s.step(planner.StopContainer{ContainerOp: on(app, "app", 1, "shop-app-1")})
	gone := s.step(planner.RemoveContainer{ContainerOp: on(app, "app", 1, "shop-app-1")}, down)
	tr := newTracker(s.plan)
	s.sinks = append(s.sinks, func(e runtime.Event) { tr.event(e) })
	await, stop := string(s.plan.Steps[0].ID), string(s.plan.Steps[1].ID)
	s.started(await)
	s.started(stop)
	s.play(await, runtime.PhaseSkipped, nil)
	s.started(string(down))
	s.play(string(down), runtime.PhaseUnknown, nil)
	s.play(string(gone), runtime.PhaseSkipped, nil)
	f := frame{style: Style{Unicode: true}, title: "up", now: s.clock, begun: s.clock, width: 90, height: 7, last: true}
	expect(t, strings.Join(f.rows(tr), "\n")+"\n", `
[+] up 0/3 0.0s
 ! Container shop-db-1   Interrupted   0.0s
 - Container shop-web-1  Stopping      0.0s
 ! Container shop-app-1  Unknown       0.0s  the engine's answer was not waited for
`)
}

func TestFrameShowsTheLatestOfWhatIsDone(t *testing.T) {
	views := []view{{name: "a", stage: finishedStage}, {name: "b", stage: finishedStage}, {name: "c", stage: finishedStage}}
	shown, folded := fit(views, 2)
	if len(shown) != 1 || shown[0].name != "c" || folded != "2 more: 2 done" {
		t.Errorf("%+v, %s", shown, folded)
	}
}

func TestElapsed(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0.0s", 0: "0.0s", 1260 * time.Millisecond: "1.2s", 59999 * time.Millisecond: "59.9s",
		64 * time.Second: "1m04s", 2*time.Hour + 5*time.Minute: "2h05m",
	} {
		if got := elapsed(d); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
}
