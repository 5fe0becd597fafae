package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/distribution/reference"
	v1 "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/internal/artifact"
	"github.com/gocompose/gocompose/internal/distribution"
	"github.com/gocompose/gocompose/internal/ui"
	"github.com/gocompose/gocompose/project"
)

type publishOptions struct {
	repository     string
	withEnv        bool
	resolveDigests bool
	images         bool
	ociVersion     string
	yes            bool
	insecure       bool
}

func (p *program) publishCommand() *cli.Command {
	var o publishOptions
	return &cli.Command{
		Name:      "publish",
		Category:  categoryFiles,
		Usage:     "Push the files to a registry, for others to use as oci://REPOSITORY",
		ArgsUsage: "REPOSITORY[:TAG]",
		Description: "Pushes the Compose files, those that they extend, and with --with-env the env files, as one artifact. " +
			"Asks before bind mounts, what looks like a secret, or variables leave this machine; refuses variables without --with-env. " +
			"Images stay where they are.",
		UsageText: `gocompose publish registry.example.com/team/shop:1.0
gocompose publish --resolve-image-digests --with-env registry.example.com/team/shop
gocompose publish --app --yes registry.example.com/team/shop:1.0`,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "app", Destination: &o.images, Usage: "Also copy the images there, and pin them by their digests"},
			&cli.StringFlag{Name: "oci-version", Destination: &o.ociVersion,
				Usage: "Use the artifacts of this `VERSION` of the OCI specification, 1.0 or 1.1; by default, the newest that the registry takes"},
			&cli.BoolFlag{Name: "resolve-image-digests", Destination: &o.resolveDigests, Usage: "Pin images by the digests that they have now"},
			&cli.BoolFlag{Name: "with-env", Destination: &o.withEnv, Usage: "Also publish variables and the env files"},
			&cli.BoolFlag{Name: "yes", Aliases: []string{"y"}, Destination: &o.yes, Usage: "Take yes for an answer to all questions"},
			&cli.BoolFlag{Name: "insecure-registry", Hidden: true, Destination: &o.insecure},
		},
		Action: func(c *cli.Context) error {
			if c.Args().Len() != 1 {
				return usage(fmt.Sprintf("accepts 1 arg(s), received %d", c.Args().Len()))
			}
			o.repository = c.Args().First()
			return p.publish(c.Context, o)
		},
	}
}

func (p *program) publish(ctx context.Context, o publishOptions) error {
	named, err := reference.ParseDockerRef(o.repository)
	if err != nil {
		return err
	}
	version, err := artifact.ParseVersion(o.ociVersion)
	if err != nil {
		return err
	}
	load := p.loadOptions()
	load.Profiles = []string{"*"}
	loaded, err := p.load(ctx, load)
	if err != nil {
		return err
	}
	bundle, err := loaded.Bundle()
	if err != nil {
		return err
	}
	if err := p.mayPublish(ctx, loaded, bundle, o); err != nil {
		return err
	}
	p.noteBuilt(loaded)
	files, err := p.published(ctx, loaded, bundle, o)
	if err != nil {
		return err
	}
	console := p.console()
	defer console.Close()
	console.Err(ui.StatusText(p.style, o.repository, "publishing", ""))
	if !p.onlyShow() {
		err := p.pushApplication(ctx, named, loaded, files, version, o)
		if distribution.IsDenied(err) {
			err = fmt.Errorf("%w; run docker login %s", err, reference.Domain(named))
		}
		if err != nil {
			return err
		}
	}
	console.Err(ui.StatusText(p.style, o.repository, "published", ""))
	return nil
}

// noteBuilt tells of images that the registry may not have.
func (p *program) noteBuilt(loaded *project.Project) {
	for service := range loaded.Services() {
		if service.Build != nil && service.Image != "" {
			p.warn(fmt.Sprintf("image %s of service %q is built here and not pushed along: push it for others to use", service.Image, service.Name))
		}
	}
}

