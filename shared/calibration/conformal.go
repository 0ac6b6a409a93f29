package calibration

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// ErrFew: there are too few scores for a threshold to keep its promise.
var ErrFew = errors.New("too few scores")

// Needed is how many scores a threshold that is to be passed with the given rate takes.
func Needed(rate float64) int { return int(math.Ceil(1/rate-1e-9)) - 1 }

// Above gives a threshold that a further score exceeds with a chance of at most rate, from scores that are exchangeable with it: the ceil((n+1)(1-rate))-th smallest.
// With too few scores for any threshold to keep that promise the error wraps ErrFew and says how many are needed.
//
// The chance is over the scores given too: it is the average over calibrations made alike, not a bound for each of them.
func Above[F ~float32 | ~float64](scores []F, rate float64) (F, error) {
	if !(rate > 0 && rate < 1) {
		return 0, fmt.Errorf("rate: got %g, want between 0 and 1", rate)
	}
	above := int(math.Floor(float64(rate*float64(len(scores)+1)) + 1e-9)) // scores that may lie at or above: the new one among them
	if above < 1 {
		return 0, fmt.Errorf("%w: got %d, want at least %d for a rate of %g, or a rate of at least %.3g", ErrFew, len(scores), Needed(rate), rate, 1/float64(len(scores)+1))
	}
	for i, s := range scores {
		if s != s {
			return 0, fmt.Errorf("score %d is NaN", i)
		}
	}
	sorted := slices.Sorted(slices.Values(scores))
	return sorted[max(0, len(sorted)-above)], nil
}

// Below gives a threshold that a further score lies below with a chance of at most rate: Above with all signs turned.
func Below[F ~float32 | ~float64](scores []F, rate float64) (F, error) {
	turned := make([]F, len(scores))
	for i, s := range scores {
		turned[i] = -s
	}
	t, err := Above(turned, rate)
	return -t, err
}
