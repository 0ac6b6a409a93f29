package inspector

import (
	"image"

	"github.com/fmkit/fmkit/shared/kernels"
)

// judge gives the boxes that the template proposes, each judged by the window round it, and the map: of every pixel in a window the greatest chance of
// a defect, and 0 elsewhere.
func (d *Detector) judge(stack *image.NRGBA) ([]Box, *Map, error) {
	w, h := stack.Rect.Dx(), stack.Rect.Dy()
	out := &Map{Width: w, Height: h, Values: make([]float32, w*h)}
	boxes := d.settings.Template.Propose(stack)
	side, grid, k := d.model.Config.ImageSize, d.model.Config.Grid(), d.head.Out()
	at := make([]image.Point, len(boxes))
	for i := range boxes {
		at[i] = boxes[i].Middle().Sub(image.Pt(side/2, side/2))
	}
	smooth := newSmoother(grid, grid, side, side, 0)
	chances, bad, local := make([]float32, (1+grid*grid)*k), make([]float32, grid*grid), make([]float32, side*side)
	var space canvas
	err := d.windows(stack, at, func(i int, logits []float32) {
		kernels.Softmax(chances, logits, len(logits)/k, k)
		kind := 1
		for j := 2; j < k; j++ {
			if chances[j] > chances[kind] {
				kind = j
			}
		}
		boxes[i].Label, boxes[i].Score = d.labels[kind-1], float64(1-chances[0])
		for j := range bad {
			bad[j] = 1 - chances[(1+j)*k]
		}
		smooth.apply(local, bad, &space)
		in := image.Rectangle{Min: at[i], Max: at[i].Add(image.Pt(side, side))}.Intersect(stack.Rect)
		for y := in.Min.Y; y < in.Max.Y; y++ {
			dst, src := out.Values[y*w+in.Min.X:][:in.Dx()], local[(y-at[i].Y)*side+in.Min.X-at[i].X:]
			for x := range dst {
				dst[x] = max(dst[x], src[x])
			}
		}
	})
	return boxes, out, err
}
