package enginetest_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	itypes "github.com/docker/docker/api/types/image"
	"github.com/docker/docker/client"

	"github.com/gocompose/gocompose/internal/enginetest"
)

// push pushes an image and returns the progress stream's lines and its error.
func push(ctx context.Context, c *client.Client, ref string) (string, error) {
	body, err := c.ImagePush(ctx, ref, itypes.PushOptions{RegistryAuth: "e30="})
	if err != nil {
		return "", err
	}
	return transferred(body)
}

func TestPush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, c := newEngine(t, enginetest.Options{Images: []enginetest.Image{{Ref: "reg.test/app:1"}}})
		if e.Pushed("reg.test/app:1") {
			t.Error("the registry has it before")
		}
		for _, want := range []string{"Pushing", "Layer already exists"} {
			text, err := push(t.Context(), c, "reg.test/app:1")
			if err != nil || !strings.Contains(text, want) || !strings.Contains(text, "1: digest: sha256:") {
				t.Errorf("%v, no %q in\n%s", err, want, text)
			}
		}
		first := imageID(t, c, "reg.test/app:1")
		if _, err := c.ImageRemove(t.Context(), "reg.test/app:1", itypes.RemoveOptions{}); err != nil {
			t.Fatal(err)
		}
		if _, err := pull(t.Context(), c, "reg.test/app:1"); err != nil || imageID(t, c, "reg.test/app:1") != first {
			t.Errorf("it cannot be pulled: %v", err)
		}
		if !e.Pushed("reg.test/app:1") {
			t.Error("the registry does not have it")
		}
	})
}

func TestPushFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, c := newEngine(t, enginetest.Options{Images: []enginetest.Image{{Ref: "reg.test/app:1"}}})
		expect := func(ref, want string) {
			t.Helper()
			if _, err := push(t.Context(), c, ref); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("pushing %s: %v, not %q", ref, err, want)
			}
		}
		expect("reg.test/app:2", "An image does not exist locally with the tag: reg.test/app")
		e.FailPushes("reg.test/app:1", enginetest.PullFailure{Message: "unexpected EOF", Times: 2})
		expect("reg.test/app:1", "unexpected EOF")
		expect("reg.test/app:1", "unexpected EOF")
		if e.Pushed("reg.test/app:1") {
			t.Error("a push that failed reached the registry")
		}
		e.FailPushes("reg.test/app:1", enginetest.PullFailure{Message: "denied", Status: 403, Times: 1})
		expect("reg.test/app:1", "denied")
		if _, err := push(t.Context(), c, "reg.test/app:1"); err != nil {
			t.Errorf("after all failures: %v", err)
		}
	})
}
