package runtime

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/docker/docker/api/types/volume"

	"github.com/gocompose/gocompose/internal/enginetest"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

const stack = `
services:
  db:
    image: data/db
    volumes: ["data:/var/lib/db", "shared:/shared"]
    healthcheck: {test: ["CMD", "probe"], interval: 1s}
  web:
    image: app
    scale: 2
    networks: [default, outside]
    depends_on: {db: {condition: service_healthy}}
  worker: {image: app}
networks: {outside: {external: true, name: company}}
volumes: {data: {}, shared: {external: true}}
`

// onStack runs f on a host where the stack is up.
func onStack(t *testing.T, f func(host, *project.Project)) {
	p := load(t, stack)
	images := []enginetest.Image{{Ref: "data/db", Volumes: []string{"/data"}}, {Ref: "app"}}
	onHost(t, enginetest.Options{Images: images}, func(h host) {
		h.createNetwork("company", nil)
		h.createNetwork("somebody", nil)
		for _, name := range []string{"shared", "shared_by_others", "unrelated"} {
			if _, err := h.engine.API().VolumeCreate(h.Context(), volume.CreateOptions{Name: name}); err != nil {
				h.Fatal(err)
			}
		}
		h.run("other-web-1", map[string]string{project.LabelProject: "other", project.LabelService: "web"})
		h.mustUp(p, planner.UpOptions{})
		h.fake.ResetJournal()
		f(h, p)
	})
}

func TestObserveAsksLittle(t *testing.T) {
	onStack(t, func(h host, p *project.Project) {
		state, err := Observe(h.Context(), h.engine, p)
		if err != nil {
			h.Fatal(err)
		}
		var calls []string
		for _, r := range h.fake.Journal() {
			calls = append(calls, r.String())
		}
		slices.Sort(calls)
		want := []string{"ContainerList", "ImageInspect app", "ImageInspect data/db", "NetworkList", "VolumeList", "VolumeList"}
		if !slices.Equal(calls, want) {
			h.Errorf("calls %q, want %q", calls, want)
		}
		plan, err := planner.Up(p, state, planner.UpOptions{})
		if err != nil || !plan.Empty() {
			h.Errorf("the stack is up, and the plan has %d steps, error %v", len(plan.Steps), err)
		}
	})
}

func TestUpAgainChangesNothing(t *testing.T) {
	onStack(t, func(h host, p *project.Project) {
		h.mustUp(p, planner.UpOptions{})
		if calls := mutating(h.fake); len(calls) > 0 {
			h.Errorf("changed: %q", calls)
		}
	})
}

func TestObserveSeesWhatIsThere(t *testing.T) {
	onStack(t, func(h host, p *project.Project) {
		h.create("app-web-run-1", map[string]string{
			project.LabelService: "web", project.LabelOneOff: "True", project.LabelSlug: "x",
		})
		h.run("app-job-1", map[string]string{project.LabelService: "job", project.LabelNumber: "1", "enginetest.exit": "3"})
		synctest.Wait() // the job has ended
		state, err := Observe(h.Context(), h.engine, p)
		if err != nil {
			h.Fatal(err)
		}
		var names []string
		for _, c := range state.Containers {
			names = append(names, c.Name)
		}
		if got := strings.Join(names, " "); got != "app-db-1 app-job-1 app-web-1 app-web-2 app-web-run-1 app-worker-1" {
			h.Errorf("containers %s", got)
		}
		checkDatabase(h, state)
		job, oneOff, web := state.Containers[1], state.Containers[4], state.Containers[2]
		if job.Phase != planner.Exited || job.ExitCode != 3 || job.Running() {
			h.Errorf("job %+v", job)
		}
		if !oneOff.OneOff || oneOff.Phase != planner.Created || len(state.ContainersOf("web")) != 2 {
			h.Errorf("one-off %+v", oneOff)
		}
		if len(web.Networks) != 2 || web.Networks[0].Network != "app_default" || web.Networks[1].Network != "company" || web.Networks[0].ID == "" {
			h.Errorf("web's networks %+v", web.Networks)
		}
		checkResources(h, state)
	})
}

func checkDatabase(h host, state planner.State) {
	h.Helper()
	db := state.Containers[0]
	image := state.Images["data/db"]
	if db.Service != "db" || db.Number != 1 || db.Phase != planner.Running || db.Health != planner.Healthy || db.Hash == "" {
		h.Errorf("db %+v", db)
	}
	if db.ImageID != image.ID || db.ImageLabel != image.ID || !slices.Equal(image.Volumes, []string{"/data"}) {
		h.Errorf("db's image %s, label %s, on the host %+v", db.ImageID, db.ImageLabel, image)
	}
	if db.Digests == nil || db.Fields != nil {
		h.Errorf("db's digests %v, fields %v", db.Digests, db.Fields)
	}
	var mounts []string
	for _, m := range db.Mounts {
		if m.Destination != "/data" {
			mounts = append(mounts, m.Name+":"+m.Destination)
		}
	}
	if got := strings.Join(mounts, " "); got != "shared:/shared app_data:/var/lib/db" || len(db.Mounts) != 3 {
		h.Errorf("db's mounts %s", got)
	}
}

