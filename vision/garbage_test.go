//go:build !race

// The race detector drops what pools keep, so it allocates where a program doesn't.

package vision_test

import "testing"

// TestNoGarbage: Encode allocates nothing once its buffers have grown.
func TestNoGarbage(t *testing.T) {
	m, g := load(t)
	s := m.Snapshot()
	y := make([]float32, 2*s.Tokens()*s.Width())
	if got := testing.AllocsPerRun(20, func() {
		if s.Encode(y, g.Pixels, 2) != nil {
			t.Error("failed")
		}
	}); got != 0 {
		t.Errorf("got %g allocations, want 0", got)
	}
}

func BenchmarkEncode(b *testing.B) {
	m, g := load(b)
	s := m.Snapshot()
	y := make([]float32, 2*s.Tokens()*s.Width())
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Encode(y, g.Pixels, 2); err != nil {
			b.Fatal(err)
		}
	}
}
