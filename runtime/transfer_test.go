package runtime

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/image"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/internal/enginetest"
	"github.com/gocompose/gocompose/planner"
)

const (
	pulledImage = "registry.test/team/app:1"
	pushedImage = "registry.test/team/own:1"
)

// onRegistry runs a test on a host with an image to pull and one to push.
func onRegistry(t *testing.T, test func(host)) {
	t.Helper()
	onHost(t, enginetest.Options{
		Images:   []enginetest.Image{{Ref: pushedImage}},
		Registry: []enginetest.Image{{Ref: pulledImage}},
	}, test)
}

// transferred carries out a pull or push and returns what was told of retries.
func (h host) transferred(ctx context.Context, op planner.Op) (retries []Progress, err error) {
	h.Helper()
	_, err = h.driver().Do(ctx, planner.Step{ID: "test", Op: op}, Inputs{report: func(p Progress) {
		if p.Status == Retrying {
			retries = append(retries, p)
		}
	}})
	return retries, err
}

// direction is a pull or push, and the way to make it fail.
type direction struct {
	op    planner.Op
	image string
	fail  func(enginetest.PullFailure)
	count string // the operation at the engine
}

func (h host) directions() []direction {
	return []direction{
		{
			op:    planner.PullImage{Image: pulledImage, Services: []string{"web"}},
			image: pulledImage, count: "ImageCreate",
			fail: func(f enginetest.PullFailure) { h.fake.FailPulls(pulledImage, f) },
		},
		{
			op:    planner.PushImage{Image: pushedImage, Services: []string{"web"}},
			image: pushedImage, count: "ImagePush",
			fail: func(f enginetest.PullFailure) { h.fake.FailPushes(pushedImage, f) },
		},
	}
}

func TestTransferIsTriedAgain(t *testing.T) {
	for _, failure := range []enginetest.PullFailure{
		{Message: "unexpected EOF"},
		{Message: "received unexpected HTTP status: 503 Service Unavailable"},
		{Message: "unexpected status from PUT request to https://registry.test/v2/: 502 Bad Gateway"},
		{Message: "read tcp 10.0.0.1:4711->10.0.0.2:443: read: connection reset by peer"},
		{Status: 500, Message: `Get "https://registry.test/v2/": net/http: TLS handshake timeout`},
		{Status: 500, Message: `Get "https://registry.test/v2/": net/http: request canceled (Client.Timeout exceeded while awaiting headers)`},
	} {
		onRegistry(t, func(h host) {
			for _, way := range h.directions() {
				failure.Times = 2
				way.fail(failure)
				began := time.Now()
				retries, err := h.transferred(h.Context(), way.op)
				if err != nil {
					h.Errorf("%s after two failures: %v", way.count, err)
				}
				if took := time.Since(began); took != 3*time.Second {
					h.Errorf("it took %s, not one and two seconds of waiting", took)
				}
				if len(retries) != 2 || !strings.HasPrefix(retries[0].Detail, "in 1s: ") || !strings.Contains(retries[1].Detail, failure.Message) {
					h.Errorf("retries told: %+v", retries)
				}
			}
			if !h.fake.Pushed(pushedImage) {
				h.Error("the image was not pushed")
			}
		})
	}
}

func TestTransferGivesUp(t *testing.T) {
	onRegistry(t, func(h host) {
		for _, way := range h.directions() {
			way.fail(enginetest.PullFailure{Message: "unexpected EOF"})
			_, err := h.transferred(h.Context(), way.op)
			want := "service web: image " + way.image + ": registry registry.test: unexpected EOF (tried 4 times)"
			if err == nil || err.Error() != want {
				h.Errorf("error %v, want %s", err, want)
			}
			if n := h.count(way.count); n != 4 {
				h.Errorf("%s was asked for %d times", way.count, n)
			}
		}
	})
}

