package policy

import (
	"errors"
	"slices"
	"testing"
)

// TestPlayer: a row's action doesn't depend on the rows beside it, and is a session's own where nothing is drawn.
func TestPlayer(t *testing.T) {
	p := newPolicy(t, "CartPole-v1", 0)
	seeds, steps := []int64{3, 4, 3, 9, 5, 6, 7, 8}, []int{0, 0, 1, 2, 0, 0, 0, 0}
	observations := make([]float32, 4*len(seeds)) // so that only what is drawn tells them apart
	for _, sample := range []bool{false, true} {
		ask := func(seed uint64, seeds []int64, steps []int, observations []float32) []float32 {
			play, err := p.Player(seed, sample)
			if err != nil {
				t.Fatal(err)
			}
			actions := make([]float32, len(seeds))
			if err := play(seeds, steps, observations, actions); err != nil {
				t.Fatal(err)
			}
			return actions
		}
		together := ask(1, seeds, steps, observations)
		var alone []float32
		for i := range seeds {
			alone = append(alone, ask(1, seeds[i:i+1], steps[i:i+1], observations[:4])...)
		}
		if !slices.Equal(together, alone) {
			t.Errorf("sample %v: got %v, alone %v", sample, together, alone)
		}
		if same := slices.Min(together) == slices.Max(together); same == sample {
			t.Errorf("sample %v: got %v", sample, together)
		}
		if !sample {
			action := make([]float32, 1)
			if _, err := p.NewSession(1).Predict(action, observations[:4], true); err != nil || action[0] != together[0] {
				t.Errorf("got %v, a session %v, %v", together[0], action[0], err)
			}
		}
	}
	if _, err := newPolicy(t, "CartPole-v1", 3).Player(1, false); !errors.Is(err, ErrSettings) {
		t.Errorf("a policy that reads returns: got %v, want %v", err, ErrSettings)
	}
}
