// Package artifact writes and reads Compose applications as OCI artifacts, in
// the form that docker compose publishes them in. It turns bytes into bytes:
// package distribution carries them.
//
// What comes from a registry is not to be trusted. [Read] refuses whatever
// could put a file anywhere but beside the Compose file, or fill the disk.
package artifact

// Media and artifact types, from docker compose.
const (
	// ProjectType is the type of an artifact in the form of OCI 1.1.
	ProjectType = "application/vnd.docker.compose.project"
	// emptyConfigType stands for it in the form of OCI 1.0, as the type of
	// the configuration.
	emptyConfigType = "application/vnd.docker.compose.config.empty.v1+json"

	composeFileType = "application/vnd.docker.compose.file+yaml"
	envFileType     = "application/vnd.docker.compose.envfile"
)

// Annotations of layers, from docker compose.
const (
	annotationVersion = "com.docker.compose.version"
	annotationFile    = "com.docker.compose.file"
	annotationExtends = "com.docker.compose.extends"
	annotationEnvFile = "com.docker.compose.envfile"
)

// MainFile is what the files of an application are put together as.
const MainFile = "compose.yaml"

// Bounds on what is read, far above what applications have.
const (
	MaxManifest = 4 << 20  // bytes; registries take no larger ones
	maxLayer    = 16 << 20 // bytes; package project reads no larger files
	maxTotal    = 64 << 20 // bytes
	maxLayers   = 500
	maxName     = 128 // bytes
)

// Kind tells what a file of an application is.
type Kind int

// The kinds of files.
const (
	Compose  Kind = iota // one of the files, in the order in which they override each other
	Extended             // a file that services extend from
	Env                  // a file of variables
)

// File is a file of an application to publish.
type File struct {
	Kind    Kind
	Name    string // without directories
	Content []byte
}
