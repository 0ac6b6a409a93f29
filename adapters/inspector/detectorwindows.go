package inspector

import (
	"fmt"
	"image"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/vision/picture"
)

// windowBatch is how many windows go through the encoder at once.
const windowBatch = 16

// windows hands each the logits [N, 1+C] of the patches of the window of m at every place, in their order: their mean over the ways in which the window is turned.
func (d *Detector) windows(m *image.NRGBA, at []image.Point, each func(i int, logits []float32)) error {
	c := &d.model.Config
	size, tokens, k := c.Channels*c.ImageSize*c.ImageSize, d.infer.Tokens(), d.head.Out()
	turns := max(1, d.settings.Turns)
	s := d.pool.Get().(*windowSpace)
	defer d.pool.Put(s)
	s.m, s.side, s.processor = m, c.ImageSize, &d.processor
	for from := 0; from < len(at); from += windowBatch {
		n := min(windowBatch, len(at)-from)
		s.at = at[from : from+n]
		kernels.Grow(&s.pixels, n*size)
		kernels.Grow(&s.vectors, n*tokens*d.infer.Width())
		kernels.Grow(&s.logits, n*tokens*k)
		clear(kernels.Grow(&s.mean, n*(tokens-1)*k))
		for s.way = range turns {
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
			s.add(n, c.Grid(), k)
		}
		kernels.Scale(s.mean, 1/float32(turns))
		for i := range n {
			each(from+i, s.mean[i*(tokens-1)*k:(i+1)*(tokens-1)*k])
		}
	}
	s.m, s.at = nil, nil
	return nil
}

// Chances gives the chances [n, N, 1+C] of the patches of n windows of m being good or of each kind: what InspectStack judges by. m is as there, at are the windows'
// corners.
func (d *Detector) Chances(m *image.NRGBA, at []image.Point) ([]float32, error) {
	if m.Rect.Empty() {
		return nil, fmt.Errorf("inspector: detector: got a picture of %v, want at least 1 pixel a side", m.Rect.Size())
	}
	per, k := d.infer.Tokens()-1, d.head.Out()
	chances := make([]float32, len(at)*per*k)
	err := d.windows(m, at, func(i int, logits []float32) {
		kernels.Softmax(chances[i*per*k:(i+1)*per*k], logits, per, k)
	})
	return chances, err
}

// windowSpace is what some windows are made in.
type windowSpace struct {
	m         *image.NRGBA
	at        []image.Point
	side      int
	way       int // in which the windows are turned
	processor *picture.Processor
	pixels    []float32 // [n, C, H, W]
	vectors   []float32 // [n, 1+N, D]
	logits    []float32 // [n, 1+N, 1+C]
	mean      []float32 // [n, N, 1+C], over ways
	shown     [windowBatch]*image.NRGBA
	errs      [windowBatch]error
}

// Run implements kernels.Task: one window to a part.
func (s *windowSpace) Run(i int) {
	if s.shown[i] == nil {
		s.shown[i] = image.NewNRGBA(image.Rect(0, 0, s.side, s.side))
	}
	size := len(s.pixels) / len(s.at)
	window(s.shown[i], s.m, s.at[i], s.way)
	s.errs[i] = s.processor.Process(s.pixels[i*size:(i+1)*size], s.shown[i])
}

// add puts the logits of n windows' patches, without the class token, to where the patches lie in windows that aren't turned.
func (s *windowSpace) add(n, grid, k int) {
	for i := range n {
		mean, logits := s.mean[i*grid*grid*k:], s.logits[(i*(grid*grid+1)+1)*k:]
		for r := range grid {
			for c := range grid {
				x, y := picture.Turn(c, r, grid, s.way)
				kernels.Add(mean[(y*grid+x)*k:][:k], logits[(r*grid+c)*k:][:k])
			}
		}
	}
}

// window sets dst to the part of m whose corner is at, turned; past the edges of m its last pixels go on.
func window(dst, m *image.NRGBA, at image.Point, way int) {
	w, h, side := m.Rect.Dx(), m.Rect.Dy(), dst.Rect.Dx()
	for y := range side {
		for x := range side {
			i, j := picture.Turn(x, y, side, way)
			p := m.Pix[min(max(at.Y+j, 0), h-1)*m.Stride+4*min(max(at.X+i, 0), w-1):]
			copy(dst.Pix[y*dst.Stride+4*x:][:4], p[:4])
		}
	}
}
