package train

import (
	"fmt"
	"testing"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env"
)

// TestPlayLikeliest: a policy that always pushes to the left.
func TestPlayLikeliest(t *testing.T) {
	left := func(y, _ []float32, n int) error {
		for i := range n {
			y[2*i], y[2*i+1] = 1, 0
		}
		return nil
	}
	got, err := Play(t.Context(), "CartPole-v1", nil, playSeed, 3, left)
	if err != nil {
		t.Fatal(err)
	}
	one, err := Play(t.Context(), "CartPole-v1", func() (env.Env, error) { return rl.Make("CartPole-v1") }, playSeed, 3, left)
	if err != nil || fmt.Sprint(one) != fmt.Sprint(got) {
		t.Errorf("one by one: got %v, %v, want %v", one, err, got)
	}
	e, err := rl.Make("CartPole-v1")
	if err != nil {
		t.Fatal(err)
	}
	var want []float64
	if err := rl.Rollout(t.Context(), e, func(_, a []float32) { a[0] = 0 }, playSeed, 3, func(e rl.Episode) error {
		want = append(want, e.Return)
		return nil
	}); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v and %v, want %v", got, err, want)
	}
}
