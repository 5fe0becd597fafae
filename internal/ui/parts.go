package ui

import (
	"strings"

	"github.com/gocompose/gocompose/runtime"
)

// parts sums the layers of an image while it is pulled or pushed. The zero parts
// is empty and ready to use.
type parts struct {
	order  []string
	layer  map[string]*layer
	pushed bool // not pulled: there is nothing to unpack
}

type layer struct {
	fetched, unpacked, total int64
	unpacking, done          bool
}

// update takes one report of the engine into account. Reports on the image as a
// whole have no ID or name no size, and say nothing here.
func (p *parts) update(r runtime.Progress) {
	if r.ID == "" {
		return
	}
	l, ok := p.layer[r.ID]
	if !ok {
		if !layerStatus(r.Status) {
			return
		}
		if p.layer == nil {
			p.layer = map[string]*layer{}
		}
		l = &layer{}
		p.layer[r.ID] = l
		p.order = append(p.order, r.ID)
	}
	l.total = max(l.total, r.Total)
	switch {
	case r.Status == "Downloading":
		l.fetched = max(l.fetched, r.Current)
	case r.Status == "Extracting":
		l.fetched, l.unpacking = l.total, true
		l.unpacked = max(l.unpacked, r.Current)
	case strings.HasPrefix(r.Status, "Download complete"), r.Status == "Verifying Checksum":
		l.fetched = l.total
	case r.Status == "Pushing": // it may end a little beyond the size that it began with
		p.pushed = true
		l.fetched = max(l.fetched, r.Current)
		l.total = max(l.total, l.fetched)
	case r.Status == "Pull complete", r.Status == "Already exists",
		r.Status == "Pushed", r.Status == "Layer already exists", strings.HasPrefix(r.Status, "Mounted from "):
		l.fetched, l.unpacked, l.done = l.total, l.total, true
	}
}

// layerStatus tells what the engine says of layers from what it says of the
// image.
func layerStatus(status string) bool {
	switch status {
	case "Pulling fs layer", "Waiting", "Downloading", "Verifying Checksum",
		"Download complete", "Extracting", "Pull complete", "Already exists",
		"Preparing", "Pushing", "Pushed", "Layer already exists":
		return true
	default:
		return strings.HasPrefix(status, "Mounted from ")
	}
}

// sum is how far the image has come. The total is known once every layer that
// is not done has said its size.
type sum struct {
	layers, done   int
	current, total int64
	known          bool
	unpacking      bool // all is fetched
}

func (p *parts) sum() sum {
	s := sum{known: true, unpacking: !p.pushed}
	var fetched, unpacked int64
	for _, id := range p.order {
		l := p.layer[id]
		s.layers++
		if l.done {
			s.done++
		}
		if l.total == 0 && !l.done {
			s.known = false
		}
		if !l.done && (l.total == 0 || l.fetched < l.total) {
			s.unpacking = false
		}
		s.total += l.total
		fetched += l.fetched
		unpacked += l.unpacked
	}
	s.current = fetched
	if s.unpacking {
		s.current = unpacked
	}
	return s
}
