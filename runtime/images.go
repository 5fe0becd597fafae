package runtime

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/distribution/reference"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/client"
	"golang.org/x/sync/errgroup"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/project"
)

// ListedImage is the image of one container, as images shows it.
type ListedImage struct {
	ID         string
	Container  string
	Repository string // of the name that the container was made with
	Tag        string
	Platform   string // such as linux/amd64
	Size       int64
	Tagged     time.Time // when it was last tagged here or, where that is not known, made
}

// ListImages lists the images of a project's containers, by the containers'
// names; no services are all. A container whose image is gone is left out.
func ListImages(ctx context.Context, e *engine.Client, projectName string, services []string) ([]ListedImage, error) {
	containers, err := listContainers(ctx, e, project.LabelProject+"="+projectName)
	if err != nil {
		return nil, err
	}
	containers = slices.DeleteFunc(containers, func(c container.Summary) bool {
		return len(services) > 0 && !slices.Contains(services, c.Labels[project.LabelService])
	})
	inspected, err := inspectImages(ctx, e, containers)
	if err != nil {
		return nil, err
	}
	images := make([]ListedImage, 0, len(containers))
	for _, c := range containers {
		if inspect, ok := inspected[imageKeyOf(c)]; ok {
			images = append(images, listedImage(c, inspect))
		}
	}
	slices.SortFunc(images, func(a, b ListedImage) int { return compareNames(a.Container, a.ID, b.Container, b.ID) })
	return images, nil
}

// imageKey is an image in the form that one container uses: of the same image
// there may be several platforms.
type imageKey struct{ id, platform string }

func imageKeyOf(c container.Summary) imageKey {
	key := imageKey{id: c.ImageID}
	if d := c.ImageManifestDescriptor; d != nil && d.Platform != nil {
		key.platform = platformText(d.Platform.OS, d.Platform.Architecture, d.Platform.Variant)
	}
	return key
}

// inspectImages looks up each image once.
func inspectImages(ctx context.Context, e *engine.Client, containers []container.Summary) (map[imageKey]image.InspectResponse, error) {
	var mu sync.Mutex
	found := map[imageKey]image.InspectResponse{}
	asked := map[imageKey]bool{}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(lookups)
	for _, c := range containers {
		key := imageKeyOf(c)
		if asked[key] {
			continue
		}
		asked[key] = true
		group.Go(func() error {
			inspect, err := inspectImage(ctx, e, c)
			if engine.IsNotFound(err) {
				return nil
			}
			if err != nil {
				return engine.Classify(err)
			}
			mu.Lock()
			defer mu.Unlock()
			found[key] = inspect
			return nil
		})
	}
	return found, group.Wait()
}

func inspectImage(ctx context.Context, e *engine.Client, c container.Summary) (image.InspectResponse, error) {
	whole, err := e.API().ImageInspect(ctx, c.ImageID)
	d := c.ImageManifestDescriptor
	if err != nil || d == nil || d.Platform == nil || !e.Features().ImagePlatforms {
		return whole, err
	}
	part, err := e.API().ImageInspect(ctx, c.ImageID, client.ImageInspectWithPlatform(d.Platform))
	part.ID = whole.ID // that of the platform goes with no tag
	return part, err
}

func listedImage(c container.Summary, inspect image.InspectResponse) ListedImage {
	listed := ListedImage{
		ID:        inspect.ID,
		Container: nameFrom(c.Names),
		Platform:  platformText(inspect.Os, inspect.Architecture, inspect.Variant),
		Size:      inspect.Size,
		Tagged:    inspect.Metadata.LastTagTime,
	}
	if created, err := time.Parse(time.RFC3339Nano, inspect.Created); err == nil && listed.Tagged.IsZero() {
		listed.Tagged = created
	}
	// A name that has moved on, or a bare ID, is sha256 and the digits.
	if ref, err := reference.ParseDockerRef(c.Image); err == nil {
		listed.Repository = reference.FamiliarName(ref)
		if tagged, ok := ref.(reference.Tagged); ok {
			listed.Tag = tagged.Tag()
		}
	}
	return listed
}

// platformText writes a platform as images are labelled with it.
func platformText(system, architecture, variant string) string {
	text := system + "/" + architecture
	if variant != "" {
		text += "/" + variant
	}
	return strings.Trim(text, "/")
}
