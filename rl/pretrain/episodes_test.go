package pretrain

import (
	"math"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/rl/env/spaces"
	"github.com/fmkit/fmkit/rl/trajectory"
	"github.com/fmkit/fmkit/shared/random"
)

// noise are episodes of random numbers, of lengths from 1 on, of observations [2] and three actions from -1 on.
func noise(t *testing.T, n int) *trajectory.Memory {
	t.Helper()
	o, err := spaces.NewBoxOf(-100, 100, spaces.Float32, 2)
	if err != nil {
		t.Fatal(err)
	}
	a, err := spaces.NewDiscreteFrom(3, -1)
	if err != nil {
		t.Fatal(err)
	}
	m := &trajectory.Memory{About: trajectory.Meta{Environment: "Noise-v0", Observation: o, Action: a}}
	r := random.New(5)
	for i := range n {
		var e trajectory.Episode
		for range i + 1 {
			e.Observations = append(e.Observations, float32(3+r.Normal()), 7)
			e.Actions, e.Rewards = append(e.Actions, float32(r.IntN(3)-1)), append(e.Rewards, r.Normal())
		}
		e.Observations = append(e.Observations, float32(3+r.Normal()), 7)
		m.Episodes = append(m.Episodes, e)
	}
	return m
}

func noiseTask(t *testing.T, n int, keep int64) (*task, *trajectory.Memory) {
	t.Helper()
	c, err := Default("tiny")
	if err != nil {
		t.Fatal(err)
	}
	c.Model.Hidden, c.Model.Layers, c.Model.Heads, c.Model.Intermediate, c.Model.Context, c.Batch = 8, 1, 1, 8, 5, 16
	c.Model = c.Model.Defaults()
	m := noise(t, n)
	e, err := openEpisodes(t.Context(), &c, []trajectory.Source{m}, keep)
	if err != nil {
		t.Fatal(err)
	}
	x, err := newTask(&c, e)
	if err != nil {
		t.Fatal(err)
	}
	return x, m
}

// TestReadAgain: episodes that aren't kept in memory give the same windows as those that are.
func TestReadAgain(t *testing.T) {
	kept, _ := noiseTask(t, 20, keepBytes)
	read, _ := noiseTask(t, 20, 0)
	if kept.maker.episodes.source != read.maker.episodes.source || read.maker.episodes.environments[0].kept[3] != nil {
		t.Fatal("another hash, or kept all the same")
	}
	for step := range 10 {
		a, err := kept.Batch(step, 0)
		if err != nil {
			t.Fatal(err)
		}
		b, err := read.Batch(step, 0)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(a.window.Observations, b.window.Observations) || !slices.Equal(a.window.Returns, b.window.Returns) || !slices.Equal(a.rows[1], b.rows[1]) || !slices.Equal(a.labels, b.labels) {
			t.Fatalf("step %d: other windows", step)
		}
	}
}

// TestWindows: a window is a stretch of an episode to train on, with the returns to go of the whole episode, and what is wanted is what lies there.
func TestWindows(t *testing.T) {
	x, m := noiseTask(t, 20, keepBytes)
	about := &x.maker.episodes.environments[0].about
	held := x.maker.episodes.environments[0].held.list
	for step := range 30 {
		b, err := x.Batch(step, 0)
		if err != nil {
			t.Fatal(err)
		}
		if b.choice.asked == askAlone {
			for i := range b.nn.B {
				at := slices.IndexFunc(m.Episodes, func(e trajectory.Episode) bool { return slices.Contains(e.Observations, b.next[2*i]) })
				next := slices.Index(m.Episodes[at].Observations, b.next[2*i])
				if m.Episodes[at].Observations[next-2] != b.window.Observations[2*i] || slices.Contains(held, at) {
					t.Fatalf("episode %d: %v doesn't follow %v", at, b.next[2*i], b.window.Observations[2*i])
				}
			}
			continue
		}
		for i := range b.nn.B {
			n := int(b.nn.Lengths[i]) / 3
			at := slices.IndexFunc(m.Episodes, func(e trajectory.Episode) bool { return slices.Contains(e.Observations, b.window.Observations[10*i]) })
			if at < 0 || slices.Contains(held, at) {
				t.Fatalf("a window of episode %d, held back are %v", at, held)
			}
			e := &m.Episodes[at]
			first := slices.Index(e.Observations, b.window.Observations[10*i]) / 2
			if !slices.Equal(b.window.Observations[10*i:][:2*n], e.Observations[2*first:][:2*n]) || !slices.Equal(b.window.Actions[5*i:][:n], e.Actions[first:][:n]) {
				t.Fatalf("episode %d, step %d: other numbers", at, first)
			}
			sum := 0.0
			for _, r := range slices.Backward(e.Rewards[first:]) {
				sum += r
			}
			if b.window.Returns[5*i] != float32(sum) {
				t.Fatalf("episode %d, step %d: return to go: got %v, want %v", at, first, b.window.Returns[5*i], sum)
			}
		}
		for j, row := range b.rows[ofAction] {
			token := int(row)
			if !b.nn.Causal && b.labels[j] != int32(b.window.Actions[token/3])+1 {
				t.Fatalf("row %d: wanted action %d, want %v", row, b.labels[j], b.window.Actions[token/3])
			}
		}
	}
	mean, std := about.Mean, about.Std
	if math.Abs(float64(mean[0]-3)) > 0.2 || math.Abs(float64(std[0]-1)) > 0.2 || mean[1] != 7 || std[1] != 1 {
		t.Errorf("got means %v and deviations %v, want about 3 and 1, and 7 and 1 of what is constant", mean, std)
	}
}

// TestUnlimited: actions without limits get those of the data, and data without a name one.
func TestUnlimited(t *testing.T) {
	m := noise(t, 12)
	inf := float32(math.Inf(1))
	box, err := spaces.NewBoxOf(-inf, inf, spaces.Float32, 1)
	if err != nil {
		t.Fatal(err)
	}
	m.About.Action, m.About.Environment = box, ""
	c, err := Default("tiny")
	if err != nil {
		t.Fatal(err)
	}
	for _, constant := range []bool{false, true} {
		for i := range m.Episodes {
			for j := range m.Episodes[i].Actions {
				if m.Episodes[i].Actions[j] *= 4; constant {
					m.Episodes[i].Actions[j] = 3
				}
			}
		}
		e, err := openEpisodes(t.Context(), &c, []trajectory.Source{m}, keepBytes)
		if err != nil {
			t.Fatal(err)
		}
		about, low, high := e.environments[0].about, float32(-4), float32(4)
		if constant {
			low, high = 2, 4
		}
		if about.ID != unnamed || about.Low[0] != low || about.High[0] != high || about.Validate() != nil {
			t.Errorf("got %+v, want limits of %v and %v", about, low, high)
		}
	}
}
