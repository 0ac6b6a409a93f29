package inspector

import (
	"fmt"
	"image"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/vision/picture"
)

// windowBatch is how many windows go through the encoder at once.
const windowBatch = 16

// tiling places square windows over a grid of patches.
type tiling struct {
	rows, cols int // of patches over the whole picture
	side       int // of a window, patches
	y, x       []int
}

// tile lays windows step apart over a picture of w x h pixels; the last ones end where the patches do, and a picture smaller than a window has one.
func tile(w, h, patch, side, step int) tiling {
	t := tiling{rows: (h + patch - 1) / patch, cols: (w + patch - 1) / patch, side: side}
	starts := func(n int) (at []int) {
		for i := 0; i < n-side; i += step {
			at = append(at, i)
		}
		return append(at, max(0, n-side))
	}
	t.y, t.x = starts(t.rows), starts(t.cols)
	return t
}

// logits sets dst [R, C, K] to those of the patches of m: where windows overlap the mean, in which a patch weighs the more the farther it lies
// from its window's border.
func (d *Detector) logits(m *image.NRGBA) (dst []float32, t tiling, err error) {
	size, side := d.model.Config.ImageSize, d.model.Config.Grid()
	k, width := d.head.Out(), d.infer.Width()
	t = tile(m.Rect.Dx(), m.Rect.Dy(), d.model.Config.PatchSize, side, min(d.settings.Step, side))
	channels := d.model.Config.Channels
	pixels := make([]float32, windowBatch*channels*size*size)
	vectors := make([]float32, windowBatch*d.infer.Tokens()*width)
	out := make([]float32, windowBatch*d.infer.Tokens()*k)
	dst = make([]float32, t.rows*t.cols*k)
	total := make([]float32, t.rows*t.cols)
	n := len(t.y) * len(t.x)
	for from := 0; from < n; from += windowBatch {
		b := min(windowBatch, n-from)
		cut := &cutter{m: m, t: &t, from: from, patch: d.model.Config.PatchSize, size: size, pixels: pixels, each: channels * size * size, processor: &d.processor}
		kernels.Parallel(b, cut)
		for _, err := range cut.errs[:b] {
			if err != nil {
				return nil, t, fmt.Errorf("inspector: %w", err)
			}
		}
		if err := d.infer.Encode(vectors[:b*d.infer.Tokens()*width], pixels[:b*channels*size*size], b); err != nil {
			return nil, t, fmt.Errorf("inspector: %w", err)
		}
		if err := d.head.Forward(out, vectors, b*d.infer.Tokens(), nil); err != nil {
			return nil, t, fmt.Errorf("inspector: %w", err)
		}
		for i := range b {
			t.add(dst, total, out[i*d.infer.Tokens()*k+k:(i+1)*d.infer.Tokens()*k], from+i, k) // without the class token
		}
	}
	for i, v := range total {
		kernels.Scale(dst[i*k:(i+1)*k], 1/v)
	}
	return dst, t, nil
}

// add adds logits [N, K] of window i.
func (t *tiling) add(dst, total, logits []float32, i, k int) {
	top, left := t.y[i/len(t.x)], t.x[i%len(t.x)]
	for r := range min(t.side, t.rows-top) {
		for c := range min(t.side, t.cols-left) {
			weight := float32(min(r+1, t.side-r) * min(c+1, t.side-c))
			at := (top+r)*t.cols + left + c
			kernels.AddScaled(dst[at*k:(at+1)*k], logits[(r*t.side+c)*k:(r*t.side+c+1)*k], weight)
			total[at] += weight
		}
	}
}

// cutter makes the encoder's input of some windows.
type cutter struct {
	m                       *image.NRGBA
	t                       *tiling
	from, patch, size, each int
	pixels                  []float32
	processor               *picture.Processor
	errs                    [windowBatch]error
}

// Run cuts one window.
func (c *cutter) Run(part int) {
	i := c.from + part
	at := image.Pt(c.t.x[i%len(c.t.x)]*c.patch, c.t.y[i/len(c.t.x)]*c.patch)
	c.errs[part] = c.processor.Process(c.pixels[part*c.each:(part+1)*c.each], Window(c.m, at, c.size))
}

// Window gives the square of m of the given side whose corner is at; past the edges of m its last pixels go on.
func Window(m *image.NRGBA, at image.Point, side int) *image.NRGBA {
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
