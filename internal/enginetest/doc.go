// Package enginetest is a Docker Engine in memory, for tests.
//
// It speaks the Engine API over HTTP to an unchanged client, so tests exercise
// the same client code, version negotiation, stream framing and connection
// hijacking as production does. Start with [New]; hand [Engine.Client] to the
// code under test, or [Engine.Serve] a unix socket to a whole program. Script
// what containers do with [Image] and [Behaviour], or from a compose file with
// the labels listed at [Behaviour]. Afterwards look at [Engine.Journal] (what
// was asked), [Engine.Snapshot] (what is left) and break things with
// [Engine.Fault].
//
// # What it is honest about
//
// Status codes, error texts, event sequences, the container state machine,
// restart policies, name and port conflicts, endpoints, aliases and addresses,
// reference counts of volumes and networks, log and attach framing, hijacking
// with half-close, the range of API versions and the fields each version knows.
// Scripts in testdata/conformance were played to Engine 20.10, 26.1 and 28.5; a
// test holds this package to what they answered. Where the releases between
// changed something is taken from their source code.
//
// # What it is not honest about
//
//   - No program runs. A small set of shell commands is understood (see
//     [Behaviour]); any other command runs until it is stopped. Every process is
//     taken to have a handler for its stop signal, which real programs running
//     as process 1 often lack.
//   - Standard input is kept by nobody but cat; detach keys are not looked for.
//   - A container's root holds only the usual directories, what the image lists
//     in [Image.Files] and what was copied in. Bind mount sources are taken to
//     exist; the host is never touched.
//   - One healthcheck result is recorded for each scripted change; there are no
//     probes in between.
//   - Resource limits, capabilities, devices and security options are stored
//     and reported, not enforced.
//   - An image that is committed has the text files of its container, and of the
//     changes only CMD and LABEL.
//   - Swarm, plugins, build, save and load, streams of stats, prune and checkpoints are not
//     there: these answer 501.
//
// # Time
//
// Delays use package time, so an engine made inside a testing/synctest bubble
// runs on the bubble's clock. Timestamps handed out never repeat and never go
// back. [Engine.Close] ends every goroutine and timer of the engine.
package enginetest
