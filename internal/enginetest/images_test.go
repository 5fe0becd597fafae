package enginetest_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	ctypes "github.com/docker/docker/api/types/container"
	itypes "github.com/docker/docker/api/types/image"
	"github.com/docker/docker/client"

	"github.com/gocompose/gocompose/internal/enginetest"
)

// pull pulls an image and returns the progress stream's lines and its error.
func pull(ctx context.Context, c *client.Client, ref string) (string, error) {
	body, err := c.ImagePull(ctx, ref, itypes.PullOptions{})
	if err != nil {
		return "", err
	}
	return transferred(body)
}

// transferred reads the progress stream of a pull or push to its end.
func transferred(body io.ReadCloser) (string, error) {
	defer body.Close()
	text, err := io.ReadAll(body)
	if err != nil {
		return string(text), err
	}
	for line := range strings.Lines(string(text)) {
		var message struct{ Error string }
		if err := json.Unmarshal([]byte(line), &message); err != nil {
			return string(text), err
		}
		if message.Error != "" {
			return string(text), errors.New(message.Error)
		}
	}
	return string(text), nil
}

func imageID(t *testing.T, c *client.Client, ref string) string {
	t.Helper()
	v, err := c.ImageInspect(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	return v.ID
}

func TestPull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		served := enginetest.Image{Ref: "app:1", PullTakes: 8 * time.Second}
		e, c := newEngine(t, enginetest.Options{Registry: []enginetest.Image{served}})
		began := time.Now()
		text, err := pull(t.Context(), c, "app:1")
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took != served.PullTakes {
			t.Errorf("the pull took %s", took)
		}
		if !strings.Contains(text, "Downloading") || !strings.Contains(text, "Status: Downloaded newer image for app:1") {
			t.Errorf("progress is\n%s", text)
		}
		first := imageID(t, c, "app:1")
		if text, err := pull(t.Context(), c, "app:1"); err != nil || !strings.Contains(text, "Image is up to date for app:1") {
			t.Errorf("the second pull: %v\n%s", err, text)
		}

		served.Env = []string{"VERSION=2"}
		if err := e.Publish(served); err != nil {
			t.Fatal(err)
		}
		if _, err := pull(t.Context(), c, "app:1"); err != nil {
			t.Fatal(err)
		}
		if imageID(t, c, "app:1") == first {
			t.Error("the new image has the old identifier")
		}
		v, err := c.ImageInspect(t.Context(), first)
		if err != nil || len(v.RepoTags) != 0 {
			t.Errorf("the old image: %v, tags %v", err, v.RepoTags)
		}
		if _, err := pull(t.Context(), c, v.RepoDigests[0]); err != nil {
			t.Errorf("by digest: %v", err)
		}
	})
}

func TestPullFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, c := newEngine(t, enginetest.Options{Registry: []enginetest.Image{{Ref: "app:1", PullTakes: time.Hour}}})
		expect := func(ref, want string) {
			t.Helper()
			if _, err := pull(t.Context(), c, ref); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("pulling %s: %v, not %q", ref, err, want)
			}
		}
		expect("nothing", "pull access denied for nothing, repository does not exist or may require 'docker login'")
		expect("app:2", "manifest for app:2 not found: manifest unknown")
		e.FailPulls("app:1", enginetest.PullFailure{Message: "unexpected EOF"})
		expect("app:1", "unexpected EOF")
		e.FailPulls("app:1", enginetest.PullFailure{Message: "toomanyrequests", Status: 429})
		expect("app:1", "toomanyrequests")
		e.FailPulls("app:1", enginetest.PullFailure{})

		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := pull(ctx, c, "app:1"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a pull that is given up: %v", err)
		}
		if _, err := c.ImageInspect(t.Context(), "app:1"); err == nil {
			t.Error("a pull that was given up left the image")
		}
		e.Withdraw("app:1")
		expect("app:1", "pull access denied")
	})
}

func TestImageInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c := newEngine(t, enginetest.Options{Images: app()})
		create(t, c, "web", nil)
		_, err := c.ImageRemove(t.Context(), "app", itypes.RemoveOptions{})
		if err == nil || !strings.Contains(err.Error(), `unable to remove repository reference "app" (must force) - container`) {
			t.Errorf("removing an image in use: %v", err)
		}
		if err := c.ContainerRemove(t.Context(), "web", ctypes.RemoveOptions{}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.ImageRemove(t.Context(), "app", itypes.RemoveOptions{}); err != nil {
			t.Error(err)
		}
		_, err = c.ContainerCreate(t.Context(), &ctypes.Config{Image: "app"}, nil, nil, nil, "web")
		if err == nil || !strings.Contains(err.Error(), "No such image: app:latest") {
			t.Errorf("creating from a removed image: %v", err)
		}
	})
}

func TestUnusableImages(t *testing.T) {
	for _, image := range []enginetest.Image{{Ref: "UPPER"}, {Ref: "app", ID: "sha256:12"}, {Ref: "app", Digest: "md5:1"}, {}} {
		if _, err := enginetest.New(enginetest.Options{Images: []enginetest.Image{image}}); err == nil {
			t.Errorf("%+v was taken", image)
		}
	}
	if _, err := enginetest.New(enginetest.Options{APIVersion: "1.40"}); err == nil {
		t.Error("API version 1.40 was taken")
	}
}

// TestPullsAtTheSameTime is for the race detector, from which a bubble would hide
// things.
func TestPullsAtTheSameTime(t *testing.T) {
	_, c := newEngine(t, enginetest.Options{Registry: []enginetest.Image{{Ref: "app"}}})
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := pull(t.Context(), c, "app"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}
