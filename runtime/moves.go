package runtime

import (
	"context"

	"github.com/gocompose/gocompose/internal/engine"
)

// FollowMoves calls moved each time containers of a project may have come, gone,
// started or ended, until ctx is done or the engine is gone for good. It is listening
// when it calls listening.
func FollowMoves(ctx context.Context, e *engine.Client, projectName string, listening, moved func()) error {
	events := NewEvents(e, projectName)
	defer events.Close()
	happened := events.subscribe(ctx)
	defer happened.close()
	listening()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-happened.ready():
			news, err := happened.take()
			if err != nil {
				return err
			}
			if len(news) > 0 {
				moved()
			}
		}
	}
}