func TestTransferIsNotTriedAgain(t *testing.T) {
	for message, kind := range map[string]engine.Kind{
		"pull access denied for team/app, repository does not exist or may require 'docker login': denied": engine.PullDenied,
		"unauthorized: authentication required":                                          engine.PullDenied,
		"manifest for registry.test/team/app:1 not found: manifest unknown":              engine.ManifestMissing,
		"filesystem layer verification failed for digest sha256:0123":                    engine.WrongDigest,
		"toomanyrequests: You have reached your pull rate limit":                         engine.RateLimited,
		"write /var/lib/docker/tmp/GetImageBlob1: no space left on device":               engine.NoSpace,
		`Get "https://registry.test/v2/": dial tcp: connect: connection refused`:         engine.RegistryDown,
		`Get "https://registry.test/v2/": x509: certificate signed by unknown authority`: engine.RegistryDown,
		"An image does not exist locally with the tag: registry.test/team/own":           engine.NotTagged,
	} {
		onRegistry(t, func(h host) {
			for _, way := range h.directions() {
				way.fail(enginetest.PullFailure{Message: message})
				retries, err := h.transferred(h.Context(), way.op)
				if engine.KindOf(err) != kind || len(retries) > 0 || h.count(way.count) != 1 {
					h.Errorf("kind %q, %d retries, %d requests: %v", engine.KindOf(err), len(retries), h.count(way.count), err)
				}
			}
		})
	}
}

func TestTransferIsGivenUpAtOnce(t *testing.T) {
	onRegistry(t, func(h host) {
		if err := h.fake.Publish(enginetest.Image{Ref: pulledImage, PullTakes: time.Hour}); err != nil {
			h.Fatal(err)
		}
		stop := errors.New("stop")
		for _, failure := range []enginetest.PullFailure{{}, {Message: "unexpected EOF"}} {
			h.fake.FailPulls(pulledImage, failure)
			ctx, cancel := context.WithCancelCause(h.Context())
			time.AfterFunc(500*time.Millisecond, func() { cancel(stop) })
			began := time.Now()
			_, err := h.transferred(ctx, h.directions()[0].op)
			if took := time.Since(began); took != 500*time.Millisecond || !errors.Is(err, stop) {
				h.Errorf("it took %s, error %v", took, err)
			}
			if _, err := h.engine.API().ImageInspect(h.Context(), pulledImage); !engine.IsNotFound(err) {
				h.Errorf("the image is there: %v", err)
			}
		}
	})
}

func TestPullIsStamped(t *testing.T) {
	onRegistry(t, func(h host) {
		for _, stamp := range []bool{false, true} {
			if _, err := h.transferred(h.Context(), planner.PullImage{Image: pulledImage, Stamp: stamp}); err != nil {
				h.Fatal(err)
			}
			found, err := h.engine.API().ImageInspect(h.Context(), pulledImage)
			if err != nil || found.Metadata.LastTagTime.IsZero() == stamp {
				h.Errorf("stamp %v: tagged at %v, error %v", stamp, found.Metadata.LastTagTime, err)
			}
		}
		found, err := h.engine.API().ImageInspect(h.Context(), pulledImage)
		if err != nil {
			h.Fatal(err)
		}
		if _, err := h.transferred(h.Context(), planner.PullImage{Image: found.RepoDigests[0], Stamp: true}); err != nil {
			h.Errorf("by digest: %v", err)
		}
	})
}

// rebuilt is the image in other builds, of which all but the last have the same
// content.
func rebuilt() (first, again, changed enginetest.Image) {
	first = enginetest.Image{Ref: "web:1", Content: "files", ID: "sha256:" + strings.Repeat("1", 64), Labels: map[string]string{"a": "b"}}
	again, changed = first, first
	again.ID, changed.ID = "sha256:"+strings.Repeat("2", 64), "sha256:"+strings.Repeat("3", 64)
	changed.Content = "other files"
	return first, again, changed
}

