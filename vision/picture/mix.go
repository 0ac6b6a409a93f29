package picture

import (
	"fmt"
	"math"

	"github.com/fmkit/fmkit/shared/random"
)

// A Mix is the soft target of one sample of a batch: Weight of the target of sample Other, the rest of its own.
type Mix struct {
	Other  int
	Weight float32
}

// Mixup writes to dst [B, C, H, W] the blends of each sample of src with another one, (1-w) own + w other, and their targets to mixes [B]. The weights are
// drawn from Beta(alpha, alpha), one for each sample (Zhang et al., "mixup: Beyond empirical risk minimization", 2018). Draws depend on key only.
func Mixup(dst, src []float32, mixes []Mix, alpha float64, key uint64) error {
	size, err := sampleSize(dst, src, mixes, alpha)
	if err != nil {
		return fmt.Errorf("picture: mixup: %w", err)
	}
	for i := range mixes {
		s := random.New(random.Mix(key, uint64(i)))
		m := Mix{another(i, len(mixes), s), float32(beta(s, alpha))}
		mixes[i] = m
		own, other, to := src[i*size:][:size], src[m.Other*size:][:size], dst[i*size:][:size]
		rest := 1 - m.Weight
		for j := range to {
			to[j] = float32(rest*own[j]) + float32(m.Weight*other[j])
		}
	}
	return nil
}

// CutMix writes to dst [B, C, h, w] each sample of src with a rectangle of another one pasted over it, and their targets to mixes [B]. The area is drawn from
// Beta(alpha, alpha); the weight is what of it lies in the picture (Yun et al., "CutMix: Regularization strategy to train strong classifiers with
// localizable features", 2019). Draws depend on key only.
func CutMix(dst, src []float32, w, h int, mixes []Mix, alpha float64, key uint64) error {
	size, err := sampleSize(dst, src, mixes, alpha)
	if err != nil {
		return fmt.Errorf("picture: cutmix: %w", err)
	}
	if w <= 0 || h <= 0 || w > maxSide || h > maxSide || size%(w*h) != 0 {
		return fmt.Errorf("picture: cutmix: got samples of %d values, want a multiple of %d*%d", size, h, w)
	}
	copy(dst, src)
	for i := range mixes {
		s := random.New(random.Mix(key, uint64(i)))
		other := another(i, len(mixes), s)
		side := math.Sqrt(beta(s, alpha))
		cw, ch := round(float64(side*float64(w))), round(float64(side*float64(h)))
		left, top := s.IntN(w)-cw/2, s.IntN(h)-ch/2
		right, bottom := min(left+cw, w), min(top+ch, h)
		left, top = max(left, 0), max(top, 0)
		mixes[i] = Mix{other, float32(max(right-left, 0)*max(bottom-top, 0)) / float32(w*h)}
		for plane := 0; plane < size && left < right; plane += w * h {
			for y := top; y < bottom; y++ {
				at := plane + y*w
				copy(dst[i*size+at+left:i*size+at+right], src[other*size+at+left:])
			}
		}
	}
	return nil
}

// sampleSize gives the values of one sample.
func sampleSize(dst, src []float32, mixes []Mix, alpha float64) (int, error) {
	b := len(mixes)
	switch {
	case b == 0 || len(src) == 0 || len(src)%b != 0 || len(dst) != len(src):
		return 0, fmt.Errorf("got %d and %d values for %d samples, want as many in both, a multiple of the samples", len(dst), len(src), b)
	case &dst[0] == &src[0]:
		return 0, fmt.Errorf("got one batch twice, want two")
	case !(alpha >= 0.05 && alpha <= 4):
		return 0, fmt.Errorf("alpha: got %v, want 0.05 to 4", alpha)
	}
	return len(src) / b, nil
}

// another draws a sample that isn't i, where there is one.
func another(i, n int, s *random.Stream) int {
	if n == 1 {
		return i
	}
	return (i + 1 + s.IntN(n-1)) % n
}

// beta draws from Beta(a, a) by Jöhnk's method (1964): u^(1/a) / (u^(1/a) + v^(1/a)) for the first pair whose sum is at most 1.
func beta(s *random.Stream, a float64) float64 {
	for {
		x, y := power(s.Float64(), 1/a), power(s.Float64(), 1/a)
		if sum := x + y; sum > 0 && sum <= 1 {
			return x / sum
		}
	}
}
