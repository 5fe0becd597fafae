package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/docker/docker/api/types/image"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/planner"
)

// pull fetches an image and reports the progress of its layers. The engine
// takes as long as the registry does, and keeps the layers it has when it is
// told to stop.
func (d *EngineDriver) pull(ctx context.Context, op planner.PullImage, in Inputs) (Output, error) {
	auth, authErr := d.engine.Config().RegistryAuth(ctx, op.Image)
	stream, err := d.engine.API().ImagePull(ctx, op.Image, image.PullOptions{Platform: op.Platform, RegistryAuth: auth})
	if err == nil {
		err = followPull(stream, in.report)
		_ = stream.Close() // read to its end, or broken
	}
	err = engine.Classify(err)
	if authErr != nil && engine.KindOf(err) == engine.PullDenied {
		err = errors.Join(err, authErr) // without these credentials it may just look denied
	}
	if ctx.Err() != nil {
		return Output{}, context.Cause(ctx)
	}
	return Output{}, err
}

// pullMessage is one line of the engine's progress.
type pullMessage struct {
	ID       string `json:"id"`
	Status   string `json:"status"`
	Progress struct {
		Current int64 `json:"current"`
		Total   int64 `json:"total"`
	} `json:"progressDetail"`
	Error string `json:"error"`
}

// followPull reads the engine's progress. An error of the pull comes as the
// last message, after a status of 200.
func followPull(stream io.Reader, report func(Progress)) error {
	for decoder := json.NewDecoder(stream); ; {
		var m pullMessage
		err := decoder.Decode(&m)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("the engine's progress of the pull: %w", err)
		case m.Error != "":
			return errors.New(m.Error)
		}
		report(Progress{ID: m.ID, Status: m.Status, Current: m.Progress.Current, Total: m.Progress.Total})
	}
}
