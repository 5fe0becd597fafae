package runtime

import (
	"cmp"
	"context"
	"slices"

	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/volume"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/project"
)

// ListedVolume is one volume as volumes shows it.
type ListedVolume struct {
	Name       string
	Driver     string
	Scope      string
	Mountpoint string
	Labels     map[string]string
}

// ListVolumes lists the volumes that bear a project's label, in name order: all,
// or those that containers of the services mount.
func ListVolumes(ctx context.Context, e *engine.Client, projectName string, services []string) ([]ListedVolume, error) {
	var mounted []string
	if len(services) > 0 {
		containers, err := listMembers(ctx, e, projectName, services)
		if err != nil {
			return nil, err
		}
		for _, c := range containers {
			mounted = append(mounted, c.Mounts...)
		}
	}
	list, err := e.API().VolumeList(ctx, volume.ListOptions{
		Filters: filters.NewArgs(filters.Arg("label", project.LabelProject+"="+projectName)),
	})
	if err != nil {
		return nil, engine.Classify(err)
	}
	var found []ListedVolume
	for _, v := range list.Volumes {
		if len(services) > 0 && !slices.Contains(mounted, v.Name) {
			continue
		}
		found = append(found, ListedVolume{
			Name: v.Name, Driver: v.Driver, Scope: v.Scope, Mountpoint: v.Mountpoint, Labels: v.Labels,
		})
	}
	slices.SortFunc(found, func(a, b ListedVolume) int { return cmp.Compare(a.Name, b.Name) })
	return found, nil
}
