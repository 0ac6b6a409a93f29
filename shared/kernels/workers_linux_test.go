package kernels

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

// A caller that waits long for a worker leaves the core to others.
func TestLongWaitSleeps(t *testing.T) {
	setWorkers(t, 2)
	const wait = 200 * time.Millisecond
	started := make(chan struct{})
	c := counting{then: func(int) {
		if strings.Contains(stack(), ".serve(") {
			close(started)
			time.Sleep(wait)
			return
		}
		<-started
	}}
	before := processorTime(t)
	Parallel(2, &c)
	if used := processorTime(t) - before; used > wait/2 {
		t.Errorf("waiting for %v took %v of processor time", wait, used)
	}
}

func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		t.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
