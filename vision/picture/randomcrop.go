package picture

import (
	"image"
	"math"

	"github.com/fmkit/fmkit/shared/random"
)

// A RandomCrop takes a rectangle of random area, shape and place and makes it Width by Height: torchvision's RandomResizedCrop (Szegedy et al., "Going deeper with
// convolutions", 2015, section 6). Ranges that are zero are torchvision's.
type RandomCrop struct {
	Width  int        `json:"width"`
	Height int        `json:"height"`
	Scale  [2]float64 `json:"scale,omitzero"` // share of the area [0.08, 1]
	Ratio  [2]float64 `json:"ratio,omitzero"` // width / height [3/4, 4/3]
	Filter Filter     `json:"filter"`
}

// ranges gives scale and ratio, with defaults.
func (c *RandomCrop) ranges() (scale, ratio [2]float64) {
	scale, ratio = c.Scale, c.Ratio
	if scale == [2]float64{} {
		scale = [2]float64{0.08, 1}
	}
	if ratio == [2]float64{} {
		ratio = [2]float64{3. / 4, 4. / 3}
	}
	return scale, ratio
}

func (c *RandomCrop) spans() []span {
	scale, ratio := c.ranges()
	return []span{
		{"crop's width", float64(c.Width), 1, 8192},
		{"crop's height", float64(c.Height), 1, 8192},
		{"least scale", scale[0], 1e-6, 1},
		{"greatest scale", scale[1], scale[0], 1},
		{"least ratio", ratio[0], 1e-3, 1e3},
		{"greatest ratio", ratio[1], ratio[0], 1e3},
	}
}

func (c *RandomCrop) apply(m *image.NRGBA, s *random.Stream) *image.NRGBA {
	r := c.rectangle(m.Rect.Dx(), m.Rect.Dy(), s)
	return Resize(m.SubImage(r.Add(m.Rect.Min)).(*image.NRGBA), c.Width, c.Height, c.Filter)
}

// rectangle draws up to ten times and then takes the largest rectangle in the middle whose ratio is allowed.
func (c *RandomCrop) rectangle(w, h int, s *random.Stream) image.Rectangle {
	scale, ratio := c.ranges()
	at := func(x, y, w, h int) image.Rectangle { return image.Rect(x, y, x+w, y+h) }
	for range 10 {
		area := float64(float64(w*h) * uniform(s, scale[0], scale[1]))
		shape := logUniform(s, ratio[0], ratio[1])
		cw, ch := round(math.Sqrt(float64(area*shape))), round(math.Sqrt(area/shape))
		if cw > 0 && cw <= w && ch > 0 && ch <= h {
			y := s.IntN(h - ch + 1)
			return at(s.IntN(w-cw+1), y, cw, ch)
		}
	}
	cw, ch := w, h
	switch shape := float64(w) / float64(h); {
	case shape < ratio[0]:
		ch = min(max(round(float64(w)/ratio[0]), 1), h)
	case shape > ratio[1]:
		cw = min(max(round(float64(float64(h)*ratio[1])), 1), w)
	}
	return at((w-cw)/2, (h-ch)/2, cw, ch)
}
