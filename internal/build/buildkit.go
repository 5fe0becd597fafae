package build

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/exporter/containerimage/exptypes"
	"golang.org/x/sync/errgroup"

	"github.com/gocompose/gocompose/internal/engine"
)

// exporterEngine puts what was built into the engine's own image store.
const exporterEngine = "moby"

// dockerfileFrontend reads Dockerfiles.
const dockerfileFrontend = "dockerfile.v0"

// buildKit builds by the BuildKit that is part of the engine, over its /grpc and
// /session endpoints. Its method may be called by several goroutines.
type buildKit struct {
	engine  *engine.Client
	client  *client.Client
	options Options
	shared  sharedContexts
}

// dialBuildKit connects to the engine's BuildKit. The error is that of an engine
// without one.
func dialBuildKit(ctx context.Context, e *engine.Client, o Options) (*buildKit, error) {
	first, err := e.API().DialHijack(ctx, "/grpc", "h2c", nil)
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	c, err := client.New(ctx, "",
		client.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			mu.Lock()
			connection := first
			first = nil
			mu.Unlock()
			if connection != nil {
				return connection, nil
			}
			return e.API().DialHijack(ctx, "/grpc", "h2c", nil)
		}),
		client.WithSessionDialer(func(ctx context.Context, proto string, meta map[string][]string) (net.Conn, error) {
			return e.API().DialHijack(ctx, "/session", proto, meta)
		}),
	)
	if err != nil {
		return nil, errors.Join(err, first.Close())
	}
	return &buildKit{engine: e, client: c, options: o, shared: sharedContexts{dial: c.Dialer()}}, nil
}

func (b *buildKit) close() error {
	b.shared.close()
	return b.client.Close()
}

// build builds one image and returns its ID. Frontends before 1.4, as that of
// Engine 20.10, know no additional contexts; those that are images can be written
// into the Dockerfile.
func (b *buildKit) build(ctx context.Context, d Definition, report func(Progress)) (string, error) {
	id, err := b.solve(ctx, d, report)
	if err == nil || len(d.Contexts) == 0 || !strings.Contains(err.Error(), contextsRefused) {
		return id, err
	}
	plain, unfit := d.withoutContexts()
	if unfit != nil {
		return "", err
	}
	return b.solve(ctx, plain, report)
}

func (b *buildKit) solve(ctx context.Context, d Definition, report func(Progress)) (string, error) {
	options, done, err := b.solveOptions(ctx, &d)
	if err != nil {
		return "", err
	}
	defer done()
	status := make(chan *client.SolveStatus)
	var group errgroup.Group
	group.Go(func() error {
		for s := range status {
			report(Progress{Status: s})
		}
		return nil
	})
	response, err := b.client.Solve(ctx, nil, options, status)
	_ = group.Wait() // it cannot fail
	if err != nil {
		return "", d.solveError(err)
	}
	return response.ExporterResponse[exptypes.ExporterImageDigestKey], nil
}

func (b *buildKit) solveOptions(ctx context.Context, d *Definition) (client.SolveOpt, func(), error) {
	attached, err := d.attachables(b.engine.Config())
	if err != nil {
		return client.SolveOpt{}, nil, err
	}
	from, err := caches(d.CacheFrom)
	if err != nil {
		return client.SolveOpt{}, nil, err
	}
	to, err := caches(d.CacheTo)
	if err != nil {
		return client.SolveOpt{}, nil, err
	}
	locals, done, err := d.directories()
	if err != nil {
		return client.SolveOpt{}, nil, err
	}
	attributes := d.attributes()
	if slices.Contains(b.options.Shared, d.Context) && !d.Remote {
		if attributes[sessionOfContext], err = b.shared.id(ctx, d.Context, locals[localContext]); err != nil {
			done()
			return client.SolveOpt{}, nil, err
		}
	}
	return client.SolveOpt{
		Frontend:            dockerfileFrontend,
		FrontendAttrs:       attributes,
		LocalMounts:         locals,
		SharedKey:           sharedKey(d.Context),
		Session:             attached,
		CacheImports:        from,
		CacheExports:        to,
		AllowedEntitlements: d.entitlements(),
		Exports: []client.ExportEntry{{
			Type:  exporterEngine,
			Attrs: map[string]string{"name": strings.Join(d.Tags, ",")},
		}},
	}, done, nil
}

// sharedKey lets the builder send what changed in a directory since the last
// build from it, and no more.
func sharedKey(dir string) string {
	sum := sha256.Sum256([]byte("gocompose\x00" + dir))
	return hex.EncodeToString(sum[:16])
}
