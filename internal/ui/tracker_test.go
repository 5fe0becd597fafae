package ui

import (
	"errors"
	"testing"
	"time"

	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/runtime"
)

func TestPlainWords(t *testing.T) {
	s := newScript("up")
	pull := s.step(planner.PullImage{Image: "redis:7"})
	network := s.step(planner.CreateNetwork{Network: "default", Name: "shop_default"})
	volume := s.step(planner.CreateVolume{Volume: "data", Name: "shop_data"})
	create := s.step(planner.CreateContainer{Service: "db", Number: 1, Name: "shop-db-1"}, pull, network, volume)
	db := on(planner.Handle{Step: create}, "db", 1, "shop-db-1")
	s.step(planner.ConnectNetwork{ContainerOp: db, Network: "back"}, create)
	s.step(planner.StartContainer{ContainerOp: db}, create)
	s.step(planner.Await{
		Service: "db", Containers: []planner.Handle{db.Container}, Names: []string{"shop-db-1"}, For: planner.ConditionHealthy,
	})
	text := s.lines()
	s.started("image/redis:7:pull")
	s.layer("image/redis:7:pull", "abc", "Downloading", 1, 2)
	s.done("image/redis:7:pull")
	s.all("network/default:create", "volume/data:create", "container/db/1:create",
		"container/db/1:connect", "container/db/1:start", "service/db:await")
	expect(t, text.String(), `
 Image redis:7 Pulling
 Image redis:7 Pulled
 Network shop_default Creating
 Network shop_default Created
 Volume shop_data Creating
 Volume shop_data Created
 Container shop-db-1 Creating
 Container shop-db-1 Created
 Container shop-db-1 Starting
 Container shop-db-1 Started
 Container shop-db-1 Waiting
 Container shop-db-1 Healthy
`)
}

func TestWordsOfVerbs(t *testing.T) {
	s := newScript("down")
	web := on(planner.Handle{ID: "1"}, "web", 1, "shop-web-1")
	for _, op := range []planner.Op{
		planner.StopContainer{ContainerOp: web}, planner.KillContainer{ContainerOp: web},
		planner.RestartContainer{ContainerOp: web}, planner.PauseContainer{ContainerOp: web},
		planner.UnpauseContainer{ContainerOp: web}, planner.RemoveContainer{ContainerOp: web},
		planner.RemoveNetwork{Network: "default", Name: "shop_default"},
		planner.RemoveVolume{Volume: "data", Name: "shop_data"}, planner.RemoveImage{Image: "shop-web"},
	} {
		s.step(op)
	}
	text := s.lines()
	for _, step := range s.plan.Steps {
		s.all(string(step.ID))
	}
	expect(t, text.String(), `
 Container shop-web-1 Stopping
 Container shop-web-1 Stopped
 Container shop-web-1 Killing
 Container shop-web-1 Killed
 Container shop-web-1 Restarting
 Container shop-web-1 Started
 Container shop-web-1 Paused
 Container shop-web-1 Unpaused
 Container shop-web-1 Removing
 Container shop-web-1 Removed
 Network shop_default Removing
 Network shop_default Removed
 Volume shop_data Removing
 Volume shop_data Removed
 Image shop-web Removing
 Image shop-web Removed
`)
}

func TestReplaceIsOneThing(t *testing.T) {
	s := newScript("up")
	s.plan.Kept = []planner.Kept{
		{Target: planner.Ref{Kind: planner.KindContainer, Name: "db", Index: 1}, Name: "shop-db-1", State: planner.Running},
		{Target: planner.Ref{Kind: planner.KindNetwork, Name: "default"}, Name: "shop_default"},
	}
	s.replace()
	text := s.lines()
	s.all("container/web/1:create", "container/web/1:stop", "container/web/1:copy",
		"container/web/1:remove", "container/web/1:rename", "container/web/1:start")
	expect(t, text.String(), `
 Container shop-db-1 Running
 Container shop-web-1 Recreate
 Container shop-web-1 Recreated
 Container shop-web-1 Starting
 Container shop-web-1 Started
`)
}

// hinted is an error whose text ends with a hint.
type hinted struct{ error }

func (h hinted) Error() string { return h.error.Error() + "; " + h.Hint() }
func (hinted) Hint() string    { return "disconnect them" }

