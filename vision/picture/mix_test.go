package picture_test

import (
	"math"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/vision/picture"
)

// batch gives samples [b, 2, 3, 4] whose values are 100 times the sample plus the place.
func batch(b int) []float32 {
	x := make([]float32, b*24)
	for i := range x {
		x[i] = float32(i/24*100 + i%24)
	}
	return x
}

// TestMixes holds each value to the sample it comes from, and weights to Beta's mean and variance 1/(4 (2a+1)).
func TestMixes(t *testing.T) {
	const b = 6
	src := batch(b)
	for _, alpha := range []float64{0.2, 1, 2} {
		var sum, squares, n float64
		for key := range uint64(3000) {
			dst, mixes := make([]float32, len(src)), make([]picture.Mix, b)
			if err := picture.Mixup(dst, src, mixes, alpha, key); err != nil {
				t.Fatal(err)
			}
			for i, m := range mixes {
				if m.Other == i || m.Other < 0 || m.Other >= b || m.Weight < 0 || m.Weight > 1 {
					t.Fatalf("sample %d: got %+v", i, m)
				}
				for j := range 24 {
					want := (1-float64(m.Weight))*float64(src[i*24+j]) + float64(m.Weight)*float64(src[m.Other*24+j])
					if math.Abs(float64(dst[i*24+j])-want) > 1e-4*600 {
						t.Fatalf("sample %d, value %d: got %v, want %v", i, j, dst[i*24+j], want)
					}
				}
				sum, squares, n = sum+float64(m.Weight), squares+float64(m.Weight)*float64(m.Weight), n+1
			}
		}
		mean := sum / n
		variance := squares/n - mean*mean
		if want := 1 / (4 * (2*alpha + 1)); math.Abs(mean-0.5) > 0.01 || math.Abs(variance-want) > 0.05*want {
			t.Errorf("alpha %v: got mean %.4f, variance %.4f; want 0.5, %.4f", alpha, mean, variance, want)
		}
	}
}

func TestCutMix(t *testing.T) {
	const b = 5
	src := batch(b)
	for key := range uint64(500) {
		dst, mixes := make([]float32, len(src)), make([]picture.Mix, b)
		if err := picture.CutMix(dst, src, 4, 3, mixes, 1, key); err != nil {
			t.Fatal(err)
		}
		for i, m := range mixes {
			pasted := [2]int{}
			for j := range 24 {
				switch dst[i*24+j] {
				case src[i*24+j]:
				case src[m.Other*24+j]:
					pasted[j/12]++
				default:
					t.Fatalf("key %d, sample %d, value %d: got %v, of neither sample", key, i, j, dst[i*24+j])
				}
			}
			if want := float32(pasted[0]) / 12; pasted[0] != pasted[1] || m.Weight != want {
				t.Fatalf("key %d, sample %d: got weight %v with %v values pasted", key, i, m.Weight, pasted)
			}
		}
		again, mixesAgain := make([]float32, len(src)), make([]picture.Mix, b)
		if err := picture.CutMix(again, src, 4, 3, mixesAgain, 1, key); err != nil || !slices.Equal(again, dst) || !slices.Equal(mixes, mixesAgain) {
			t.Fatalf("key %d: two results of one key differ", key)
		}
	}
}

func TestMixRefuses(t *testing.T) {
	x, y := batch(2), batch(2)
	for name, err := range map[string]error{
		"no samples":      picture.Mixup(x, y, nil, 1, 0),
		"lengths":         picture.Mixup(x[1:], y, make([]picture.Mix, 2), 1, 0),
		"no multiple":     picture.Mixup(x, y, make([]picture.Mix, 5), 1, 0),
		"one batch twice": picture.Mixup(x, x, make([]picture.Mix, 2), 1, 0),
		"alpha of 0":      picture.Mixup(x, y, make([]picture.Mix, 2), 0, 0),
		"alpha":           picture.CutMix(x, y, 4, 3, make([]picture.Mix, 2), math.NaN(), 0),
		"size":            picture.CutMix(x, y, 5, 3, make([]picture.Mix, 2), 1, 0),
		"no size":         picture.CutMix(x, y, 0, 3, make([]picture.Mix, 2), 1, 0),
	} {
		if err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
	one, mixes := make([]float32, 24), make([]picture.Mix, 1)
	if err := picture.Mixup(one, batch(1), mixes, 1, 0); err != nil || mixes[0].Other != 0 {
		t.Errorf("one sample: got %+v, %v", mixes, err)
	}
}
