package train

import (
	"errors"
	"testing"

	"github.com/fmkit/fmkit/adapters/assistant"
	"github.com/fmkit/fmkit/shared/random"
)

// TestAtRisk compares with a search of all thresholds.
func TestAtRisk(t *testing.T) {
	for seed := range uint64(200) {
		r := random.New(random.Mix(3, seed))
		all := make([]scored, 1+r.IntN(40))
		for i := range all {
			all[i] = scored{float64(r.IntN(12)) / 12, r.IntN(4) == 0}
		}
		rate := float64(r.IntN(10)) / 20
		want := float64(assistant.Never)
		for at := 11; at >= 0; at-- {
			n, wrong, occurs := 0, 0, false
			for _, s := range all {
				if s.score >= float64(at)/12 {
					n++
					occurs = occurs || s.score == float64(at)/12
					if s.wrong {
						wrong++
					}
				}
			}
			if occurs && float64(wrong+1) <= rate*float64(n+1) {
				want = float64(at) / 12
			}
		}
		if got := atRisk(all, rate); got != want {
			t.Fatalf("seed %d: got %v, want %v", seed, got, want)
		}
	}
}

// TestFalseAlarms draws turns anew: no more are above the threshold than the rate says, and not far fewer.
func TestFalseAlarms(t *testing.T) {
	above, turns := 0, 0
	for seed := range uint64(2000) {
		r := random.New(random.Mix(5, seed))
		scores := make([]float64, 49)
		for i := range scores {
			scores[i] = r.Float64()
		}
		at, err := falseAlarms(scores, 0.1)
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			turns++
			if r.Float64() > at {
				above++
			}
		}
	}
	if got := float64(above) / float64(turns); got > 0.105 || got < 0.09 {
		t.Errorf("got %v above the threshold, want about 0.1", got)
	}
	if _, err := falseAlarms(make([]float64, 48), 0.02); !errors.Is(err, ErrFewTurns) {
		t.Errorf("48 turns for one in fifty: %v", err)
	}
	if _, err := falseAlarms(make([]float64, 49), 0.02); err != nil {
		t.Errorf("49 turns for one in fifty: %v", err)
	}
}
