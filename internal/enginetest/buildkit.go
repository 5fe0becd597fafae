package enginetest

import (
	"context"
	"net/http"
	"strings"

	"github.com/distribution/reference"
	control "github.com/moby/buildkit/api/services/control"
	"github.com/moby/buildkit/util/grpcerrors"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// buildKit is the part of an engine that builds images: the control service of
// moby/buildkit, as far as builds of Dockerfiles need it.
type buildKit struct {
	control.UnimplementedControlServer
	engine *Engine
}

// grpc serves BuildKit on a connection that is taken over.
func (e *Engine) grpc(w http.ResponseWriter, r *request) error {
	conn, err := upgrade(w, r)
	if err != nil {
		return err
	}
	server := grpc.NewServer(grpc.UnaryInterceptor(grpcerrors.UnaryServerInterceptor))
	control.RegisterControlServer(server, &buildKit{engine: e})
	listener := newSingleListener(conn)
	e.serving.Go(func() {
		select {
		case <-r.broken:
		case <-r.Context().Done():
		case <-listener.ended:
		}
		server.Stop()
	})
	_ = server.Serve(listener) // until the client hangs up
	return nil
}

// session lets builds ask the client for its files, secrets and credentials.
func (e *Engine) session(w http.ResponseWriter, r *request) error {
	conn, err := upgrade(w, r)
	if err != nil {
		return err
	}
	_ = e.sessions.HandleConn(r.Context(), conn, r.Header) // until the client hangs up
	return nil
}

// Solve builds an image and gives it its names.
func (b *buildKit) Solve(ctx context.Context, request *control.SolveRequest) (*control.SolveResponse, error) {
	progress := b.engine.builds.open(request.Ref)
	defer progress.end()
	var names []string
	for _, exporter := range request.Exporters {
		names = append(names, strings.Split(exporter.Attrs["name"], ",")...)
	}
	if err := b.engine.noteBuild(names); err != nil {
		return nil, err
	}
	spec, err := b.engine.buildFrom(ctx, request, progress)
	if err != nil {
		return nil, err
	}
	b.engine.mu.Lock()
	defer b.engine.mu.Unlock()
	id := ""
	for _, name := range names {
		spec.Ref = name
		img, ref, err := newImage(spec)
		if err != nil {
			return nil, status.Error(codes.InvalidArgument, err.Error())
		}
		b.engine.install(img, ref)
		id = img.id
		progress.tell("naming to " + reference.FamiliarString(ref))
	}
	return &control.SolveResponse{ExporterResponse: map[string]string{"containerimage.digest": id}}, nil
}

// Status tells what a build does, from its begin to its end.
func (b *buildKit) Status(request *control.StatusRequest, stream grpc.ServerStreamingServer[control.StatusResponse]) error {
	progress := b.engine.builds.open(request.Ref)
	for i := 0; ; i++ {
		response, ok := progress.at(stream.Context(), i)
		if !ok {
			return nil
		}
		if err := stream.Send(response); err != nil {
			return err
		}
	}
}

// noteBuild writes a build to the journal, as the operation ImageBuild of what it
// names, and lets a fault decide about it.
func (e *Engine) noteBuild(names []string) error {
	e.mu.Lock()
	e.ids['#']++
	entry := &Request{Op: "ImageBuild", Method: http.MethodPost, Path: "/grpc", Target: strings.Join(names, ","), Mutating: true, Seq: e.ids['#']}
	e.journal = append(e.journal, entry)
	fault := e.fault
	e.mu.Unlock()
	if fault == nil {
		return nil
	}
	e.deciding.Lock()
	defer e.deciding.Unlock()
	if action := fault(*entry); action.Status != 0 {
		return status.Error(codes.Unknown, action.Message)
	}
	return nil
}
