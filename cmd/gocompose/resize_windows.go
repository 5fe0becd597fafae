package main

import "time"

// sizePolling is how often the size is looked at: Windows tells of no change.
const sizePolling = 250 * time.Millisecond

// watchSize calls changed when the terminal's size has changed.
func watchSize(stream any, changed func()) (stop func()) {
	size := terminalSize(stream)
	ticker := time.NewTicker(sizePolling)
	ended := make(chan struct{})
	go func() {
		width, height := size()
		for {
			select {
			case <-ticker.C:
				if w, h := size(); w != width || h != height {
					width, height = w, h
					changed()
				}
			case <-ended:
				return
			}
		}
	}()
	return func() {
		ticker.Stop()
		close(ended)
	}
}
