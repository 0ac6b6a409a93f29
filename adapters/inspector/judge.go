package inspector

import (
	"image"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/metrics"
)

// judge gives the boxes that the template proposes, each judged by the window round it, and the map: of every pixel in a window the greatest chance of
// a defect, and 0 elsewhere.
func (d *Detector) judge(stack *image.NRGBA) ([]Box, *Map, error) {
	w, h := stack.Rect.Dx(), stack.Rect.Dy()
	out := &Map{Width: w, Height: h, Values: make([]float32, w*h)}
	boxes := d.settings.Template.Propose(stack)
	c := &d.model.Config
	side, grid, k := c.ImageSize, c.Grid(), d.head.Out()
	at := make([]image.Point, len(boxes))
	for i := range boxes {
		at[i] = boxes[i].Middle().Sub(image.Pt(side/2, side/2))
	}
	smooth := newSmoother(grid, grid, side, side, 0)
	chances, bad, local := make([]float32, grid*grid*k), make([]float32, grid*grid), make([]float32, side*side)
	var space canvas
	err := d.windows(stack, at, func(i int, logits []float32) {
		kernels.Softmax(chances, logits, grid*grid, k)
		b := &boxes[i]
		core := d.settings.Template.core(b.Box, w, h)
		core.XMin, core.XMax = core.XMin-float64(at[i].X), core.XMax-float64(at[i].X)
		core.YMin, core.YMax = core.YMin-float64(at[i].Y), core.YMax-float64(at[i].Y)
		var best int
		best, b.Score = verdict(chances, core, grid, grid, k, c.PatchSize)
		b.Score *= deepest(stack, b.Box)
		b.Label = d.labels[best]
		for j := range bad {
			bad[j] = 1 - chances[j*k]
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

// core is a proposed box without its pad, but for the sides where the picture of w x h pixels has cut that.
func (t Template) core(b metrics.Box, w, h int) metrics.Box {
	pad := float64(t.Pad)
	if b.XMin > 0 {
		b.XMin += pad
	}
	if b.YMin > 0 {
		b.YMin += pad
	}
	if b.XMax < float64(w) {
		b.XMax -= pad
	}
	if b.YMax < float64(h) {
		b.YMax -= pad
	}
	return b
}

// verdict gives the number of the kind with the greatest sum of chances [R, C, 1+K] over the patches that a box touches, and their mean chance of a defect.
func verdict(chances []float32, b metrics.Box, rows, cols, k, patch int) (kind int, score float64) {
	sums, n := make([]float64, k), 0
	p := float64(patch)
	for r := max(0, int(b.YMin/p)); r < rows && float64(r)*p < b.YMax; r++ {
		for c := max(0, int(b.XMin/p)); c < cols && float64(c)*p < b.XMax; c++ {
			for i, v := range chances[(r*cols+c)*k:][:k] {
				sums[i] += float64(v)
			}
			n++
		}
	}
	best := 1
	for i := 2; i < k; i++ {
		if sums[i] > sums[best] {
			best = i
		}
	}
	return best - 1, 1 - sums[0]/float64(max(n, 1))
}

// deepest is the greatest difference in a box of a stack, 0 to 1. It tells a ragged edge from a defect where the chances leave that open.
func deepest(stack *image.NRGBA, b metrics.Box) float64 {
	most := uint8(0)
	for y := int(b.YMin); y < int(b.YMax); y++ {
		for x := int(b.XMin); x < int(b.XMax); x++ {
			most = max(most, stack.Pix[y*stack.Stride+4*x+2])
		}
	}
	return float64(most) / 255
}
