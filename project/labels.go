package project

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