// published are the files of the artifact.
func (p *program) published(ctx context.Context, loaded *project.Project, bundle project.Bundle, o publishOptions) ([]artifact.File, error) {
	var files []artifact.File
	add := func(kind artifact.Kind, bundled []project.BundledFile) {
		for _, file := range bundled {
			files = append(files, artifact.File{Kind: kind, Name: file.Name, Content: file.Content})
		}
	}
	add(artifact.Compose, bundle.Compose)
	add(artifact.Extended, bundle.Extended)
	if o.withEnv {
		add(artifact.Env, bundle.Env)
	} else if len(bundle.Env) > 0 {
		p.warn("env files are not published without --with-env: who uses the artifact has to do without them")
	}
	if o.resolveDigests || o.images {
		pins, err := pinned(ctx, p, configOptions{lockDigests: true}, loaded)
		if err != nil {
			return nil, err
		}
		text, err := pins.Render(project.YAML)
		if err != nil {
			return nil, err
		}
		add(artifact.Compose, []project.BundledFile{{Name: "image-digests.yaml", Content: text}})
	}
	return files, nil
}

// pushApplication pushes the artifact, and what it needs, under its name. A registry that
// takes no artifacts of OCI 1.1 gets one of OCI 1.0, unless a version is asked
// for.
func (p *program) pushApplication(ctx context.Context, named reference.Named, loaded *project.Project, files []artifact.File, version artifact.Version, o publishOptions) error {
	origin := artifact.Origin{Version: versionString(), Created: time.Now()}
	var insecure []string
	if o.insecure {
		insecure = append(insecure, reference.Domain(named))
	}
	client := p.registry(append(insecure, p.globals.insecure.Value()...)...)
	repository := client.Pusher(named)
	defer repository.Close()
	made, err := pushArtifact(ctx, repository, named, files, version, origin)
	if o.ociVersion == "" && isRefused(err) {
		made, err = pushArtifact(ctx, repository, named, files, artifact.OCI10, origin)
	}
	if err != nil || !o.images {
		return err
	}
	return pushImages(ctx, client, repository, loaded, made.Manifest, origin)
}

func pushArtifact(ctx context.Context, repository *distribution.Repository, named reference.Named, files []artifact.File, version artifact.Version, origin artifact.Origin) (artifact.Artifact, error) {
	made, err := artifact.Write(files, version, origin)
	if err != nil {
		return made, err
	}
	for _, blob := range made.Blobs {
		if err := repository.PushBlob(ctx, blob); err != nil {
			return made, err
		}
	}
	return made, repository.PushManifest(ctx, distribution.VersionOf(named), made.Manifest)
}

// isRefused tells that the registry does not like what it was sent, though it
// may be sent something.
func isRefused(err error) bool {
	const badRequest, serverError = 400, 500
	var answer *distribution.StatusError
	return errors.As(err, &answer) && answer.Status >= badRequest && answer.Status < serverError && !distribution.IsDenied(err)
}

// pushImages copies the images of the services into the repository of the
// artifact, and ties them to it.
func pushImages(ctx context.Context, client *distribution.Client, repository *distribution.Repository, loaded *project.Project, application v1.Descriptor, origin artifact.Origin) error {
	var images []v1.Descriptor
	seen := map[string]bool{}
	for _, image := range loaded.Images() {
		if seen[image] {
			continue
		}
		seen[image] = true
		named, err := reference.ParseDockerRef(image)
		if err != nil {
			return err
		}
		from := client.Puller(named)
		descriptor, err := repository.Copy(ctx, from, distribution.VersionOf(named))
		from.Close()
		if err != nil {
			return err
		}
		images = append(images, descriptor)
	}
	index, err := artifact.Images(application, images, origin)
	if err != nil {
		return err
	}
	return repository.PushManifest(ctx, index.Digest.String(), index)
}
