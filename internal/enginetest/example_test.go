package enginetest_test

import (
	"context"
	"fmt"

	ctypes "github.com/docker/docker/api/types/container"

	"github.com/gocompose/gocompose/internal/enginetest"
)

func Example() {
	e, err := enginetest.New(enginetest.Options{Images: []enginetest.Image{{
		Ref: "app", Behaviour: enginetest.Behaviour{Exit: &enginetest.Exit{Code: 3}},
	}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer e.Close()
	c, err := e.Client()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()

	ctx := context.Background()
	if _, err := c.ContainerCreate(ctx, &ctypes.Config{Image: "app"}, nil, nil, nil, "job"); err != nil {
		fmt.Println(err)
		return
	}
	exits, failed := c.ContainerWait(ctx, "job", ctypes.WaitConditionNextExit)
	if err := c.ContainerStart(ctx, "job", ctypes.StartOptions{}); err != nil {
		fmt.Println(err)
		return
	}
	select {
	case result := <-exits:
		fmt.Println("exit code", result.StatusCode)
	case err := <-failed:
		fmt.Println(err)
		return
	}
	fmt.Println(e.MutatingCount(), "changes asked for")
	// Output:
	// exit code 3
	// 2 changes asked for
}
