package rl_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/vector"
)

// meanReturn plays episodes of an environment by its scripted policy or a random one.
func meanReturn(t *testing.T, s rl.Spec, scripted bool, episodes int) float64 {
	t.Helper()
	e, err := rl.Make(s.ID)
	if err != nil {
		t.Fatal(err)
	}
	policy := s.Scripted
	if !scripted {
		policy = env.RandomPolicy(e.ActionSpace(), 1)
	}
	sum := 0.0
	err = rl.Rollout(t.Context(), e, policy, 100, episodes, func(p rl.Episode) error {
		sum += p.Return
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return sum / float64(episodes)
}

// TestScripted holds that every scripted policy does what it is written for.
func TestScripted(t *testing.T) {
	want := map[string]float64{ // mean returns that show it
		"CartPole-v0": 195, "CartPole-v1": 475, "MountainCar-v0": -130, "MountainCarContinuous-v0": 85, "Acrobot-v1": -120, "Pendulum-v1": -350,
		"SortingCell-v0": 19,
	}
	for _, s := range rl.Specs() {
		if s.Scripted == nil {
			continue
		}
		scripted, random := meanReturn(t, s, true, 20), meanReturn(t, s, false, 20)
		t.Logf("%s: scripted %.1f, random %.1f", s.ID, scripted, random)
		if low, ok := want[s.ID]; !ok || scripted < low || random >= low {
			t.Errorf("%s: mean returns: got %.1f, and %.1f by chance, want at least %v, and less by chance", s.ID, scripted, random, low)
		}
	}
}

func TestRolloutEnds(t *testing.T) {
	s := rl.Specs()[0]
	e, err := rl.Make(s.ID)
	if err != nil {
		t.Fatal(err)
	}
	none := func(rl.Episode) error { return nil }
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := rl.Rollout(ctx, e, s.Scripted, 1, 1, none); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	if err := rl.Rollout(t.Context(), e, func(_, a []float32) { a[0] = 9 }, 1, 1, none); !errors.Is(err, env.ErrAction) {
		t.Errorf("a policy without an action: got %v, want %v", err, env.ErrAction)
	}
	full := errors.New("the disk is full")
	if err := rl.Rollout(t.Context(), e, s.Scripted, 1, 3, func(rl.Episode) error { return full }); !errors.Is(err, full) {
		t.Errorf("got %v, want %v", err, full)
	}
}

func TestMakeVector(t *testing.T) {
	for _, s := range rl.Specs() {
		v, err := rl.MakeVector(s.ID, 2, vector.NextStep)
		if err != nil {
			t.Fatal(err)
		}
		b := vector.NewBatch(v)
		if err := v.Reset(b, 4, nil); err != nil {
			t.Fatal(err)
		}
		e, err := rl.Make(s.ID)
		if err != nil {
			t.Fatal(err)
		}
		x := make([]float32, e.ObservationSpace().Size())
		if _, err := e.Reset(x, 5, nil); err != nil {
			t.Fatal(err)
		}
		for i := range x {
			if b.Observations[len(x)+i] != x[i] {
				t.Errorf("%s: the second of two begins with %v, alone with %v", s.ID, b.Observations[len(x):], x)
				break
			}
		}
	}
	if _, err := rl.MakeVector("CartPole", 2, vector.NextStep); !errors.Is(err, rl.ErrUnknown) {
		t.Errorf("got %v, want %v", err, rl.ErrUnknown)
	}
}

func ExampleRollout() {
	s, err := rl.Find("MountainCar-v0")
	if err != nil {
		panic(err)
	}
	e, err := rl.Make(s.ID)
	if err != nil {
		panic(err)
	}
	err = rl.Rollout(context.Background(), e, s.Scripted, 1, 2, func(p rl.Episode) error {
		fmt.Println(p.Return, p.Terminated)
		return nil
	})
	fmt.Println(err)
	// Output:
	// -124 true
	// -116 true
	// <nil>
}
