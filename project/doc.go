// Package project turns Compose files into one immutable model.
//
// Start with [Load], which finds, reads, merges, interpolates, validates and
// checks files and returns a [Project] with its [Diagnostics], or
// [LoadWithSources] to show the diagnostics with the lines they are about.
// Then walk the model by [Project.Services] and [Project.Edges], narrow it by
// [Project.Select], and name things by [Service.ContainerNameFor],
// [Service.ContainerLabels] and [Service.ConfigHash]. Everything is returned in
// a stable order, so that two runs over the same files see the same sequence.
//
// compose-go does the loading. This package adds what it lacks: the place of
// everything in the files, all findings at once, suggestions, limits on what
// a file may cost, and a quick way through compose-go's own steps for most
// files (see quickModel), which the tests hold against compose-go's.
//
// The package never talks to an engine, never prints, and never changes a
// Project after it was made: [Project.Select] and the With methods return
// copies that share what did not change. What users may hold secret in their
// files is kept out of messages and excerpts.
package project
