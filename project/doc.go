// Package project turns Compose files into one immutable model.
//
// Start with [Load], which reads files, merges, interpolates and validates
// them and returns a [Project] with its [Diagnostics]; then walk the model by
// [Project.Services] and [Project.Edges]. Everything is returned in a stable
// order, so that two runs over the same files see the same sequence.
//
// The package never talks to an engine, never prints, and never changes a
// Project after it was made: [Project.Select] and the With methods return
// copies that share what did not change.
package project
