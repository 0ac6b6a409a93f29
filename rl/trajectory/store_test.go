package trajectory_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/spaces"
	"github.com/fmkit/fmkit/rl/trajectory"
)

// recorded plays episodes of an environment by chance.
func recorded(t testing.TB, id string, c trajectory.RecordConfig) *trajectory.Memory {
	t.Helper()
	e, err := rl.Make(id)
	if err != nil {
		t.Fatal(err)
	}
	m := &trajectory.Memory{About: trajectory.Meta{Environment: id, Observation: e.ObservationSpace(), Action: e.ActionSpace()}}
	faults, err := trajectory.Record(t.Context(), func() (env.Env, error) { return rl.Make(id) }, func() (trajectory.Player, error) {
		e, err := rl.Make(id)
		if err != nil {
			return nil, err
		}
		return trajectory.Random(e.ActionSpace(), 3), nil
	}, c, m.Add)
	if err != nil || faults.Total() != 0 {
		t.Fatal(faults, err)
	}
	return m
}

// same fails unless two sources have the same episodes.
func same(t testing.TB, got, want trajectory.Source) {
	t.Helper()
	if got.Len() != want.Len() {
		t.Fatalf("got %d episodes, want %d", got.Len(), want.Len())
	}
	g, w := got.Meta(), want.Meta()
	if g.Environment != w.Environment || g.Observation.String() != w.Observation.String() || g.Action.String() != w.Action.String() {
		t.Errorf("got %v, want %v", g, w)
	}
	var a, b trajectory.Episode
	for i := range want.Len() {
		if err := got.Episode(i, &a); err != nil {
			t.Fatal(err)
		}
		if err := want.Episode(i, &b); err != nil {
			t.Fatal(err)
		}
		if difference := differ(&a, &b); difference != "" {
			t.Fatalf("episode %d: %s", i, difference)
		}
	}
}

// differ says where two episodes differ.
func differ(a, b *trajectory.Episode) string {
	if a.Seed != b.Seed || a.Terminated != b.Terminated || a.Truncated != b.Truncated || a.Len() != b.Len() {
		return fmt.Sprintf("got seed %d, %v, %v, %d steps, want %d, %v, %v, %d", a.Seed, a.Terminated, a.Truncated, a.Len(), b.Seed, b.Terminated, b.Truncated, b.Len())
	}
	for i := range a.Rewards {
		if a.Rewards[i] != b.Rewards[i] {
			return fmt.Sprintf("reward %d: got %v, want %v", i, a.Rewards[i], b.Rewards[i])
		}
	}
	if len(a.Actions) != len(b.Actions) || len(a.Observations) != len(b.Observations) {
		return fmt.Sprintf("got %d and %d numbers, want %d and %d", len(a.Actions), len(a.Observations), len(b.Actions), len(b.Observations))
	}
	for i := range a.Actions {
		if a.Actions[i] != b.Actions[i] {
			return fmt.Sprintf("action number %d: got %v, want %v", i, a.Actions[i], b.Actions[i])
		}
	}
	for i := range a.Observations {
		if a.Observations[i] != b.Observations[i] {
			return fmt.Sprintf("observation number %d: got %v, want %v", i, a.Observations[i], b.Observations[i])
		}
	}
	return ""
}

// TestRoundTrip holds that every environment's episodes come back as they were, to the bit, read by several at once.
func TestRoundTrip(t *testing.T) {
	for _, s := range rl.Specs() {
		t.Run(s.ID, func(t *testing.T) {
			n := 6
			if s.ID == "SortingCellCamera-v0" {
				n = 2
			}
			m := recorded(t, s.ID, trajectory.RecordConfig{Episodes: n, Seed: 5})
			dir := filepath.Join(t.TempDir(), "set")
			if err := trajectory.Write(t.Context(), dir, m, trajectory.StoreConfig{FileBytes: 16 << 10}); err != nil {
				t.Fatal(err)
			}
			f, err := trajectory.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			var wg sync.WaitGroup
			for range 3 {
				wg.Go(func() { same(t, f, m) })
			}
			wg.Wait()
			if names, _ := filepath.Glob(filepath.Join(dir, "data", "*", "*")); len(names) < 2 && s.ID != "CartPole-v0" && s.ID != "CartPole-v1" {
				t.Errorf("got %d files, want more", len(names))
			}
		})
	}
}

