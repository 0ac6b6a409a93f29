package inspector

import (
	"errors"
	"fmt"

	"github.com/fmkit/fmkit/shared/calibration"
)

// ErrFewPictures: there are too few good pictures to promise the rate of false alarms.
var ErrFewPictures = errors.New("too few good pictures")

// PicturesNeeded is how many good pictures a threshold with the given rate of false alarms takes.
func PicturesNeeded(rate float64) int { return calibration.Needed(rate) }

// Conformal gives a threshold that the score of a further good picture exceeds with a chance of at most rate, from scores of good pictures that are
// exchangeable with it, as calibration.Above does. With too few scores for any threshold to keep that promise the error wraps ErrFewPictures and says how many are
// needed.
//
// The chance is over the good pictures too: it is the average over inspectors fitted alike, not a bound for each of them.
func Conformal(scores []float32, rate float64) (float32, error) {
	t, err := calibration.Above(scores, rate)
	if errors.Is(err, calibration.ErrFew) {
		n := len(scores)
		return 0, fmt.Errorf("inspector: threshold: %w: got %d, want at least %d for a false alarm rate of %g, or a rate of at least %.3g",
			ErrFewPictures, n, PicturesNeeded(rate), rate, 1/float64(n+1))
	}
	if err != nil {
		return 0, fmt.Errorf("inspector: threshold: %w", err)
	}
	return t, nil
}

// Thresholds decide. They are +Inf in an inspector that abstains from everything.
type Thresholds struct {
	Defect  float32 // a picture with a higher score is defective
	Certain float32 // one with a score up to here is good; between the two nothing is said
	Pixel   float32 // a pixel with a higher value belongs to a box
}

// calibrate sets thresholds from the scores of held-out good pictures and the highest values of their maps. The chance that a good picture has a
// box is that of a false alarm too.
func calibrate(scores, peaks []float32, s *Settings) (t Thresholds, err error) {
	if t.Defect, err = Conformal(scores, s.FalseAlarms); err != nil {
		return t, err
	}
	if t.Certain, err = Conformal(scores, s.FalseAlarms+s.Abstain); err != nil {
		return t, err
	}
	t.Pixel, err = Conformal(peaks, s.FalseAlarms)
	return t, err
}