func checkResources(h host, state planner.State) {
	h.Helper()
	var networks, volumes []string
	for _, n := range state.Networks {
		networks = append(networks, n.Name+" "+n.Key+" "+n.Project)
	}
	for _, v := range state.Volumes {
		volumes = append(volumes, v.Name+" "+v.Key+" "+v.Project)
	}
	if got := strings.Join(networks, ", "); got != "app_default default app, company  " {
		h.Errorf("networks %s", got)
	}
	if got := strings.Join(volumes, ", "); got != "app_data data app, shared  " {
		h.Errorf("volumes %s", got)
	}
	if state.Now.IsZero() || state.Features.APIVersion == "" {
		h.Errorf("now %v, features %+v", state.Now, state.Features)
	}
}

func TestObserveLooksCloserOnlyAtWhatDiffers(t *testing.T) {
	onStack(t, func(h host, _ *project.Project) {
		changed := load(t, strings.Replace(stack, "worker: {image: app}", "worker: {image: app, environment: {A: one}}", 1))
		state, err := Observe(h.Context(), h.engine, changed)
		if err != nil {
			h.Fatal(err)
		}
		if n := h.count("ContainerInspect"); n != 1 {
			h.Errorf("%d containers inspected", n)
		}
		for _, c := range state.Containers {
			if (c.Fields != nil) != (c.Service == "worker") {
				h.Errorf("%s has fields %v", c.Name, c.Fields)
			}
		}
		plan, err := planner.Up(changed, state, planner.UpOptions{})
		if err != nil {
			h.Fatal(err)
		}
		for _, step := range plan.Steps {
			if target := step.Op.Target(); target.Name != "worker" {
				h.Errorf("step %s", step.ID)
			}
			if f := step.Reason.Fields; len(f) != 1 || f[0].Path != "environment.A" || f[0].New != "one" {
				h.Errorf("%s: fields %+v", step.ID, f)
			}
		}
	})
}

func TestObserveWithoutFiles(t *testing.T) {
	onStack(t, func(h host, _ *project.Project) {
		state, err := ObserveProject(h.Context(), h.engine, testProject)
		if err != nil {
			h.Fatal(err)
		}
		if n := len(h.fake.Journal()); n != 3 {
			h.Errorf("%d requests", n)
		}
		rebuilt, err := ProjectFromState(testProject, state)
		if err != nil {
			h.Fatal(err)
		}
		if got := strings.Join(rebuilt.ServiceNames(), " "); got != "db web worker" {
			h.Errorf("services %s", got)
		}
		if edges := rebuilt.Edges("web"); len(edges) != 1 || edges[0].To != "db" || edges[0].Condition != project.Healthy {
			h.Errorf("edges %+v", edges)
		}
		if web, _ := rebuilt.Service("web"); web.Replicas() != 2 {
			h.Errorf("web has %d replicas", web.Replicas())
		}
		if _, err := h.down(h.Context(), rebuilt, planner.DownOptions{Volumes: true}, ApplyOptions{}); err != nil {
			h.Fatal(err)
		}
		left := h.fake.Snapshot()
		for _, mine := range []string{"app-", "app_"} {
			if strings.Contains(left, " "+mine) {
				h.Errorf("left:\n%s", left)
			}
		}
		for _, foreign := range []string{"other-web-1", "network company", "network somebody", "volume shared ", "volume unrelated"} {
			if !strings.Contains(left, foreign) {
				h.Errorf("%s is gone", foreign)
			}
		}
	})
}

func TestObserveAnEmptyHost(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		state, err := Observe(h.Context(), h.engine, load(t, stack))
		if err != nil || len(state.Containers)+len(state.Networks)+len(state.Volumes)+len(state.Images) != 0 {
			h.Errorf("state %+v, error %v", state, err)
		}
	})
}

func TestObservePlatforms(t *testing.T) {
	for _, api := range []string{"1.41", "1.51"} {
		onHost(t, enginetest.Options{APIVersion: api, Images: []enginetest.Image{{Ref: "arm", Platform: "linux/arm64"}}}, func(h host) {
			p := load(t, `{services: {a: {image: arm, platform: linux/arm64}, b: {image: arm, platform: linux/amd64}}}`)
			state, err := Observe(h.Context(), h.engine, p)
			if err != nil {
				h.Fatal(err)
			}
			if _, ok := state.Images[planner.ImageKey("arm", "linux/arm64")]; !ok {
				h.Errorf("API %s: the image is not seen: %v", api, state.Images)
			}
			if _, ok := state.Images[planner.ImageKey("arm", "linux/amd64")]; ok {
				h.Errorf("API %s: an image for another platform is taken", api)
			}
		})
	}
}

func TestObserveFailsWithTheEngine(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		h.fake.SetReachable(false)
		if _, err := Observe(h.Context(), h.engine, load(t, stack)); err == nil || !strings.Contains(err.Error(), "start the engine") {
			h.Errorf("error %v", err)
		}
	})
}
