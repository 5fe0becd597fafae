// Package stream reads the output of containers as the engine sends it.
//
// [Scan] takes a log or attach stream apart into lines. The package opens no
// connection and prints nothing.
package stream
