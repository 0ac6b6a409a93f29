package picture

import (
	"fmt"
	"image"
	"math"

	"github.com/fmkit/fmkit/shared/random"
)

// An Augment varies a picture: a random resized crop, flips, turns, a rotation, colours, blur and a cutout, in this order. The zero value changes nothing. All
// choices are drawn from a key, so the result depends on the picture and the key only, to the bit on every machine.
type Augment struct {
	Crop         *RandomCrop `json:"crop,omitempty"`
	FlipH        float64     `json:"flip_h,omitempty"`        // probability
	FlipV        float64     `json:"flip_v,omitempty"`        // probability
	QuarterTurns bool        `json:"quarter_turns,omitempty"` // by 0, 90, 180 or 270 degrees
	Rotate       float64     `json:"rotate,omitempty"`        // at most so many degrees either way
	Jitter       *Jitter     `json:"jitter,omitempty"`
	Blur         *Blur       `json:"blur,omitempty"`
	Cutout       *Cutout     `json:"cutout,omitempty"`
}

// Validate refuses ranges that mean nothing.
func (a *Augment) Validate() error {
	var parts []span
	parts = append(parts, span{"flip_h", a.FlipH, 0, 1}, span{"flip_v", a.FlipV, 0, 1}, span{"rotate", a.Rotate, 0, 180})
	if c := a.Crop; c != nil {
		parts = append(parts, c.spans()...)
		if err := c.Filter.Validate(); err != nil {
			return err
		}
	}
	if j := a.Jitter; j != nil {
		parts = append(parts, span{"brightness", j.Brightness, 0, 1}, span{"contrast", j.Contrast, 0, 1}, span{"saturation", j.Saturation, 0, 1})
	}
	if b := a.Blur; b != nil {
		parts = append(parts, span{"blur", b.P, 0, 1}, span{"least sigma", b.Sigma[0], 0.01, maxSigma}, span{"greatest sigma", b.Sigma[1], b.Sigma[0], maxSigma})
	}
	if c := a.Cutout; c != nil {
		parts = append(parts, span{"cutout", c.P, 0, 1}, span{"cutout's side", c.Side, 0, 1})
	}
	for _, p := range parts {
		if !(p.got >= p.least && p.got <= p.most) {
			return fmt.Errorf("picture: augment: %s: got %v, want %v to %v", p.name, p.got, p.least, p.most)
		}
	}
	return nil
}

// A span is a value and its bounds.
type span struct {
	name             string
	got, least, most float64
}

// What a key is drawn for.
const (
	drawCrop = iota
	drawFlip
	drawTurn
	drawRotation
	drawJitter
	drawBlur
	drawCutout
)

// Apply gives a new picture, which shares no pixels with m. A picture without pixels, or an Augment that Validate refuses, gives an empty one.
func (a *Augment) Apply(m *image.NRGBA, key uint64) *image.NRGBA {
	if _, ok := viewOf(m); !ok || a.Validate() != nil {
		return &image.NRGBA{}
	}
	draw := func(n uint64) *random.Stream { return random.New(random.Mix(key, n)) }
	old := m
	if a.Crop != nil {
		m = a.Crop.apply(m, draw(drawCrop))
	}
	flip := draw(drawFlip)
	if flip.Float64() < a.FlipH {
		m = FlipH(m)
	}
	if flip.Float64() < a.FlipV {
		m = FlipV(m)
	}
	if a.QuarterTurns {
		m = QuarterTurns(m, draw(drawTurn).IntN(4))
	}
	if a.Rotate > 0 {
		m = Rotate(m, uniform(draw(drawRotation), -a.Rotate, a.Rotate))
	}
	if m == old {
		m = QuarterTurns(m, 0) // a copy, for what follows works in place
	}
	if a.Jitter != nil {
		a.Jitter.apply(m, draw(drawJitter))
	}
	if a.Blur != nil {
		m = a.Blur.apply(m, draw(drawBlur))
	}
	if a.Cutout != nil {
		a.Cutout.apply(m, draw(drawCutout))
	}
	return m
}

// uniform draws from [a, b).
func uniform(s *random.Stream, a, b float64) float64 { return a + float64((b-a)*s.Float64()) }

// logUniform draws from [a, b) so that halving and doubling are as likely, for 0 < a <= b.
func logUniform(s *random.Stream, a, b float64) float64 { return float64(a * power(b/a, s.Float64())) }

// round rounds halves to even, as Python does.
func round(x float64) int { return int(math.RoundToEven(x)) }
