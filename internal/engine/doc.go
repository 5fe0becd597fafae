// Package engine connects to a Docker Engine and explains its errors.
//
// Start with [Connect], which finds the engine the way the docker command
// does, negotiates the API version once and says what that version can do
// ([Client.Features]). [Classify] turns an error of the engine into an [Error]
// with a [Kind] to branch on and a hint on what to do.
//
// Nothing connects before Connect is called. The package never changes
// anything on the engine.
package engine
