package runtime

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

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

func TestRegistryOf(t *testing.T) {
	got := []string{registryOf("redis"), registryOf("127.0.0.1:5000/a/b:1"), registryOf("quay.io/a@sha256:" + strings.Repeat("0", 64))}
	if want := []string{"docker.io", "127.0.0.1:5000", "quay.io"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
