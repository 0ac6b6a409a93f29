package inspector

import (
	"image"

	"github.com/fmkit/fmkit/shared/kernels"
)

// A tiling places square windows over the grid of patches of a whole picture.
type tiling struct {
	rows, cols int // patches of the picture
	side       int // of a window, patches
	at         []image.Point
}

// tile lays windows step patches apart over a picture of w x h pixels; the last ones end where the patches do, and a picture smaller than a window has one.
func tile(w, h, patch, side, step int) *tiling {
	t := &tiling{rows: (h + patch - 1) / patch, cols: (w + patch - 1) / patch, side: side}
	starts := func(n int) (at []int) {
		for i := 0; i < n-side; i += step {
			at = append(at, i)
		}
		return append(at, max(0, n-side))
	}
	for _, y := range starts(t.rows) {
		for _, x := range starts(t.cols) {
			t.at = append(t.at, image.Pt(x*patch, y*patch))
		}
	}
	return t
}

// everywhere gives the chances [R, C, 1+K] of every patch of m, from the mean of its logits in the windows that it is in: a patch weighs the more the farther it
// lies from its window's border.
func (d *Detector) everywhere(m *image.NRGBA) (chances []float32, t *tiling, err error) {
	side, patch, k := d.model.Config.Grid(), d.model.Config.PatchSize, d.head.Out()
	t = tile(m.Rect.Dx(), m.Rect.Dy(), patch, side, min(d.settings.Step, side))
	chances = make([]float32, t.rows*t.cols*k)
	total := make([]float32, t.rows*t.cols)
	err = d.windows(m, t.at, func(i int, logits []float32) {
		top, left := t.at[i].Y/patch, t.at[i].X/patch
		for r := range min(side, t.rows-top) {
			for c := range min(side, t.cols-left) {
				weight := float32(min(r+1, side-r) * min(c+1, side-c))
				at := (top+r)*t.cols + left + c
				kernels.AddScaled(chances[at*k:(at+1)*k], logits[(r*side+c)*k:(r*side+c+1)*k], weight)
				total[at] += weight
			}
		}
	})
	for i, v := range total {
		kernels.Scale(chances[i*k:(i+1)*k], 1/v)
	}
	kernels.Softmax(chances, chances, len(total), k)
	return chances, t, err
}