func TestFailures(t *testing.T) {
	s := newScript("up")
	s.replace()
	s.step(planner.RemoveNetwork{Network: "old", Name: "shop_old"})
	s.step(planner.CreateVolume{Volume: "data", Name: "shop_data"})
	s.step(planner.Await{Service: "db", Names: []string{"shop-db-1"}, For: planner.ConditionHealthy})
	text := s.lines()
	s.started("container/web/1:create")
	s.failed("container/web/1:create", "name is taken\nby another one")
	s.play("container/web/1:stop", runtime.PhaseSkipped, nil)
	s.play("container/web/1:start", runtime.PhaseSkipped, nil)
	s.started("network/old:remove")
	s.play("network/old:remove", runtime.PhaseFailed, func(e *runtime.Event) {
		e.Err, e.Tolerated = hinted{errors.New("network shop_old has active endpoints")}, true
	})
	s.started("volume/data:create")
	s.play("volume/data:create", runtime.PhaseUnknown, nil)
	s.play("volume/data:create", runtime.PhaseUnknown, nil) // said twice, shown once
	s.started("service/db:await")
	s.play("service/db:await", runtime.PhaseSkipped, nil)
	expect(t, text.String(), `
 Container shop-web-1 Recreate
 Container shop-web-1 Error name is taken
 Network shop_old Removing
 Network shop_old Skipped network shop_old has active endpoints
 Volume shop_data Creating
 Volume shop_data Unknown the engine's answer was not waited for
 Container shop-db-1 Waiting
 Container shop-db-1 Interrupted
`)
}

func TestAwaitOfSeveral(t *testing.T) {
	s := newScript("start")
	s.step(planner.Await{
		Service: "job", Containers: make([]planner.Handle, 2),
		Names: []string{"shop-job-1", "shop-job-2"}, For: planner.ConditionCompleted,
	})
	text := s.lines()
	s.started("service/job:await")
	s.layer("service/job:await", "shop-job-2", "starting", 0, 0)
	s.layer("service/job:await", "shop-job-2", "Exited", 0, 0)
	s.play("service/job:await", runtime.PhaseDone, func(e *runtime.Event) { e.Detail = "Exited" })
	expect(t, text.String(), `
 Container shop-job-1 Waiting
 Container shop-job-2 Waiting
 Container shop-job-2 Exited
 Container shop-job-1 Exited
`)
}

func TestKeptIsSaidByCreatingCommandsOnly(t *testing.T) {
	kept := []planner.Kept{{
		Target: planner.Ref{Kind: planner.KindContainer, Name: "web", Index: 1},
		Name:   "shop-web-1", State: planner.Exited,
	}}
	for command, want := range map[string]string{
		"create": " Container shop-web-1 Created\n", "stop": "", "start": "", "down": "",
	} {
		s := newScript(command)
		s.plan.Kept = kept
		if got := s.lines().String(); got != want {
			t.Errorf("%s: %q, want %q", command, got, want)
		}
	}
}

func TestLayersAreSummed(t *testing.T) {
	var p parts
	report := func(id, status string, current, total int64) {
		p.update(runtime.Progress{ID: id, Status: status, Current: current, Total: total})
	}
	report("7-alpine", "Pulling from library/postgres", 0, 0) // of the image, not a layer
	report("a", "Pulling fs layer", 0, 0)
	report("b", "Pulling fs layer", 0, 0)
	report("c", "Already exists", 0, 0)
	report("a", "Downloading", 40, 100)
	if got, want := p.sum(), (sum{layers: 3, done: 1, current: 40, total: 100}); got != want {
		t.Errorf("one size unknown: %+v, want %+v", got, want)
	}
	report("b", "Downloading", 10, 50)
	report("a", "Download complete", 0, 0)
	if got, want := p.sum(), (sum{layers: 3, done: 1, current: 110, total: 150, known: true}); got != want {
		t.Errorf("downloading: %+v, want %+v", got, want)
	}
	report("b", "Verifying Checksum", 0, 0)
	report("a", "Extracting", 30, 100)
	if got, want := p.sum(), (sum{layers: 3, done: 1, current: 30, total: 150, known: true, unpacking: true}); got != want {
		t.Errorf("unpacking: %+v, want %+v", got, want)
	}
	report("d", "Downloading", 5, 10)
	report("d", "Extracting", 2, 10) // what came between was not reported
	if got, want := p.sum(), (sum{layers: 4, done: 1, current: 32, total: 160, known: true, unpacking: true}); got != want {
		t.Errorf("reports left out: %+v, want %+v", got, want)
	}
	report("d", "Pull complete", 0, 0)
	report("a", "Pull complete", 0, 0)
	report("b", "Pull complete", 0, 0)
	if got, want := p.sum(), (sum{layers: 4, done: 4, current: 160, total: 160, known: true, unpacking: true}); got != want {
		t.Errorf("complete: %+v, want %+v", got, want)
	}
}

