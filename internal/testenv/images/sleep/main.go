// Command sleeper is the smallest useful container: it waits and ends at once when asked to. The
// gocompose-test/sleep image holds it alone, so that benchmarks time the tool and not the container.
//
//	sleeper          wait for SIGTERM or SIGINT, then exit 0
//	sleeper ok       exit 0; a health probe that passes
package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "ok" {
		return
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	<-stop
}
