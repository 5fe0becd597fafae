// Package build makes images from the build sections of services (Compose Build
// Specification): by the BuildKit of the engine or, where it has none, by its
// classic builder. [Define] makes a section definite, and the builders carry it
// out. Nothing here decides what is built, or in which order.
package build
