package spec

import (
	"cmp"
	"path"
	"strconv"
	"strings"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"
)

// volumes reads what is mounted. The engine has two forms for it, and docker
// compose's versions differ in which they use; here both read the same.
// Whether a missing path of the host would be created is left out: for a
// container that exists, it was there.
func (f flat) volumes(h *container.HostConfig) {
	for _, bind := range h.Binds {
		f.mount(bindMount(bind))
	}
	for _, m := range h.Mounts {
		f.mount(m)
	}
	for target, options := range h.Tmpfs {
		f.fields["tmpfs."+target] = cmp.Or(options, empty)
	}
}

// bindMount reads SOURCE:TARGET[:OPTIONS]. A source that is no path names a
// volume.
func bindMount(bind string) mount.Mount {
	source, rest := cutPath(bind)
	target, options := cutPath(rest)
	m := mount.Mount{Type: mount.TypeVolume, Source: source, Target: target}
	if path.IsAbs(source) || drive(source) != "" {
		m.Type = mount.TypeBind
	}
	for option := range strings.SplitSeq(options, ",") {
		switch option {
		case "", "rw":
		case "ro":
			m.ReadOnly = true
		case "nocopy":
			m.VolumeOptions = &mount.VolumeOptions{NoCopy: true}
		case "z", "Z":
			m.Consistency = mount.Consistency(option) // the mount form has no labels
		default:
			m.BindOptions = &mount.BindOptions{Propagation: mount.Propagation(option)}
		}
	}
	return m
}

// cutPath cuts at the first colon that is not a drive's.
func cutPath(text string) (first, rest string) {
	letter := drive(text)
	first, rest, _ = strings.Cut(text[len(letter):], ":")
	return letter + first, rest
}

// drive finds the C: of a Windows path.
func drive(text string) string {
	if len(text) > 2 && text[1] == ':' && (text[2] == '\\' || text[2] == '/') {
		return text[:2]
	}
	return ""
}

func (f flat) mount(m mount.Mount) {
	words := []string{string(m.Type)}
	source := m.Source
	if m.Type == mount.TypeVolume {
		source = f.volumeKey(source)
	}
	if source != "" {
		words = append(words, source)
	}
	if m.ReadOnly {
		words = append(words, "ro")
	}
	if m.Consistency == "z" || m.Consistency == "Z" {
		words = append(words, string(m.Consistency))
	}
	words = appendBind(words, m.BindOptions)
	words = appendVolume(words, m.VolumeOptions)
	if o := m.TmpfsOptions; o != nil {
		words = appendOption(words, "size", o.SizeBytes != 0, decimal(o.SizeBytes))
		words = appendOption(words, "mode", o.Mode != 0, strconv.FormatUint(uint64(o.Mode), 8))
	}
	if o := m.ImageOptions; o != nil {
		words = appendOption(words, "subpath", o.Subpath != "", o.Subpath)
	}
	f.fields[f.mountPath(m)] = strings.Join(words, " ")
}

// labelAnonymous is what newer engines add to the labels of volumes that they
// name.
const labelAnonymous = "com.docker.volume.anonymous"

// writableRecursion is how binds are read-only below API 1.44, too: there is
// nothing to ask for, and engines do not report it.
const writableRecursion = " recursive=writable"

func appendBind(words []string, o *mount.BindOptions) []string {
	if o == nil {
		return words
	}
	if o.Propagation != "" && o.Propagation != mount.PropagationRPrivate {
		words = append(words, string(o.Propagation))
	}
	words = appendOption(words, "recursive", o.NonRecursive, "disabled")
	words = appendOption(words, "recursive", o.ReadOnlyNonRecursive, "writable")
	return appendOption(words, "recursive", o.ReadOnlyForceRecursive, "readonly")
}

func appendVolume(words []string, o *mount.VolumeOptions) []string {
	if o == nil {
		return words
	}
	if o.NoCopy {
		words = append(words, "nocopy")
	}
	words = appendOption(words, "subpath", o.Subpath != "", o.Subpath)
	for _, key := range sortedKeys(o.Labels) {
		if key == labelAnonymous {
			continue
		}
		words = append(words, "label:"+key+"="+o.Labels[key])
	}
	return words
}

func appendOption(words []string, name string, set bool, value string) []string {
	if set {
		words = append(words, name+"="+value)
	}
	return words
}

// mountPath is secrets.TARGET or configs.TARGET for the files of those, and
// volumes.TARGET for everything else.
func (f flat) mountPath(m mount.Mount) string {
	if m.Type == mount.TypeBind && m.ReadOnly {
		for _, ref := range fileRefs(f.service) {
			if ref.target() == m.Target {
				return ref.path()
			}
		}
	}
	return "volumes." + m.Target
}

// volumeKey is the project's key of a volume, those of the service first, or
// its name on the engine. A volume with a generated name has neither.
func (f flat) volumeKey(name string) string {
	if name == "" || isAnonymous(name) {
		return ""
	}
	for _, v := range f.service.Volumes {
		if config, ok := f.project.Volume(v.Source); ok && config.Name == name {
			return v.Source
		}
	}
	for key, config := range f.project.Volumes() {
		if config.Name == name {
			return key
		}
	}
	return name
}

// isAnonymous recognises a generated volume name: 64 hexadecimal digits.
func isAnonymous(name string) bool {
	return len(name) == 64 && strings.Trim(name, "0123456789abcdef") == ""
}

// files lists the configs and secrets that are copied into the container, by
// where they come from. Their contents are never part of the fields.
func (f flat) files() {
	for _, ref := range fileRefs(f.service) {
		object, err := ref.object(f.project)
		if err != nil || object.File != "" {
			continue
		}
		words := []string{"content"}
		if object.Environment != "" {
			words = []string{"environment", object.Environment}
		}
		words = appendOption(words, "uid", ref.UID != "", ref.UID)
		words = appendOption(words, "gid", ref.GID != "", ref.GID)
		if ref.Mode != nil {
			words = append(words, "mode="+strconv.FormatInt(int64(*ref.Mode), 8))
		}
		f.fields[ref.path()] = strings.Join(words, " ")
	}
}
