package spec

import (
	"maps"
	"strconv"

	"github.com/gocompose/gocompose/project"
)

// labels are those of the service and, over them, those that docker compose
// and gocompose find containers by.
func (b builder) labels() map[string]string {
	s := b.service
	labels := make(map[string]string, len(s.Labels)+len(s.CustomLabels)+14)
	maps.Copy(labels, s.Labels)
	maps.Copy(labels, s.ContainerLabels(b.in.Number, b.in.OneOff != nil))
	if b.in.OneOff != nil {
		labels[project.LabelSlug] = b.in.OneOff.Slug
	}
	if b.in.ImageID != "" {
		labels[project.LabelImage] = b.in.ImageID
	}
	if b.in.Replaces != "" {
		labels[project.LabelReplace] = b.in.Replaces
	}
	labels[project.LabelConfigHash] = b.in.Hash
	return labels
}

// ReplacedName is the value of the replace label of a container that takes
// the place of the service's container of that number.
func ReplacedName(p *project.Project, s project.Service, number int) string {
	if s.ContainerName != "" {
		return s.ContainerName
	}
	return s.Name + p.Separator() + strconv.Itoa(number)
}
