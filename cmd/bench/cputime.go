package bench

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// cpuSeconds is what a process has computed so far, on all cores; 0 where the system has no /proc. It tells two servers apart on a machine that others use too, where
// the time on the clock doesn't.
func cpuSeconds(pid int) float64 {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(raw), ") ") // the name may hold anything
	fields := strings.Fields(rest)
	const user, system, ticks = 11, 12, 100
	if len(fields) <= system {
		return 0
	}
	u, _ := strconv.ParseFloat(fields[user], 64)
	s, _ := strconv.ParseFloat(fields[system], 64)
	return (u + s) / ticks
}
