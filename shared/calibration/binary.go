package calibration

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/kernels"
)

// Binary is the calibration of answers that are right or wrong: the chance that one is right is 1/(1 + exp(-(scale * margin + shift))), where the margin is what the
// task's score has over its alternative (Platt, "Probabilistic outputs for support vector machines", 1999). A passport holds it.
type Binary struct {
	Items int     `json:"items"` // that it was learnt from
	Scale float64 `json:"scale"`
	Shift float64 `json:"shift"`
}

// Validate reports what is out of range in a stored calibration.
func (b *Binary) Validate() error {
	if b.Scale-b.Scale != 0 || b.Shift-b.Shift != 0 {
		return fmt.Errorf("calibration: %w: scale and shift: got %v and %v, want finite numbers", ErrSettings, b.Scale, b.Shift)
	}
	return nil
}

// Confidence is the chance that an answer with a margin is right.
func (b *Binary) Confidence(margin float64) float64 {
	z := float32(float64(b.Scale*margin) + b.Shift)
	return float64(1 / (1 + kernels.Exp(-z)))
}

// FitBinary learns a calibration from margins of answers and whether they were right, for instance of answers that the adapter wasn't trained on. With r right and w wrong the
// wanted chances are (r+1)/(r+2) and 1/(w+2), Platt's. It takes Newton steps, halved until the loss falls, on a loss that is convex. Fewer than Least answers are ErrFew.
func FitBinary(margins []float64, right []bool) (*Binary, error) {
	n := len(margins)
	if n != len(right) {
		return nil, fmt.Errorf("calibration: got %d margins and %d answers, want as many", n, len(right))
	}
	if n < Least {
		return nil, fmt.Errorf("calibration: %w: got %d answers, want at least %d", ErrFew, n, Least)
	}
	good, scale := 0, 0.0
	for i, m := range margins {
		if m-m != 0 {
			return nil, fmt.Errorf("calibration: answer %d: the margin is %v", i, m)
		}
		if right[i] {
			good++
		}
		scale += float64(m * m)
	}
	want := func(i int) float64 {
		if right[i] {
			return float64(good+1) / float64(good+2)
		}
		return 1 / float64(n-good+2)
	}
	b := &Binary{Items: n}
	loss := func(b *Binary) float64 { // mean of log(1 + exp(z)) - want z
		var sum float64
		for i, m := range margins {
			z := float32(float64(b.Scale*m) + b.Shift)
			sum += float64(max(z, 0)+kernels.Log(1+kernels.Exp(-max(z, -z)))) - float64(want(i)*float64(z))
		}
		return sum
	}
	ridge := 1e-6 * (1 + scale/float64(n))
	now := loss(b)
	for range 50 {
		var ga, gb, haa, hab, hbb float64
		for i, m := range margins {
			p := b.Confidence(m)
			e, w := p-want(i), float64(p*(1-p))
			ga, gb = ga+float64(e*m), gb+e
			haa, hab, hbb = haa+float64(float64(w*m)*m), hab+float64(w*m), hbb+w
		}
		haa, hbb = haa+ridge, hbb+1e-6
		det := float64(haa*hbb) - float64(hab*hab)
		da, db := (float64(hbb*ga)-float64(hab*gb))/det, (float64(haa*gb)-float64(hab*ga))/det
		step, moved := 1.0, false
		for range 30 {
			next := &Binary{Items: n, Scale: b.Scale - float64(step*da), Shift: b.Shift - float64(step*db)}
			if l := loss(next); l < now {
				b, now, moved = next, l, true
				break
			}
			step /= 2
		}
		if !moved {
			break
		}
	}
	return b, nil
}
