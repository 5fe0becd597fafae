package project

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Labels that docker compose puts on what it makes. gocompose reads and
// writes the same ones, so that each tool takes over the other's projects.
const (
	LabelProject         = "com.docker.compose.project"
	LabelService         = "com.docker.compose.service"
	LabelNumber          = "com.docker.compose.container-number"
	LabelOneOff          = "com.docker.compose.oneoff" // "True" or "False"
	LabelSlug            = "com.docker.compose.slug"
	LabelConfigHash      = "com.docker.compose.config-hash"
	LabelImage           = "com.docker.compose.image"
	LabelDependsOn       = "com.docker.compose.depends_on"
	LabelWorkingDir      = "com.docker.compose.project.working_dir"
	LabelConfigFiles     = "com.docker.compose.project.config_files"
	LabelEnvironmentFile = "com.docker.compose.project.environment_file"
	LabelReplace         = "com.docker.compose.replace"
	LabelNetwork         = "com.docker.compose.network"
	LabelVolume          = "com.docker.compose.volume"
	LabelVersion         = "com.docker.compose.version"
)

// LabelFields is gocompose's own label on containers: one short digest per
// configuration field, so that a later run can name what changed.
const LabelFields = "gocompose.fields"

// ContainerLabels are the labels of docker compose that say whose the
// container is. The caller adds those that depend on more than the files: the
// config hash, the image and what it replaces. A one-off container has no
// number; give 0.
func (s Service) ContainerLabels(number int, oneOff bool) map[string]string {
	p := s.project
	labels := map[string]string{
		LabelProject:     p.Name(),
		LabelService:     s.Name,
		LabelOneOff:      "False",
		LabelVersion:     cmp.Or(p.version, DefaultVersion),
		LabelWorkingDir:  p.WorkingDir(),
		LabelConfigFiles: strings.Join(p.model.ComposeFiles, ","),
		LabelDependsOn:   s.dependsOnLabel(),
	}
	if oneOff {
		labels[LabelOneOff] = "True"
	}
	if number > 0 {
		labels[LabelNumber] = strconv.Itoa(number)
	}
	if len(p.envFiles) > 0 {
		labels[LabelEnvironmentFile] = strings.Join(p.envFiles, ",")
	}
	return labels
}

// dependsOnLabel lists SERVICE:CONDITION:RESTART, as docker compose does but in
// a stable order. Services that are not enabled are left out: docker compose,
// when it has no files, fails on one that has no container.
func (s Service) dependsOnLabel() string {
	entries := make([]string, 0, len(s.DependsOn))
	for _, name := range slices.Sorted(maps.Keys(s.DependsOn)) {
		if _, enabled := s.project.Service(name); !enabled {
			continue
		}
		dependency := s.DependsOn[name]
		entries = append(entries, fmt.Sprintf("%s:%s:%t", name, dependency.Condition, dependency.Restart))
	}
	return strings.Join(entries, ",")
}
