package build

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/moby/buildkit/client"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/project"
)

// Progress is what a builder has to tell while it works: BuildKit's status or,
// from the classic builder, text.
type Progress struct {
	Status *client.SolveStatus
	Text   string
}

// SharedContexts lists the contexts of several services, in name order.
func SharedContexts(p *project.Project) []string {
	uses := map[string]int{}
	for name := range p.BuildClosure(p.ServiceNames()) {
		s, _ := p.AnyService(name)
		uses[s.Build.Context]++
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(uses)), func(dir string) bool { return uses[dir] < 2 })
}

// Options say how a builder builds.
type Options struct {
	// Classic says not to use BuildKit (DOCKER_BUILDKIT=0).
	Classic bool
	// Shared lists the directories that several builds have as their context.
	Shared []string
	// Memory bounds what a build by the classic builder may use, in bytes; 0 does
	// not.
	Memory int64
}

// Builder builds images on one engine. Close it in the end.
type Builder struct {
	engine  *engine.Client
	options Options

	mu  sync.Mutex
	kit *buildKit
}

// NewBuilder makes a builder for an engine. It connects when it is first used.
func NewBuilder(e *engine.Client, o Options) *Builder { return &Builder{engine: e, options: o} }

// Build builds one image and returns its ID. Report is called by one goroutine
// at a time for each build.
func (b *Builder) Build(ctx context.Context, d Definition, report func(Progress)) (string, error) {
	kit, err := b.connect(ctx)
	if err != nil {
		return "", err
	}
	if kit != nil {
		return kit.build(ctx, d, report)
	}
	return buildClassic(ctx, b.engine, d, b.options, report)
}

// connect is the engine's BuildKit, or nil where it has none or is not to be
// used: such an engine builds by its classic builder.
func (b *Builder) connect(ctx context.Context) (*buildKit, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.options.Classic || b.kit != nil {
		return b.kit, nil
	}
	kit, err := dialBuildKit(ctx, b.engine, b.options)
	if err == nil {
		b.kit = kit
		return kit, nil
	}
	if _, unreachable := b.engine.API().Ping(ctx); unreachable != nil {
		return nil, engine.Classify(unreachable)
	}
	return nil, nil //nolint:nilnil // an engine that answers, and not to BuildKit's clients
}

// Close ends the connection.
func (b *Builder) Close() error {
	if b.kit == nil {
		return nil
	}
	return b.kit.close()
}