// TestSpaces holds that a data set keeps its spaces.
func TestSpaces(t *testing.T) {
	discrete, err := spaces.NewDiscreteFrom(3, -1)
	if err != nil {
		t.Fatal(err)
	}
	multi, err := spaces.NewMultiDiscrete(2, 3)
	if err != nil {
		t.Fatal(err)
	}
	bounds, err := spaces.NewBoxOf(-1, 0.1, spaces.Float32, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	bounds.Low[1] = -2
	dict, err := spaces.NewDict(map[string]spaces.Space{"a": discrete, "b": bounds})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []trajectory.Meta{{"a", dict, multi}, {"b", discrete, dict}, {"c", multi, discrete}, {"", bounds, bounds}} {
		o, a := make([]float32, c.Observation.Size()), make([]float32, c.Action.Size())
		c.Observation.Sample(o)
		c.Action.Sample(a)
		m := &trajectory.Memory{About: c, Episodes: []trajectory.Episode{{
			Seed: env.Continue, Observations: append(o, o...), Actions: a, Rewards: []float64{0.1}, Terminated: true, Truncated: true,
		}}}
		dir := filepath.Join(t.TempDir(), "set")
		if err := trajectory.Write(t.Context(), dir, m, trajectory.StoreConfig{}); err != nil {
			t.Fatal(err)
		}
		f, err := trajectory.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		same(t, f, m)
		if b, ok := f.Meta().Action.(*spaces.Box); ok && (!reflect.DeepEqual(b.Low, bounds.Low) || !reflect.DeepEqual(b.Shape(), bounds.Shape())) {
			t.Errorf("got %v of %v, want %v", b.Low, b.Shape(), bounds)
		}
	}
}

// TestCreateIsAtomic holds that a folder is there whole or as it was.
func TestCreateIsAtomic(t *testing.T) {
	m := recorded(t, "CartPole-v1", trajectory.RecordConfig{Episodes: 3})
	dir := filepath.Join(t.TempDir(), "set")
	full := errors.New("the disk is full")
	half := func(w *trajectory.Writer) error { return errors.Join(w.Add(&m.Episodes[0]), full) }
	if err := trajectory.Create(dir, m.About, trajectory.StoreConfig{}, half); !errors.Is(err, full) {
		t.Errorf("got %v, want %v", err, full)
	}
	if left, _ := os.ReadDir(filepath.Dir(dir)); len(left) != 0 {
		t.Errorf("got %v, want nothing left", left)
	}
	if err := trajectory.Write(t.Context(), dir, m, trajectory.StoreConfig{}); err != nil {
		t.Fatal(err)
	}
	if err := trajectory.Create(dir, m.About, trajectory.StoreConfig{}, half); !errors.Is(err, full) {
		t.Errorf("got %v, want %v", err, full)
	}
	f, err := trajectory.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	same(t, f, m)
	none := func(*trajectory.Writer) error { return nil }
	if err := trajectory.Create(dir, m.About, trajectory.StoreConfig{}, none); !errors.Is(err, trajectory.ErrEpisode) {
		t.Errorf("no episodes: got %v, want %v", err, trajectory.ErrEpisode)
	}
	bad := m.Episodes[0]
	bad.Actions = nil
	swallow := func(w *trajectory.Writer) error { _ = w.Add(&bad); return nil }
	if err := trajectory.Create(dir, m.About, trajectory.StoreConfig{}, swallow); !errors.Is(err, trajectory.ErrEpisode) {
		t.Errorf("no actions: got %v, want %v", err, trajectory.ErrEpisode)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := trajectory.Write(ctx, dir, m, trajectory.StoreConfig{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}
