package sortingcell

import (
	"errors"
	"hash/fnv"
	"math"
	"testing"

	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/envtest"
	"github.com/fmkit/fmkit/rl/env/nprandom"
)

func newCell(t testing.TB, c Config) *SortingCell {
	t.Helper()
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestContract(t *testing.T) {
	envtest.Run(t, func() (env.Env, error) { return New(Config{}) })
}

func TestContractOfCamera(t *testing.T) {
	envtest.Run(t, func() (env.Env, error) { return New(Config{Camera: true}) })
}

// TestRules plays single moments of the cell.
func TestRules(t *testing.T) {
	for what, c := range map[string]struct {
		before   cell
		action   int
		reward   float64
		done     bool
		arm      int
		busy     bool
		left     int
		mistakes int
	}{
		"back":                {cell{arm: 500, coming: 1}, back, 0, false, 450, false, 0, 0},
		"back at the stop":    {cell{arm: 400, coming: 1}, back, 0, false, 400, false, 0, 0},
		"forward at the stop": {cell{arm: 800, coming: 1}, forward, 0, false, 800, false, 0, 0},
		"busy":                {cell{arm: 500, busy: true, coming: 1}, forward, 0, false, 500, false, 0, 0},
		"into its bin":        {cell{arm: 600, belt: []part{{590, 1}}, coming: 1}, push, 1, false, 600, true, 0, 0},
		"the last one":        {cell{arm: 600, belt: []part{{590, 1}}}, push, 1, true, 600, true, 0, 0},
		"into another":        {cell{arm: 500, belt: []part{{490, 1}}, coming: 1}, push, -1, false, 500, true, 0, 1},
		"beside the bins":     {cell{arm: 450, belt: []part{{450, 0}}, coming: 1}, push, -1, false, 450, true, 0, 1},
		"out of reach":        {cell{arm: 500, belt: []part{{469, 0}}, coming: 1}, push, emptyPush, false, 500, true, 1, 0},
		"just in reach":       {cell{arm: 500, belt: []part{{470, 0}}, coming: 1}, push, 1, false, 500, true, 0, 0},
		"the nearer one":      {cell{arm: 500, belt: []part{{525, 1}, {490, 0}}, coming: 1}, push, 1, false, 500, true, 1, 0},
		"missed":              {cell{arm: 500, belt: []part{{980, 0}}, coming: 1}, wait, -1, false, 500, false, 0, 1},
		"the fifth mistake":   {cell{arm: 500, belt: []part{{980, 0}}, coming: 1, mistakes: 4}, wait, -1, true, 500, false, 0, 5},
	} {
		s := c.before
		s.speed, s.parts, s.gap = defaultSpeed, defaultParts, 10
		reward, done := s.step(c.action, nprandom.New(1))
		if reward != c.reward || done != c.done || s.arm != c.arm || s.busy != c.busy || len(s.belt) != c.left || s.mistakes != c.mistakes {
			t.Errorf("%s: got reward %v, done %v and %+v, want %+v", what, reward, done, s, c)
		}
	}
}

// play runs episodes and gives the mean return.
func play(t *testing.T, s *SortingCell, policy env.Policy, episodes int, o env.Options) float64 {
	t.Helper()
	x, a, sum := make([]float32, s.ObservationSpace().Size()), make([]float32, 1), 0.0
	for seed := range episodes {
		if _, err := s.Reset(x, int64(seed), o); err != nil {
			t.Fatal(err)
		}
		for done := false; !done; {
			policy(x, a)
			out, err := s.Step(x, a)
			if err != nil {
				t.Fatal(err)
			}
			sum, done = sum+out.Reward, out.Done()
		}
	}
	return sum / float64(episodes)
}

// TestScripted holds that the cell can be sorted, and not by chance.
func TestScripted(t *testing.T) {
	s := newCell(t, Config{})
	if got := play(t, s, Scripted, 100, nil); got < 19.5 {
		t.Errorf("the scripted policy has a mean return of %v, want 19.5", got)
	}
	if got := play(t, s, env.RandomPolicy(s.ActionSpace(), 1), 100, nil); got > 0 {
		t.Errorf("a random policy has a mean return of %v, want less than 0", got)
	}
	if got := play(t, s, func(_, a []float32) { a[0] = wait }, 3, nil); got != -maxMistakes {
		t.Errorf("waiting has a return of %v, want %v", got, -maxMistakes)
	}
	if got := play(t, s, Scripted, 20, env.Options{"speed": 10, "parts": 3}); got < 2.5 {
		t.Errorf("three parts on a slow belt: got %v", got)
	}
}

func TestOptions(t *testing.T) {
	s, x := newCell(t, Config{}), make([]float32, size)
	for _, o := range []env.Options{{"speed": 4}, {"speed": 41}, {"speed": 10.5}, {"speed": math.NaN()}, {"parts": 0}, {"parts": 1e9}, {"kinds": 2}} {
		if _, err := s.Reset(x, 1, o); !errors.Is(err, env.ErrOption) {
			t.Errorf("%v: got %v, want %v", o, err, env.ErrOption)
		}
	}
}

// TestCameraSeesEverything holds that a part of every kind, the arm and its push each change the picture.
func TestCameraSeesEverything(t *testing.T) {
	picture := func(c cell) uint64 {
		s := newCell(t, Config{Camera: true})
		s.cell = c
		x := make([]float32, s.ObservationSpace().Size())
		s.observe(x)
		if !s.ObservationSpace().Contains(x) {
			t.Fatal("the picture isn't one of whole grey levels")
		}
		h := fnv.New64a()
		for _, v := range x {
			_, _ = h.Write([]byte{uint8(v)})
		}
		return h.Sum64()
	}
	seen := map[uint64]string{}
	for what, c := range map[string]cell{
		"nothing": {arm: 500}, "the arm elsewhere": {arm: 550}, "a push": {arm: 500, busy: true},
		"a disc": {arm: 500, belt: []part{{200, 0}}}, "a square": {arm: 500, belt: []part{{200, 1}}}, "a triangle": {arm: 500, belt: []part{{200, 2}}},
		"a disc further on": {arm: 500, belt: []part{{220, 0}}},
	} {
		h := picture(c)
		if other, ok := seen[h]; ok {
			t.Errorf("%s looks like %s", what, other)
		}
		seen[h] = what
	}
}

// TestPinned holds an episode's vectors and a picture to what every machine has.
func TestPinned(t *testing.T) {
	h := fnv.New64a()
	for _, camera := range []bool{false, true} {
		s := newCell(t, Config{Camera: camera})
		x, vector, a := make([]float32, s.ObservationSpace().Size()), make([]float32, size), make([]float32, 1)
		if _, err := s.Reset(x, 3, nil); err != nil {
			t.Fatal(err)
		}
		same := newCell(t, Config{})
		if _, err := same.Reset(vector, 3, nil); err != nil {
			t.Fatal(err)
		}
		for range 120 {
			Scripted(vector, a)
			if _, err := same.Step(vector, a); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Step(x, a); err != nil {
				t.Fatal(err)
			}
			for _, v := range x {
				b := math.Float32bits(v)
				_, _ = h.Write([]byte{byte(b), byte(b >> 8), byte(b >> 16), byte(b >> 24)})
			}
		}
	}
	const want = 0x6d75f298bf506465
	if got := h.Sum64(); got != want {
		t.Errorf("got %#x, want %#x", got, uint64(want))
	}
}

func TestRender(t *testing.T) {
	s := newCell(t, Config{})
	if _, err := s.Render(); !errors.Is(err, env.ErrResetNeeded) {
		t.Errorf("before the first reset: got %v, want %v", err, env.ErrResetNeeded)
	}
	if _, err := s.Reset(make([]float32, size), 1, nil); err != nil {
		t.Fatal(err)
	}
	m, err := s.Render()
	if err != nil || m.Rect.Dx() != 512 || m.Rect.Dy() != 512 {
		t.Errorf("got %v, %v", m.Rect, err)
	}
}

func TestStepMakesNoGarbage(t *testing.T) {
	for _, camera := range []bool{false, true} {
		s := newCell(t, Config{Camera: camera})
		x, a := make([]float32, s.ObservationSpace().Size()), make([]float32, 1)
		if _, err := s.Reset(x, 1, env.Options{"parts": 1000}); err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(30, func() {
			if _, err := s.Step(x, a); err != nil {
				t.Fatal(err)
			}
		}); n > 0 {
			t.Errorf("camera %v: a step allocates %v times", camera, n)
		}
	}
}

func BenchmarkStep(b *testing.B) {
	for _, camera := range []bool{false, true} {
		b.Run(map[bool]string{false: "vector", true: "camera"}[camera], func(b *testing.B) {
			s := newCell(b, Config{Camera: camera})
			x, a := make([]float32, s.ObservationSpace().Size()), make([]float32, 1)
			if _, err := s.Reset(x, 1, nil); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Step(x, a); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
