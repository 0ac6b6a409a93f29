package kernels

import "testing"

// A burst of concurrent calls leaves no more buffers behind than a steady state needs.
func TestBuffersAreBounded(t *testing.T) {
	setWorkers(t, 2)
	var l bufferList
	burst := make([]*buffer, 10*maxBuffers)
	for i := range burst {
		burst[i] = l.get(1000)
	}
	for _, b := range burst {
		l.put(b)
	}
	if got := len(l.items); got != maxBuffers {
		t.Errorf("got %d buffers kept, want %d", got, maxBuffers)
	}
	var one bufferList
	kept := one.get(1000)
	one.put(kept)
	if one.get(10) != kept {
		t.Error("a buffer given back isn't reused")
	}
}
