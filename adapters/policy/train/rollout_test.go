package train

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/adapters/policy"
	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/spaces"
	"github.com/fmkit/fmkit/rl/env/vector"
	"github.com/fmkit/fmkit/shared/backbone"
)

// A counter is two environments whose observation is the step of the episode, and the episode's number. The first truncates after 3 steps, the second terminates after 2.
// A reward is the number of steps.
type counter struct {
	observation *spaces.Box
	action      *spaces.Discrete
	step        [2]float32
	episode     [2]float32
	spoil       func(b *vector.Batch)
}

func newCounter(t *testing.T) *counter {
	t.Helper()
	o, err1 := spaces.NewBoxOf(-100, 100, spaces.Float32, 2)
	a, err2 := spaces.NewDiscrete(2)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	return &counter{observation: o, action: a}
}

func (c *counter) N() int                         { return 2 }
func (c *counter) ObservationSpace() spaces.Space { return c.observation }
func (c *counter) ActionSpace() spaces.Space      { return c.action }

func (c *counter) Reset(b *vector.Batch, _ int64, _ env.Options) error {
	c.step, c.episode = [2]float32{}, [2]float32{}
	c.see(b.Observations)
	return nil
}

func (c *counter) see(x []float32) {
	for i := range 2 {
		x[2*i], x[2*i+1] = c.step[i], c.episode[i]
	}
}

func (c *counter) Step(b *vector.Batch, _ []float32) error {
	for i := range 2 {
		c.step[i]++
		b.Rewards[i] = float64(c.step[i])
	}
	c.see(b.Final)
	b.Truncated[0], b.Terminated[1] = c.step[0] == 3, c.step[1] == 2
	for i := range 2 {
		if b.Truncated[i] || b.Terminated[i] {
			c.step[i] = 0
			c.episode[i]++
		}
	}
	c.see(b.Observations)
	if c.spoil != nil {
		c.spoil(b)
	}
	return nil
}

// counting gives a player of a counter, and a policy.
func counting(t *testing.T, e *counter) (*player, *policy.Policy) {
	t.Helper()
	about, err := rl.NewEnvironment("counter", e.observation, e.action)
	if err != nil {
		t.Fatal(err)
	}
	m, err := rl.New(rl.Config{Config: backbone.Config{Hidden: 16, Layers: 1, Heads: 1, Intermediate: 16}, Context: 1, Environments: []rl.Environment{about}}, 1)
	if err != nil {
		t.Fatal(err)
	}
	a := policy.Actions{About: &about}
	p, err := policy.New(m, policy.NewHead(a, 16, 1), policy.Settings{Environment: about})
	if err != nil {
		t.Fatal(err)
	}
	c := DefaultPPO()
	c.Envs, c.ScaleRewards = 2, false
	return newPlayer(e, a, &c), p
}

// TestPlay holds that what follows a step is the next observation, after a truncation the episode's own last one, and after a termination nothing.
func TestPlay(t *testing.T) {
	e := newCounter(t)
	p, by := counting(t, e)
	if err := p.begin(0); err != nil {
		t.Fatal(err)
	}
	r := newRollout(8, 2, 2, 1)
	if err := p.play(r, by, nil, 1, 0); err != nil {
		t.Fatal(err)
	}
	value := func(step, episode float32) float32 {
		var v [1]float32
		if err := by.Observe(nil, v[:], []float32{step, episode}, 1); err != nil {
			t.Fatal(err)
		}
		return v[0]
	}
	for at := range 16 {
		i, step := at%2, at/2
		length := 3 - i
		episode, place := float32(step/length), float32(step%length)
		want := value(place+1, episode) // the last observation of a truncated episode too
		if i == 1 && place == 1 {
			want = 0
		}
		if r.next[at] != want || r.values[at] != value(place, episode) || r.rewards[at] != float64(place+1) || r.ended[at] != (int(place)+1 == length) {
			t.Errorf("environment %d, step %d: got value %g, next %g, reward %g, ended %v, want next %g", i, step, r.values[at], r.next[at], r.rewards[at], r.ended[at], want)
		}
	}
	if want := []float64{3, 6, 3, 6, 3, 3}; !slices.Equal(r.finished, want) {
		t.Errorf("returns: got %v, want %v", r.finished, want)
	}
}

// TestPlayRefuses holds that numbers that aren't finite end the training with an error.
func TestPlayRefuses(t *testing.T) {
	for name, spoil := range map[string]func(*vector.Batch){
		"observation": func(b *vector.Batch) { b.Observations[3] = float32(math.NaN()) },
		"reward":      func(b *vector.Batch) { b.Rewards[1] = math.Inf(1) },
	} {
		e := newCounter(t)
		e.spoil = spoil
		p, by := counting(t, e)
		if err := p.begin(0); err != nil {
			t.Fatal(err)
		}
		if err := p.play(newRollout(8, 2, 2, 1), by, nil, 1, 0); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
