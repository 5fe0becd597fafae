package enginetest

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	etypes "github.com/docker/docker/api/types/events"
	"github.com/docker/docker/api/types/filters"
	vtypes "github.com/docker/docker/api/types/volume"
)

// volume is one volume with its files. The engine's lock guards it.
type volume struct {
	name, driver    string
	options, labels map[string]string
	created         time.Time
	anonymous       bool
	users           map[string]bool // identifiers of the containers that refer to it
	files           *fileTree
}

// anonymousLabel marks volumes made without a name.
const anonymousLabel = "com.docker.volume.anonymous"

// makeVolume returns the volume of that name, new if there is none. An empty
// name makes an anonymous volume.
func (e *Engine) makeVolume(name, driver string, options, labels map[string]string) (*volume, error) {
	if driver == "" {
		driver = "local"
	}
	anonymous := name == ""
	if anonymous {
		name = e.newID(volumeID)
		labels = maps.Clone(labels)
		if labels == nil {
			labels = map[string]string{}
		}
		labels[anonymousLabel] = ""
	}
	if driver != "local" {
		return nil, notFound("create %s: error looking up volume plugin %s: plugin %q not found", name, driver, driver)
	}
	if v, ok := e.volumes[name]; ok {
		if !e.serves("1.42") {
			// Engine 20.10 tells of it each time.
			e.publish(etypes.VolumeEventType, etypes.ActionCreate, name, map[string]string{"driver": driver})
		}
		return v, nil
	}
	if err := checkVolumeName(name); err != nil {
		return nil, err
	}
	v := &volume{
		name: name, driver: driver, options: options, labels: labels, created: e.now(), anonymous: anonymous,
		users: map[string]bool{}, files: newFileTree(),
	}
	e.volumes[name] = v
	e.publish(etypes.VolumeEventType, etypes.ActionCreate, name, map[string]string{"driver": driver})
	return v, nil
}

func checkVolumeName(name string) error {
	if len(name) == 1 {
		return invalid("create %s: volume name is too short, names should be at least two alphanumeric characters", name)
	}
	if !regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_.-]+$`).MatchString(name) {
		return invalid("create %s: %q includes invalid characters for a local volume name, only %q are allowed. If you intended to pass a host directory, use absolute path", name, name, "[a-zA-Z0-9][a-zA-Z0-9_.-]")
	}
	return nil
}

func (e *Engine) volumeCreate(r *request) (*reply, error) {
	var body vtypes.CreateOptions
	if err := e.decode(r, &body); err != nil {
		return nil, err
	}
	v, err := e.makeVolume(body.Name, body.Driver, body.DriverOpts, body.Labels)
	if err != nil {
		return nil, err
	}
	return answer(http.StatusCreated, v.describe())
}

func (v *volume) mountpoint() string { return "/var/lib/docker/volumes/" + v.name + "/_data" }

func (v *volume) describe() vtypes.Volume {
	return vtypes.Volume{
		CreatedAt: v.created.Format(time.RFC3339), Driver: v.driver, Labels: v.labels, Mountpoint: v.mountpoint(),
		Name: v.name, Options: v.options, Scope: "local",
	}
}

func (e *Engine) findVolume(name string) (*volume, error) {
	v, ok := e.volumes[name]
	if !ok {
		return nil, notFound("get %s: no such volume", name)
	}
	return v, nil
}

func (e *Engine) volumeInspect(r *request) (*reply, error) {
	v, err := e.findVolume(r.vars["name"])
	if err != nil {
		return nil, err
	}
	return answer(http.StatusOK, v.describe())
}

func (e *Engine) volumeList(r *request) (*reply, error) {
	filter, err := filters.FromJSON(r.query.Get("filters"))
	if err != nil {
		return nil, invalid("error reading volume filters: %v", err)
	}
	if err := e.checkFilters(filter, map[string]bool{"dangling": true, "name": true, "driver": true, "label": true}); err != nil {
		return nil, err
	}
	list := vtypes.ListResponse{Volumes: []*vtypes.Volume{}}
	for _, name := range slices.Sorted(maps.Keys(e.volumes)) {
		v := e.volumes[name]
		dangling := "false"
		if len(v.users) == 0 {
			dangling = "true"
		}
		if filter.Match("name", name) && filter.ExactMatch("driver", v.driver) &&
			filter.MatchKVList("label", v.labels) && filter.ExactMatch("dangling", dangling) {
			described := v.describe()
			list.Volumes = append(list.Volumes, &described)
		}
	}
	return answer(http.StatusOK, list)
}

func (e *Engine) volumeDelete(r *request) (*reply, error) {
	name := r.vars["name"]
	v, err := e.findVolume(name)
	if err != nil {
		if r.flag("force") {
			return done()
		}
		return nil, err
	}
	if len(v.users) > 0 {
		return nil, conflict("remove %s: volume is in use - [%s]", name, strings.Join(slices.Sorted(maps.Keys(v.users)), ", "))
	}
	e.dropVolume(v)
	return done()
}

func (e *Engine) dropVolume(v *volume) {
	delete(e.volumes, v.name)
	e.publish(etypes.VolumeEventType, etypes.ActionDestroy, v.name, map[string]string{"driver": v.driver})
}
