package trajectory_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/spaces"
	"github.com/fmkit/fmkit/rl/trajectory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestRecordRepeats holds that any number of workers and environments side by side give the same episodes, those that each seed has alone.
func TestRecordRepeats(t *testing.T) {
	want := recorded(t, "CartPole-v1", trajectory.RecordConfig{Episodes: 40, Seed: 7})
	for _, c := range [][2]int{{1, 8}, {3, 1}, {4, 5}, {8, 64}} {
		same(t, recorded(t, "CartPole-v1", trajectory.RecordConfig{Episodes: 40, Seed: 7, Workers: c[0], Envs: c[1]}), want)
	}
	for i := range 3 {
		alone := recorded(t, "CartPole-v1", trajectory.RecordConfig{Episodes: 1, Seed: int64(7 + i)})
		if d := differ(&alone.Episodes[0], &want.Episodes[i]); d != "" {
			t.Errorf("episode %d alone: %s", i, d)
		}
	}
	if differ(&want.Episodes[0], &want.Episodes[1]) == "" {
		t.Error("two seeds give the same episode")
	}
}

// What a faulty environment does in its third step, by the seed.
const (
	fine = iota
	panics
	fails
	isNaN
	rewardsNaN
	neverEnds
	panicsInReset
	failsInReset
	kinds
)

// A faulty environment ends after 5 steps unless something happens, and counts on from an episode to the next if it isn't replaced after a fault.
type faulty struct {
	env.Env
	kind, steps int
	seed        int64
	broken      bool
	closed      *atomic.Int64
}

// Close panics, as only a bad environment's does, where it is broken.
func (f *faulty) Close() error {
	f.closed.Add(1)
	if f.broken {
		panic("close")
	}
	return nil
}

func kindOf(seed int64) int { return int(seed % kinds) }

func (f *faulty) Reset(x []float32, seed int64, _ env.Options) (env.Info, error) {
	if f.broken {
		return nil, errors.New("it was used after a fault")
	}
	f.kind, f.steps, f.seed = kindOf(seed), 0, seed
	x[0] = float32(seed)
	switch f.kind {
	case panicsInReset:
		f.broken = true
		panic("reset")
	case failsInReset:
		f.broken = true
		return nil, errors.New("reset")
	}
	return nil, nil
}

func (f *faulty) Step(x, _ []float32) (env.Outcome, error) {
	f.steps++
	x[0] = float32(f.seed) + float32(f.steps)
	o := env.Outcome{Reward: float64(f.steps), Terminated: f.steps == 5 && f.kind != neverEnds}
	if f.steps != 3 || f.kind == fine {
		return o, nil
	}
	f.broken = true
	switch f.kind {
	case panics:
		var nobody *faulty
		nobody.steps++
	case fails:
		return o, errors.New("step")
	case isNaN:
		x[0] = float32(math.NaN())
	case rewardsNaN:
		o.Reward = math.Inf(1)
	}
	return o, nil
}

func faultyMeta() trajectory.Meta {
	o, _ := spaces.NewBoxOf(-1e6, 1e6, spaces.Float32, 1)
	a, _ := spaces.NewDiscrete(2)
	return trajectory.Meta{Environment: "faulty", Observation: o, Action: a}
}

func newFaulty(made, closed *atomic.Int64) env.Constructor {
	m := faultyMeta()
	return func() (env.Env, error) {
		made.Add(1)
		base := env.NewBase(m.Observation, m.Action)
		return &faulty{Env: spacesOnly{&base}, closed: closed}, nil
	}
}

// spacesOnly is an environment that only has spaces.
type spacesOnly struct{ *env.Base }

func (spacesOnly) Reset([]float32, int64, env.Options) (env.Info, error) { return nil, nil }
func (spacesOnly) Step(_, _ []float32) (env.Outcome, error)              { return env.Outcome{}, nil }

func idle() (trajectory.Player, error) {
	return func(_ []int64, _ []int, _, actions []float32) error { clear(actions); return nil }, nil
}