func TestPushedLayersAreSummed(t *testing.T) {
	var p parts
	report := func(id, status string, current, total int64) {
		p.update(runtime.Progress{ID: id, Status: status, Current: current, Total: total})
	}
	report("", "The push refers to repository [reg.test/app]", 0, 0)
	for _, id := range []string{"a", "b", "c", "d"} {
		report(id, "Preparing", 0, 0)
	}
	report("b", "Layer already exists", 0, 0)
	report("c", "Mounted from other", 0, 0)
	report("a", "Pushing", 40, 100)
	if got, want := p.sum(), (sum{layers: 4, done: 2, current: 40, total: 100}); got != want {
		t.Errorf("one size unknown: %+v, want %+v", got, want)
	}
	report("d", "Pushing", 50, 50)
	report("a", "Pushing", 105, 100) // with what the archive of the layer adds
	if got, want := p.sum(), (sum{layers: 4, done: 2, current: 155, total: 155, known: true}); got != want {
		t.Errorf("all sent: %+v, want %+v", got, want)
	}
	report("a", "Pushed", 0, 0)
	report("d", "Pushed", 0, 0)
	if got, want := p.sum(), (sum{layers: 4, done: 4, current: 155, total: 155, known: true}); got != want {
		t.Errorf("complete: %+v, want %+v", got, want)
	}
}

func TestTransfersThatAreTriedAgain(t *testing.T) {
	s := newScript("pull")
	s.step(planner.PullImage{Image: "redis:7"})
	s.step(planner.PushImage{Image: "own:1"})
	s.plan.Kept = []planner.Kept{
		{Target: planner.Ref{Kind: planner.KindService, Name: "web"}, Name: "web"},
		{Target: planner.Ref{Kind: planner.KindService, Name: "db"}, Name: "db", Detail: "No image to be pulled"},
	}
	text := s.lines()
	for _, step := range []string{"image/redis:7:pull", "image/own:1:push"} {
		s.started(step)
		s.layer(step, "abc", "Downloading", 1, 2)
		s.layer(step, "abc", "Retrying in 5 seconds", 0, 0)
		s.layer(step, "abc", "Retrying in 4 seconds", 0, 0)
		s.layer(step, "abc", "Downloading", 1, 2)
		s.play(step, runtime.PhaseProgress, func(e *runtime.Event) {
			e.Progress = &runtime.Progress{Status: runtime.Retrying, Detail: "in 1s: unexpected EOF"}
		})
		s.layer(step, "abc", "Downloading", 1, 2)
	}
	s.done("image/redis:7:pull")
	s.play("image/own:1:push", runtime.PhaseFailed, func(e *runtime.Event) {
		e.Tolerated = true
		e.Err = &runtime.TransferError{Image: "own:1", Services: []string{"web"}, Registry: "docker.io", Err: errors.New("denied")}
	})
	expect(t, text.String(), `
 web Skipped
 db Skipped - No image to be pulled
 Image redis:7 Pulling
 Image redis:7 Retrying layer abc
 Image redis:7 Retrying in 1s: unexpected EOF
 Image own:1 Pushing
 Image own:1 Retrying layer abc
 Image own:1 Retrying in 1s: unexpected EOF
 Image redis:7 Pulled
 Image own:1 Warning denied
`)
}

func TestTimeOfTheLatestWord(t *testing.T) {
	s := newScript("up")
	s.step(planner.CreateNetwork{Network: "default", Name: "shop_default"})
	tr := newTracker(s.plan)
	s.sinks = append(s.sinks, func(e runtime.Event) { tr.event(e) })
	s.started("network/default:create")
	s.clock = s.clock.Add(1500 * time.Millisecond)
	if got := tr.view(tr.items[0]).elapsed(s.clock); got != 1500*time.Millisecond {
		t.Errorf("while it goes on: %v", got)
	}
	s.done("network/default:create")
	if got := tr.view(tr.items[0]).elapsed(s.clock.Add(time.Hour)); got != 1500*time.Millisecond {
		t.Errorf("afterwards: %v", got)
	}
}
