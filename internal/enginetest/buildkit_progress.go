package enginetest

import (
	"context"
	"sync"

	control "github.com/moby/buildkit/api/services/control"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// buildList is the builds by their references.
type buildList struct {
	mu   sync.Mutex
	list map[string]*buildProgress
}

// open finds or makes the progress of a build: clients ask for it before the
// build has begun, or after it.
func (l *buildList) open(ref string) *buildProgress {
	l.mu.Lock()
	defer l.mu.Unlock()
	p, ok := l.list[ref]
	if !ok {
		p = &buildProgress{changed: make(chan struct{})}
		if l.list == nil {
			l.list = map[string]*buildProgress{}
		}
		l.list[ref] = p
	}
	return p
}

// buildProgress is what one build has told so far.
type buildProgress struct {
	mu      sync.Mutex
	told    []*control.StatusResponse
	ended   bool
	changed chan struct{} // closed when there is more, or the end
}

// begin adds a step that goes on. The returned function tells its end.
func (p *buildProgress) begin(name string) (end func(failure error)) {
	id, started := digestOf([]byte(name)), timestamppb.Now()
	begun := &control.Vertex{Digest: id, Name: name, Started: started}
	p.add(&control.StatusResponse{Vertexes: []*control.Vertex{begun}})
	return func(failure error) {
		ended := &control.Vertex{Digest: id, Name: name, Started: started, Completed: timestamppb.Now()}
		if failure != nil {
			ended.Error = failure.Error()
		}
		p.add(&control.StatusResponse{Vertexes: []*control.Vertex{ended}})
	}
}

// tell adds a step that is done.
func (p *buildProgress) tell(name string) { p.begin(name)(nil) }

// say adds output of a step.
func (p *buildProgress) say(step, text string) {
	p.add(&control.StatusResponse{Logs: []*control.VertexLog{{
		Vertex: digestOf([]byte(step)), Timestamp: timestamppb.Now(), Stream: 1, Msg: []byte(text),
	}}})
}

func (p *buildProgress) add(response *control.StatusResponse) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told = append(p.told, response)
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *buildProgress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ended {
		p.ended = true
		close(p.changed)
	}
}

// at is what was told in that place, once it has been; false after the end.
func (p *buildProgress) at(ctx context.Context, i int) (*control.StatusResponse, bool) {
	for {
		response, changed := p.look(i)
		if response != nil || changed == nil {
			return response, response != nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, false
		}
	}
}

// look is what was told in that place, or what is closed when there is more; none
// of them after the end.
func (p *buildProgress) look(i int) (*control.StatusResponse, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case i < len(p.told):
		return p.told[i], nil
	case p.ended:
		return nil, nil
	default:
		return nil, p.changed
	}
}
