//go:build linux

package main

import (
	"context"
	"strings"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"
)

const (
	projectLabel = "com.docker.compose.project"
	serviceLabel = "com.docker.compose.service"
	// projectPrefix begins the name of every project of the benchmarks, and of nobody else's.
	projectPrefix = "gocompose-bench-"
)

func networkName(project string) string { return project + "_default" }

func containerName(project string, item service) string { return project + "-" + item.name + "-1" }

func projectFilter(project string) filters.Args {
	return filters.NewArgs(filters.Arg("label", projectLabel+"="+project))
}

// clean removes the containers and networks of every project of the benchmarks.
func (b *bench) clean(ctx context.Context) error {
	labelled := filters.NewArgs(filters.Arg("label", projectLabel))
	containers, err := b.engine.ContainerList(ctx, container.ListOptions{All: true, Filters: labelled})
	if err != nil {
		return err
	}
	for _, found := range containers {
		if !strings.HasPrefix(found.Labels[projectLabel], projectPrefix) {
			continue
		}
		if err := b.engine.ContainerRemove(ctx, found.ID, container.RemoveOptions{Force: true, RemoveVolumes: true}); err != nil && !cerrdefs.IsNotFound(err) {
			return err
		}
	}
	networks, err := b.engine.NetworkList(ctx, network.ListOptions{Filters: labelled})
	if err != nil {
		return err
	}
	for _, found := range networks {
		if !strings.HasPrefix(found.Labels[projectLabel], projectPrefix) {
			continue
		}
		if err := b.engine.NetworkRemove(ctx, found.ID); err != nil && !cerrdefs.IsNotFound(err) {
			return err
		}
	}
	return nil
}
