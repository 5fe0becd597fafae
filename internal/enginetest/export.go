package enginetest

import (
	"bytes"
	"net/http"

	etypes "github.com/docker/docker/api/types/events"
)

// containerExport sends the files of a container, without its volumes, as a tar
// stream.
func (e *Engine) containerExport(w http.ResponseWriter, r *request) error {
	e.mu.Lock()
	c, err := e.findContainer(r.vars["name"])
	var content bytes.Buffer
	if err == nil {
		err = c.files.tar(&content, "/", ".")
	}
	if err == nil {
		e.publishContainer(c, etypes.ActionExport, nil)
	}
	e.mu.Unlock()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	// A client that is gone needs no answer.
	_, _ = content.WriteTo(w)
	return nil
}
