package engine

import (
	"errors"
	"regexp"
	"sync"
)

// brokenTransfer finds, in what an engine says, that a transfer from or to a
// registry broke: the connection, its time, or the registry's own failure.
var brokenTransfer = sync.OnceValue(func() *regexp.Regexp { //nolint:gochecknoglobals // a constant that takes time to make
	return regexp.MustCompile(`\bEOF\b|connection reset|broken pipe|connection timed out|i/o timeout|handshake timeout` +
		`|awaiting headers|while reading body|while waiting for connection|deadline exceeded|short read|stream error` +
		`|http2: (?:server|client)|unexpected (?:HTTP )?status[^"]*: 5\d\d\b|\b50[0234] (?:Internal|Not|Bad|Service|Gateway)` +
		`|blob upload unknown|unknown: unknown error`)
})

// ClassifyTransfer explains an error of a pull or push. One of the kind
// [TransferBroken] may be gone when it is tried again. What a registry refuses,
// does not have or has wrong stays so, and where the connection to the engine
// breaks that is nothing of the registry's.
func ClassifyTransfer(err error) error {
	var e *Error
	if !errors.As(Classify(err), &e) {
		return err
	}
	switch e.Kind {
	case Other, NotFound, RegistryDown:
		if brokenTransfer().MatchString(e.Err.Error()) {
			return &Error{Kind: TransferBroken, Name: e.Name, Err: e.Err}
		}
	default:
	}
	return Classify(err)
}
