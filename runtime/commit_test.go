package runtime

import (
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/gocompose/gocompose/internal/enginetest"
)

func TestCommit(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		id := h.service("app-web-1", "web", 1, testImage)
		h.fake.ResetJournal()
		made, err := Commit(h.Context(), h.engine, id, CommitOptions{
			Reference: "made:2", Author: "somebody", Message: "why", Changes: []string{`CMD ["x"]`, "LABEL a=b"}, Pause: true,
		})
		h.must(err)
		inspect, err := h.engine.API().ImageInspect(h.Context(), "made:2")
		h.must(err)
		if inspect.ID != made || inspect.Config.Labels["a"] != "b" || len(inspect.Config.Cmd) != 1 {
			t.Errorf("%s, not %s: %+v", inspect.ID, made, inspect.Config)
		}
		query := h.fake.Journal()[0].Query
		asked := []string{query.Get("author"), query.Get("comment"), query.Get("pause"), query.Get("tag")}
		if diff := gocmp.Diff([]string{"somebody", "why", "", "2"}, asked); diff != "" {
			t.Error(diff) // pausing is what engines do unless they are told not to
		}
		h.fake.ResetJournal()
		_, err = Commit(h.Context(), h.engine, id, CommitOptions{})
		h.must(err)
		if got := h.fake.Journal()[0].Query.Get("pause"); got != "0" {
			t.Errorf("pause is %q", got)
		}
		for _, o := range []CommitOptions{{Reference: "UPPER:1"}, {Changes: []string{"FOO"}}} {
			if _, err := Commit(h.Context(), h.engine, id, o); err == nil {
				t.Errorf("%+v: no error", o)
			}
		}
	})
}
