package trajectory_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/rl/trajectory"
)

func TestSplit(t *testing.T) {
	m := recorded(t, "CartPole-v1", trajectory.RecordConfig{Episodes: 20})
	train, held := trajectory.Split(m, 0.1, 1)
	if train.Len() != 18 || held.Len() != 2 {
		t.Fatalf("got %d and %d episodes, want 18 and 2", train.Len(), held.Len())
	}
	all := slices.Concat(train.At, held.At)
	slices.Sort(all)
	if all = slices.Compact(all); len(all) != 20 || all[0] != 0 || all[19] != 19 {
		t.Errorf("got %v, want each episode once", all)
	}
	var e trajectory.Episode
	if err := held.Episode(1, &e); err != nil || differ(&e, &m.Episodes[held.At[1]]) != "" {
		t.Errorf("got another episode, %v", err)
	}
	if _, other := trajectory.Split(m, 0.1, 2); slices.Equal(other.At, held.At) {
		t.Error("two seeds hold back the same")
	}
}

func TestTop(t *testing.T) {
	m := recorded(t, "CartPole-v1", trajectory.RecordConfig{Episodes: 20})
	top, err := trajectory.Top(t.Context(), m, 0.1)
	if err != nil || top.Len() != 2 {
		t.Fatal(top, err)
	}
	worst := math.Inf(1)
	for _, i := range top.At {
		worst = min(worst, m.Episodes[i].Return())
	}
	for i := range m.Episodes {
		if !slices.Contains(top.At, i) && m.Episodes[i].Return() > worst {
			t.Errorf("episode %d with return %v is missing", i, m.Episodes[i].Return())
		}
	}
	if one, err := trajectory.Top(t.Context(), m, 1e-9); err != nil || one.Len() != 1 {
		t.Errorf("got %v, want an episode", err)
	}
	for _, f := range []float64{0, -1, 1.1, math.NaN()} {
		if _, err := trajectory.Top(t.Context(), m, f); err == nil {
			t.Errorf("fraction %v: got no error", f)
		}
	}
}

// TestMeasure compares with sums in two passes, and with stats.json.
func TestMeasure(t *testing.T) {
	m := recorded(t, "Pendulum-v1", trajectory.RecordConfig{Episodes: 5})
	s, err := trajectory.Measure(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	var x []float64 // the last of the three numbers of an observation
	for _, e := range m.Episodes {
		for i := range e.Len() {
			x = append(x, float64(e.Observations[3*i+2]))
		}
	}
	mean, squares := 0.0, 0.0
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		squares += (v - mean) * (v - mean) / float64(len(x))
	}
	// float64 sums of 1,000 numbers
	near := func(got, want float64) bool { return math.Abs(got-want) <= 1e-12*max(1, math.Abs(want)) }
	o := s.Observation
	if !near(o.Mean[2], mean) || !near(o.Std()[2], math.Sqrt(squares)) || o.Min[2] != slices.Min(x) || o.Max[2] != slices.Max(x) || o.Count != len(x) || s.Steps != len(x) {
		t.Errorf("got %v, %v, want %v, %v", o.Mean[2], o.Std()[2], mean, math.Sqrt(squares))
	}
	if s.Returns[3] != m.Episodes[3].Return() || s.Lengths[3] != 200 || !near(s.Reward.Mean[0]*1000, sum(s.Returns)) {
		t.Errorf("got %+v", s)
	}
	dir := filepath.Join(t.TempDir(), "set")
	if err := trajectory.Write(t.Context(), dir, m, trajectory.StoreConfig{}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "meta", "stats.json"))
	if err != nil {
		t.Fatal(err)
	}
	var stats map[string]struct {
		Mean, Std, Min, Max []float64
		Count               []int
	}
	if err := json.Unmarshal(b, &stats); err != nil {
		t.Fatal(err)
	}
	if got := stats["observation.state"]; !slices.Equal(got.Mean, o.Mean) || !slices.Equal(got.Std, o.Std()) || got.Count[0] != len(x) || len(stats) != 11 {
		t.Errorf("stats.json: got %+v, want %v", got, o)
	}
	if r := stats["next.reward"]; !near(r.Mean[0], s.Reward.Mean[0]) || stats["next.done"].Mean[0] == 0 {
		t.Errorf("stats.json: got %+v, want %v", r, s.Reward)
	}
}

func sum(x []float64) float64 {
	s := 0.0
	for _, v := range x {
		s += v
	}
	return s
}

func ExampleTop() {
	f, err := trajectory.Open("testdata/minari-cartpole")
	if err != nil {
		panic(err)
	}
	defer f.Close()
	top, err := trajectory.Top(context.Background(), f, 0.1)
	fmt.Println(f.Len(), top.At, err)
	// Output: 3 [1] <nil>
}

func ExampleOpen() {
	f, err := trajectory.Open("testdata/minari-cartpole")
	if err != nil {
		panic(err)
	}
	defer f.Close()
	var e trajectory.Episode
	err = f.Episode(2, &e)
	fmt.Println(f.Meta().Environment, f.Meta().Action, f.Len(), err)
	fmt.Println(e.Seed, e.Len(), e.Terminated, e.Actions[:4])
	// Output:
	// CartPole-v1 Discrete(2) 3 <nil>
	// 102 13 true [1 0 0 0]
}

func ExampleSplit() {
	f, err := trajectory.Open("testdata/minari-cartpole")
	if err != nil {
		panic(err)
	}
	defer f.Close()
	train, held := trajectory.Split(f, 0.3, 1)
	fmt.Println(train.At, held.At)
	// Output: [0 1] [2]
}

func ExampleWrite() {
	f, err := trajectory.Open("testdata/minari-cartpole")
	if err != nil {
		panic(err)
	}
	defer f.Close()
	dir, err := os.MkdirTemp("", "trajectory-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	fmt.Println(trajectory.Write(context.Background(), filepath.Join(dir, "set"), f, trajectory.StoreConfig{}))
	entries, err := os.ReadDir(filepath.Join(dir, "set", "meta"))
	fmt.Println(entries, err)
	// Output:
	// <nil>
	// [d episodes/ - fmkit.json - info.json - stats.json - tasks.parquet] <nil>
}
