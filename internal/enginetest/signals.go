package enginetest

import (
	"strconv"
	"strings"
)

// parseSignal reads a signal as a number or a name, with or without SIG.
func (e *Engine) parseSignal(text string) (int, error) {
	names := map[string]int{
		"HUP": sigHangup, "INT": sigInterrupt, "QUIT": sigQuit, "ILL": 4, "TRAP": 5, "ABRT": 6, "BUS": 7, "FPE": 8,
		"KILL": sigKill, "USR1": 10, "SEGV": 11, "USR2": 12, "PIPE": 13, "ALRM": 14, "TERM": sigTerminate,
		"STKFLT": 16, "CHLD": 17, "CONT": 18, "STOP": 19, "TSTP": 20, "TTIN": 21, "TTOU": 22, "URG": 23, "XCPU": 24,
		"XFSZ": 25, "VTALRM": 26, "PROF": 27, "WINCH": 28, "IO": 29, "POLL": 29, "PWR": 30, "SYS": 31,
		"RTMIN": 34, "RTMIN+3": 37, "RTMAX": 64,
	}
	if n, err := strconv.Atoi(text); err == nil {
		if n > 0 && n <= 64 {
			return n, nil
		}
	} else if n, ok := names[strings.TrimPrefix(strings.ToUpper(text), "SIG")]; ok {
		return n, nil
	}
	return 0, invalid("%s: %s", e.wording("1.42", "invalid signal", "Invalid signal"), text)
}

// stopSignal is the signal that asks the container to stop.
func (e *Engine) stopSignal(c *container) int {
	if sig, err := e.parseSignal(c.config.StopSignal); err == nil {
		return sig
	}
	return sigTerminate
}

func decimal(n int) string { return strconv.Itoa(n) }