// TestRecordFaults injects 1,000 faults of every kind: all are counted by their cause, and every other episode is there, whole and in order.
func TestRecordFaults(t *testing.T) {
	const faults, episodes = 1000, 1200
	for _, c := range [][2]int{{1, 1}, {4, 3}} {
		var made, closed atomic.Int64
		m := &trajectory.Memory{About: faultyMeta()}
		got, err := trajectory.Record(t.Context(), newFaulty(&made, &closed), idle, trajectory.RecordConfig{
			Episodes: episodes, Workers: c[0], Envs: c[1], MaxSteps: 20,
		}, m.Add)
		if err != nil {
			t.Fatal(err)
		}
		var want trajectory.Faults
		next := 0
		for seed := range int64(episodes) {
			switch kindOf(seed) {
			case panics, panicsInReset:
				want.Panics++
			case fails, failsInReset:
				want.Errors++
			case isNaN, rewardsNaN:
				want.NotFinite++
			case neverEnds:
				want.Endless++
			case fine:
				if next >= len(m.Episodes) {
					t.Fatalf("got %d episodes, want more", len(m.Episodes))
				}
				if e := m.Episodes[next]; e.Seed != seed || e.Len() != 5 || e.Return() != 15 || e.Observations[5] != float32(seed)+5 || !e.Terminated {
					t.Errorf("seed %d: got %+v", seed, e)
				}
				next++
			}
		}
		if got != want || want.Total() < faults || next != len(m.Episodes) {
			t.Errorf("got %+v and %d episodes, want %+v, at least %d, and %d", got, len(m.Episodes), want, faults, next)
		}
		if made.Load() < int64(want.Total()) || closed.Load() != made.Load() {
			t.Errorf("%d environments were made for %d faults, and %d closed", made.Load(), want.Total(), closed.Load())
		}
	}
}

// TestRecordEnds holds that what isn't an environment's fault ends the recording, whoever is at work.
func TestRecordEnds(t *testing.T) {
	constructor := func() (env.Env, error) { return rl.Make("CartPole-v1") }
	c := trajectory.RecordConfig{Episodes: 100, Workers: 3, Envs: 2}
	keep := func(*trajectory.Episode) error { return nil }
	full := errors.New("the disk is full")
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	playing := func(p trajectory.Player) func() (trajectory.Player, error) {
		return func() (trajectory.Player, error) { return p, nil }
	}
	for name, r := range map[string]struct {
		ctx         context.Context
		constructor env.Constructor
		player      func() (trajectory.Player, error)
		config      trajectory.RecordConfig
		keep        func(*trajectory.Episode) error
		want        error
	}{
		"context":      {canceled, constructor, idle, c, keep, context.Canceled},
		"constructor":  {t.Context(), func() (env.Env, error) { return nil, full }, idle, c, keep, full},
		"player":       {t.Context(), constructor, func() (trajectory.Player, error) { return nil, full }, c, keep, full},
		"its error":    {t.Context(), constructor, playing(func([]int64, []int, []float32, []float32) error { return full }), c, keep, full},
		"its panic":    {t.Context(), constructor, playing(func([]int64, []int, []float32, []float32) error { panic("lost") }), c, keep, trajectory.ErrPanic},
		"its action":   {t.Context(), constructor, playing(func(_ []int64, _ []int, _, a []float32) error { a[0] = 7; return nil }), c, keep, env.ErrAction},
		"its NaN":      {t.Context(), constructor, playing(func(_ []int64, _ []int, _, a []float32) error { a[0] = float32(math.NaN()); return nil }), c, keep, env.ErrAction},
		"keeping":      {t.Context(), constructor, idle, c, func(*trajectory.Episode) error { return full }, full},
		"no episodes":  {t.Context(), constructor, idle, trajectory.RecordConfig{}, keep, env.ErrOption},
		"seed":         {t.Context(), constructor, idle, trajectory.RecordConfig{Episodes: 1, Seed: -1}, keep, env.ErrSeed},
		"many workers": {t.Context(), constructor, idle, trajectory.RecordConfig{Episodes: 1, Workers: 1 << 20}, keep, env.ErrOption},
	} {
		if _, err := trajectory.Record(r.ctx, r.constructor, r.player, r.config, r.keep); !errors.Is(err, r.want) {
			t.Errorf("%s: got %v, want %v", name, err, r.want)
		}
	}
}

func ExampleRecord() {
	constructor := func() (env.Env, error) { return rl.Make("CartPole-v1") }
	e, err := constructor()
	if err != nil {
		panic(err)
	}
	m := &trajectory.Memory{About: trajectory.Meta{Environment: "CartPole-v1", Observation: e.ObservationSpace(), Action: e.ActionSpace()}}
	left := func() (trajectory.Player, error) {
		return trajectory.Each(m.About.Observation, m.About.Action, func(_, action []float32) { action[0] = 0 }), nil
	}
	faults, err := trajectory.Record(context.Background(), constructor, left, trajectory.RecordConfig{Episodes: 3, Seed: 1, Workers: 2}, m.Add)
	fmt.Println(m.Len(), faults.Total(), err)
	fmt.Println(m.Episodes[0].Seed, m.Episodes[0].Return(), m.Episodes[0].Terminated)
	// Output:
	// 3 0 <nil>
	// 1 10 true
}