func TestSameContentReplacesNothing(t *testing.T) {
	p := load(t, "services: {web: {image: \"web:1\", scale: 2}}")
	first, again, changed := rebuilt()
	onHost(t, enginetest.Options{Images: []enginetest.Image{first}}, func(h host) {
		h.mustUp(p, planner.UpOptions{})
		looks := func(image enginetest.Image) (*planner.Plan, int) {
			if err := h.fake.AddImages(image); err != nil {
				h.Fatal(err)
			}
			h.fake.ResetJournal()
			state, err := Observe(h.Context(), h.engine, p)
			if err != nil {
				h.Fatal(err)
			}
			plan, err := planner.Up(p, state, planner.UpOptions{})
			if err != nil {
				h.Fatal(err)
			}
			return plan, h.count("ImageInspect")
		}
		if plan, n := looks(first); !plan.Empty() || n != 1 {
			h.Errorf("the same image: %d steps, %d look-ups", len(plan.Steps), n)
		}
		if plan, n := looks(again); !plan.Empty() || n != 2 {
			h.Errorf("the same content: %d steps, %d look-ups", len(plan.Steps), n)
		}
		relabelled := again
		relabelled.ID, relabelled.Labels = "", map[string]string{"a": "c"}
		for _, image := range []enginetest.Image{changed, relabelled} {
			if plan, _ := looks(image); plan.Empty() {
				h.Errorf("%+v replaces nothing", image)
			}
		}
	})
}

func TestSupersededImagesGo(t *testing.T) {
	ours := map[string]string{"com.docker.compose.project": testProject}
	for name, test := range map[string]struct {
		labels map[string]string
		change func(h host, id string)
		goes   bool
	}{
		"unused":   {labels: ours, goes: true},
		"foreign":  {labels: map[string]string{"com.docker.compose.project": "other"}},
		"no label": {},
		"named": {labels: ours, change: func(h host, id string) {
			if err := h.engine.API().ImageTag(h.Context(), id, "backup:1"); err != nil {
				h.Fatal(err)
			}
		}},
		"gone": {labels: ours, goes: true, change: func(h host, id string) {
			if _, err := h.engine.API().ImageRemove(h.Context(), id, image.RemoveOptions{}); err != nil {
				h.Fatal(err)
			}
		}},
	} {
		onHost(t, enginetest.Options{Images: []enginetest.Image{{Ref: "own:1", Labels: test.labels}}}, func(h host) {
			found, err := h.engine.API().ImageInspect(h.Context(), "own:1")
			if err != nil {
				h.Fatal(err)
			}
			if err := h.fake.AddImages(enginetest.Image{Ref: "own:1", Cmd: []string{"new"}, Labels: ours}); err != nil {
				h.Fatal(err)
			}
			if test.change != nil {
				test.change(h, found.ID)
			}
			if _, err := h.do(h.Context(), h.driver(), planner.RemoveImage{Image: "own:1", ID: found.ID}); err != nil {
				h.Errorf("%s: %v", name, err)
			}
			_, err = h.engine.API().ImageInspect(h.Context(), found.ID)
			if engine.IsNotFound(err) != test.goes {
				h.Errorf("%s: the old image: %v", name, err)
			}
			if _, err := h.engine.API().ImageInspect(h.Context(), "own:1"); err != nil {
				h.Errorf("%s: the new image: %v", name, err)
			}
		})
	}
}

func TestSupersededImageInUseStays(t *testing.T) {
	ours := map[string]string{"com.docker.compose.project": testProject}
	onHost(t, enginetest.Options{}, func(h host) {
		old := enginetest.Image{Ref: testImage, Cmd: []string{"old"}, Labels: ours}
		if err := h.fake.AddImages(old); err != nil {
			h.Fatal(err)
		}
		found, err := h.engine.API().ContainerInspect(h.Context(), h.create("visitor", nil))
		if err != nil {
			h.Fatal(err)
		}
		old.Cmd = []string{"new"}
		if err := h.fake.AddImages(old); err != nil {
			h.Fatal(err)
		}
		if _, err := h.do(h.Context(), h.driver(), planner.RemoveImage{Image: testImage, ID: found.Image}); err != nil {
			h.Error(err)
		}
		if h.count("ImageDelete") != 1 {
			h.Error("the engine was not asked")
		}
		if _, err := h.engine.API().ImageInspect(h.Context(), found.Image); err != nil {
			h.Errorf("the image that a container was made from: %v", err)
		}
	})
}

func TestRegistryOf(t *testing.T) {
	got := []string{registryOf("redis"), registryOf("127.0.0.1:5000/a/b:1"), registryOf("quay.io/a@sha256:" + strings.Repeat("0", 64))}
	if want := []string{"docker.io", "127.0.0.1:5000", "quay.io"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
