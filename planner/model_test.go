package planner_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/gocompose/gocompose/internal/spec"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

// fataler is what a test and a property check have in common.
type fataler interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

// model is a host in memory: what an engine would make of a plan's steps. It
// refuses what an engine refuses, so that a plan in a wrong order fails.
type model struct {
	state planner.State
	made  map[planner.StepID]string // container ID by the step that made it
	ids   int
	epoch time.Time
}

func newModel() *model {
	return &model{
		state: planner.State{
			Features: spec.FeaturesOf("1.51"),
			Images:   map[string]planner.Image{},
		},
		epoch: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
	}
}

// id is deterministic, and looks like an engine's.
func (m *model) id(what string) string {
	m.ids++
	sum := sha256.Sum256([]byte(fmt.Sprint(what, m.ids)))
	return hex.EncodeToString(sum[:])
}

// have puts the images of the project on the host, all but the named.
func (m *model) have(p *project.Project, except ...string) {
	for s := range p.Services() {
		if !slices.Contains(except, s.ImageRef()) {
			m.setImage(planner.ImageKey(s.ImageRef(), s.Platform), s.ImageRef())
		}
	}
}

func (m *model) setImage(key, content string) {
	m.state.Images[key] = planner.Image{ID: contentID(content)}
}

func contentID(content string) string {
	sum := sha256.Sum256([]byte(content))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// snapshot is the state as an observer would return it: sorted, and not
// shared with the model.
func (m *model) snapshot() planner.State {
	s := m.state
	s.Now = m.epoch.Add(time.Hour)
	s.Containers = slices.Clone(s.Containers)
	slices.SortFunc(s.Containers, func(a, b planner.Container) int { return compareStrings(a.Name, b.Name) })
	for i := range s.Containers {
		c := &s.Containers[i]
		c.Networks = slices.Clone(c.Networks)
		slices.SortFunc(c.Networks, func(a, b planner.Attachment) int { return compareStrings(a.Network, b.Network) })
	}
	s.Networks = slices.Clone(s.Networks)
	slices.SortFunc(s.Networks, func(a, b planner.Network) int { return compareStrings(a.Name, b.Name) })
	for i, n := range s.Networks {
		s.Networks[i].Endpoints = m.endpoints(n)
	}
	s.Volumes = slices.Clone(s.Volumes)
	slices.SortFunc(s.Volumes, func(a, b planner.Volume) int { return compareStrings(a.Name, b.Name) })
	s.Images = maps.Clone(s.Images)
	return s
}

func compareStrings(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}

func (m *model) endpoints(n planner.Network) []string {
	var names []string
	for _, c := range m.state.Containers {
		for _, a := range c.Networks {
			if a.ID == n.ID {
				names = append(names, c.Name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// apply runs the whole plan in plan order.
func (m *model) apply(t fataler, p *project.Project, plan *planner.Plan) {
	t.Helper()
	m.applyFirst(t, p, plan, len(plan.Steps))
}

// applyFirst runs the first n steps only, as an interrupted run would.
func (m *model) applyFirst(t fataler, p *project.Project, plan *planner.Plan, n int) {
	t.Helper()
	m.made = map[planner.StepID]string{}
	done := map[planner.StepID]bool{}
	for _, step := range plan.Steps[:n] {
		for _, before := range step.After {
			if !done[before] {
				t.Fatalf("%s stands before %s, which it waits for", step.ID, before)
			}
		}
		if err := m.do(p, step); err != nil {
			t.Fatalf("%s: %v", step.ID, err)
		}
		done[step.ID] = true
	}
}

func (m *model) do(p *project.Project, step planner.Step) error {
	switch op := step.Op.(type) {
	case planner.PullImage:
		m.setImage(planner.ImageKey(op.Image, op.Platform), op.Image)
	case planner.BuildImage:
		service, _ := p.AnyService(op.Service)
		m.setImage(planner.ImageKey(op.Image, service.Platform), op.Image)
	case planner.PushImage:
	case planner.RemoveImage:
		if op.ID == "" {
			delete(m.state.Images, op.Image)
		}
	case planner.CreateNetwork:
		return m.createNetwork(p, op)
	case planner.RemoveNetwork:
		return m.removeNetwork(op)
	case planner.CreateVolume:
		return m.createVolume(p, op)
	case planner.RemoveVolume:
		return m.removeVolume(op)
	case planner.CreateContainer:
		return m.createContainer(p, step.ID, op)
	case planner.CopyFiles, planner.RunHook, planner.Await, planner.CallProvider, planner.PrepareModel:
		return nil
	case planner.ConnectNetwork:
		return m.connect(p, op)
	case planner.DisconnectNetwork:
		return m.with(op.Container, func(c *planner.Container) error {
			c.Networks = slices.DeleteFunc(c.Networks, func(a planner.Attachment) bool { return a.ID == op.NetworkID })
			return nil
		})
	default:
		return m.doContainer(op)
	}
	return nil
}

func (m *model) doContainer(op planner.Op) error {
	phase := func(h planner.Handle, to planner.Phase, from ...planner.Phase) error {
		return m.with(h, func(c *planner.Container) error {
			if !slices.Contains(from, c.Phase) {
				return fmt.Errorf("%s is %s", c.Name, c.Phase)
			}
			c.Phase = to
			return nil
		})
	}
	alive := []planner.Phase{planner.Running, planner.PausedNow, planner.Restarting}
	switch op := op.(type) {
	case planner.StartContainer:
		return phase(op.Container, planner.Running, planner.Created, planner.Exited)
	case planner.StopContainer:
		return phase(op.Container, planner.Exited, alive...)
	case planner.KillContainer:
		return phase(op.Container, planner.Exited, alive...)
	case planner.RestartContainer:
		return phase(op.Container, planner.Running, append(alive, planner.Created, planner.Exited)...)
	case planner.PauseContainer:
		return phase(op.Container, planner.PausedNow, planner.Running)
	case planner.UnpauseContainer:
		return phase(op.Container, planner.Running, planner.PausedNow)
	case planner.RemoveContainer:
		i := m.index(op.Container)
		if i < 0 {
			return fmt.Errorf("no container %v", op.Container)
		}
		m.state.Containers = slices.Delete(m.state.Containers, i, i+1)
		return nil
	case planner.RenameContainer:
		if m.named(op.To) {
			return fmt.Errorf("the name %s is taken", op.To)
		}
		return m.with(op.Container, func(c *planner.Container) error {
			c.Name = op.To
			return nil
		})
	default:
		return fmt.Errorf("unknown operation %T", op)
	}
}

func (m *model) named(name string) bool {
	return slices.ContainsFunc(m.state.Containers, func(c planner.Container) bool { return c.Name == name })
}

func (m *model) resolve(h planner.Handle) string {
	if h.Step != "" {
		return m.made[h.Step]
	}
	return h.ID
}

func (m *model) index(h planner.Handle) int {
	id := m.resolve(h)
	return slices.IndexFunc(m.state.Containers, func(c planner.Container) bool { return c.ID == id })
}

func (m *model) with(h planner.Handle, f func(*planner.Container) error) error {
	i := m.index(h)
	if i < 0 {
		return fmt.Errorf("no container %v", h)
	}
	return f(&m.state.Containers[i])
}

func (m *model) network(name string) (planner.Network, error) {
	for _, n := range m.state.Networks {
		if n.Name == name {
			return n, nil
		}
	}
	return planner.Network{}, fmt.Errorf("no network %s", name)
}

func (m *model) createNetwork(p *project.Project, op planner.CreateNetwork) error {
	if _, err := m.network(op.Name); err == nil {
		return fmt.Errorf("network %s exists", op.Name)
	}
	config, _ := p.Network(op.Network)
	hash, err := project.NetworkHash(config)
	if err != nil {
		return err
	}
	m.state.Networks = append(m.state.Networks, planner.Network{
		ID: m.id("network"), Name: op.Name, Key: op.Network, Project: p.Name(), Hash: hash,
	})
	return nil
}

func (m *model) removeNetwork(op planner.RemoveNetwork) error {
	for i, n := range m.state.Networks {
		if n.ID != op.ID {
			continue
		}
		for _, c := range m.state.Containers {
			on := slices.ContainsFunc(c.Networks, func(a planner.Attachment) bool { return a.ID == n.ID })
			if on && c.Running() {
				return fmt.Errorf("%s is on it", c.Name)
			}
		}
		m.state.Networks = slices.Delete(m.state.Networks, i, i+1)
		return nil
	}
	return fmt.Errorf("no network %s", op.ID)
}

func (m *model) createVolume(p *project.Project, op planner.CreateVolume) error {
	config, _ := p.Volume(op.Volume)
	hash, err := project.VolumeHash(config)
	if err != nil {
		return err
	}
	m.state.Volumes = append(m.state.Volumes, planner.Volume{Name: op.Name, Key: op.Volume, Project: p.Name(), Hash: hash})
	return nil
}

func (m *model) removeVolume(op planner.RemoveVolume) error {
	for _, c := range m.state.Containers {
		if slices.ContainsFunc(c.Mounts, func(mount planner.Mount) bool { return mount.Name == op.Name }) {
			return fmt.Errorf("%s uses volume %s", c.Name, op.Name)
		}
	}
	m.state.Volumes = slices.DeleteFunc(m.state.Volumes, func(v planner.Volume) bool { return v.Name == op.Name })
	return nil
}

func (m *model) createContainer(p *project.Project, step planner.StepID, op planner.CreateContainer) error {
	if m.named(op.Name) {
		return fmt.Errorf("the name %s is taken", op.Name)
	}
	s, ok := p.Service(op.Service)
	if !ok {
		return fmt.Errorf("no service %s", op.Service)
	}
	image, ok := m.state.Images[planner.ImageKey(s.ImageRef(), s.Platform)]
	if !ok {
		return fmt.Errorf("no image %s", s.ImageRef())
	}
	refs := project.Refs{}
	for parent, h := range op.Parents {
		if m.index(h) < 0 {
			return fmt.Errorf("no container for %s", parent)
		}
		refs[parent] = m.resolve(h)
	}
	hash, err := s.ConfigHash(refs)
	if err != nil {
		return err
	}
	fields, err := spec.Desired(p, s)
	if err != nil {
		return err
	}
	c := planner.Container{
		ID: m.id(op.Name), Name: op.Name, Service: s.Name, Number: op.Number,
		Phase: planner.Created, Created: m.epoch.Add(time.Duration(m.ids) * time.Second),
		Hash: hash, ImageID: image.ID, ImageLabel: image.ID, ImageRef: s.ImageRef(),
		Digests: spec.Digests(fields), Fields: maps.Clone(fields),
	}
	if c.Networks, err = m.attachments(p, s); err != nil {
		return err
	}
	if c.Mounts, err = m.mounts(p, s, op); err != nil {
		return err
	}
	m.state.Containers = append(m.state.Containers, c)
	m.made[step] = c.ID
	return nil
}

func (m *model) attachments(p *project.Project, s project.Service) ([]planner.Attachment, error) {
	var on []planner.Attachment
	extra := spec.ExtraNetworks(s, m.state.Features)
	for key := range s.Networks {
		if slices.Contains(extra, key) {
			continue
		}
		config, _ := p.Network(key)
		n, err := m.network(config.Name)
		if err != nil {
			return nil, err
		}
		on = append(on, planner.Attachment{Network: n.Name, ID: n.ID})
	}
	return on, nil
}

func (m *model) connect(p *project.Project, op planner.ConnectNetwork) error {
	config, _ := p.Network(op.Network)
	n, err := m.network(config.Name)
	if err != nil {
		return err
	}
	return m.with(op.Container, func(c *planner.Container) error {
		c.Networks = append(c.Networks, planner.Attachment{Network: n.Name, ID: n.ID})
		return nil
	})
}

func (m *model) mounts(p *project.Project, s project.Service, op planner.CreateContainer) ([]planner.Mount, error) {
	var mounts []planner.Mount
	for parent, h := range op.Parents {
		if slices.Contains(s.VolumesFrom, parent) {
			mounts = append(mounts, m.state.Containers[m.index(h)].Mounts...)
		}
	}
	for _, v := range s.Volumes {
		if v.Type != types.VolumeTypeVolume {
			continue
		}
		name := op.Inherit[v.Target]
		switch config, named := p.Volume(v.Source); {
		case named:
			name = config.Name
			if !slices.ContainsFunc(m.state.Volumes, func(v planner.Volume) bool { return v.Name == name }) {
				return nil, fmt.Errorf("no volume %s", name)
			}
		case name == "":
			name = m.id("anonymous")
		}
		mounts = append(mounts, planner.Mount{Type: v.Type, Name: name, Destination: v.Target})
	}
	return mounts, nil
}
