package picture

import (
	"image"

	"github.com/fmkit/fmkit/shared/random"
)

// A Cutout makes a square of the picture gray (DeVries and Taylor, "Improved regularization of convolutional neural networks with cutout",
// 2017). Its middle lies anywhere in the picture, so a part of it may lie outside.
type Cutout struct {
	P    float64 `json:"p"`    // probability
	Side float64 `json:"side"` // of the square, as a share of the picture's shorter side
}

// apply changes m.
func (c *Cutout) apply(m *image.NRGBA, s *random.Stream) {
	if s.Float64() >= c.P {
		return
	}
	w, h := m.Rect.Dx(), m.Rect.Dy()
	side := round(float64(c.Side * float64(min(w, h))))
	left, top := s.IntN(w)-side/2, s.IntN(h)-side/2
	r := image.Rect(left, top, left+side, top+side).Add(m.Rect.Min).Intersect(m.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := m.Pix[m.PixOffset(r.Min.X, y):][:4*r.Dx()]
		for i := 0; i < len(row); i += 4 {
			row[i], row[i+1], row[i+2] = 128, 128, 128
		}
	}
}
