// Package spec translates between the Compose model and the engine's API:
// a service to create requests, an inspected container back to Compose fields.
//
// Start with [Container], [Network] and [Volume] for what to send, and with
// [Desired], [Observed] and [Diff] for what differs. The package is pure: it
// talks to no engine and reads no file (see [Files] for who does).
package spec
