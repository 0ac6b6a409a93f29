package rl_test

import (
	"errors"
	"hash/fnv"
	"image"
	"testing"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env"
)

// TestRender holds that every environment shows itself, in a picture that follows its state and that every machine draws the same.
func TestRender(t *testing.T) {
	pinned := map[string]uint64{
		"CartPole-v0":              0x579feca782723d48,
		"CartPole-v1":              0x579feca782723d48,
		"MountainCar-v0":           0x581e9fc039f70742,
		"MountainCarContinuous-v0": 0xfa37baef5b008909,
		"Acrobot-v1":               0x2011750adbcb8b03,
		"Pendulum-v1":              0xe430db2bd4969de8,
		"SortingCell-v0":           0xc40c9f21c9e93132,
		"SortingCellCamera-v0":     0xc40c9f21c9e93132,
	}
	for _, s := range rl.Specs() {
		e, err := rl.Make(s.ID)
		if err != nil {
			t.Fatal(err)
		}
		r, ok := env.As[env.Renderer](e)
		if !ok {
			t.Errorf("%s doesn't render", s.ID)
			continue
		}
		if _, err := r.Render(); !errors.Is(err, env.ErrResetNeeded) {
			t.Errorf("%s: before the first reset: got %v, want %v", s.ID, err, env.ErrResetNeeded)
		}
		x, a := make([]float32, e.ObservationSpace().Size()), make([]float32, e.ActionSpace().Size())
		if _, err := e.Reset(x, 1, nil); err != nil {
			t.Fatal(err)
		}
		first := digest(t, r)
		for range 8 {
			if _, err := e.Step(x, a); err != nil {
				t.Fatal(err)
			}
		}
		last := digest(t, r)
		if first == last {
			t.Errorf("%s: the picture stays the same over 8 steps", s.ID)
		}
		if got := first ^ last<<1; got != pinned[s.ID] {
			t.Errorf("%s: the pictures digest to %#x, want %#x", s.ID, got, pinned[s.ID])
		}
	}
}

func digest(t *testing.T, r env.Renderer) uint64 {
	t.Helper()
	m, err := r.Render()
	if err != nil {
		t.Fatal(err)
	}
	if m.Rect.Min != (image.Point{}) || m.Rect.Dx() < 400 || m.Rect.Dy() < 400 {
		t.Fatalf("got a picture of %v", m.Rect)
	}
	h := fnv.New64a()
	_, _ = h.Write(m.Pix)
	return h.Sum64()
}
