package inspector

import (
	"fmt"
	"image"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/vision/picture"
)

// windowBatch is how many windows go through the encoder at once.
const windowBatch = 16

// windows hands each the logits [N, 1+C] of the patches of the window of m at every place, in their order.
func (d *Detector) windows(m *image.NRGBA, at []image.Point, each func(i int, logits []float32)) error {
	c := &d.model.Config
	size, tokens, k := c.Channels*c.ImageSize*c.ImageSize, d.infer.Tokens(), d.head.Out()
	s := d.pool.Get().(*windowSpace)
	defer d.pool.Put(s)
	for from := 0; from < len(at); from += windowBatch {
		n := min(windowBatch, len(at)-from)
		*s = windowSpace{
			m: m, at: at[from : from+n], side: c.ImageSize, processor: &d.processor,
			pixels: kernels.Grow(&s.pixels, n*size), vectors: kernels.Grow(&s.vectors, n*tokens*d.infer.Width()), logits: kernels.Grow(&s.logits, n*tokens*k),
		}
		kernels.Parallel(n, s)
		for _, err := range s.errs[:n] {
			if err != nil {
				return fmt.Errorf("inspector: %w", err)
			}
		}
		if err := d.infer.Encode(s.vectors, s.pixels, n); err != nil {
			return fmt.Errorf("inspector: %w", err)
		}
		if err := d.head.Forward(s.logits, s.vectors, n*tokens, nil); err != nil {
			return fmt.Errorf("inspector: %w", err)
		}
		for i := range n {
			each(from+i, s.logits[(i*tokens+1)*k:(i+1)*tokens*k]) // without the class token
		}
	}
	s.m, s.at = nil, nil
	return nil
}

// windowSpace is what some windows are made in.
type windowSpace struct {
	m         *image.NRGBA
	at        []image.Point
	side      int
	processor *picture.Processor
	pixels    []float32 // [n, C, H, W]
	vectors   []float32 // [n, 1+N, D]
	logits    []float32 // [n, 1+N, 1+C]
	errs      [windowBatch]error
}

// Run implements kernels.Task: one window to a part.
func (s *windowSpace) Run(i int) {
	size := len(s.pixels) / len(s.at)
	s.errs[i] = s.processor.Process(s.pixels[i*size:(i+1)*size], window(s.m, s.at[i], s.side))
}

// window gives the square of m of the given side whose corner is at; past the edges of m its last pixels go on.
func window(m *image.NRGBA, at image.Point, side int) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, side, side))
	w, h := m.Rect.Dx(), m.Rect.Dy()
	for y := range side {
		row := m.Pix[min(max(at.Y+y, 0), h-1)*m.Stride:]
		for x := range side {
			copy(out.Pix[y*out.Stride+4*x:][:4], row[4*min(max(at.X+x, 0), w-1):])
		}
	}
	return out
}
