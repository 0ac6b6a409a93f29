package inspector

import "math"

// evidence is what speaks against a picture.
type evidence struct {
	patch float32 // the weighed distance of its worst patch
	whole float32 // its distance on the whole
}

// standards make one score of evidence of both kinds: each is counted in standard deviations from its mean over held-out good pictures, and the greater
// decides. Zero standards take the worst patch alone, as it is.
//
// A threshold over the scores of the pictures that the standards are made of is a little low, by what one picture moves means and deviations.
type standards struct {
	mean, scale evidence
}

// newStandards are made of the evidence of held-out good pictures.
func newStandards(all []evidence) standards {
	kind := func(of func(e evidence) float32) (mean, scale float32) {
		var sum, squares float64
		for _, e := range all {
			sum += float64(of(e))
		}
		sum /= float64(len(all))
		for _, e := range all {
			off := float64(of(e)) - sum
			squares += float64(off * off)
		}
		sd := math.Sqrt(squares / float64(len(all)))
		if !(sd > 1e-12) {
			sd = 1
		}
		return float32(sum), float32(1 / sd)
	}
	var s standards
	s.mean.patch, s.scale.patch = kind(func(e evidence) float32 { return e.patch })
	s.mean.whole, s.scale.whole = kind(func(e evidence) float32 { return e.whole })
	return s
}

// judge gives the score.
func (s *standards) judge(e evidence) float32 {
	if s.scale.patch == 0 {
		return e.patch
	}
	return max(float32(e.patch-s.mean.patch)*s.scale.patch, float32(e.whole-s.mean.whole)*s.scale.whole)
}
