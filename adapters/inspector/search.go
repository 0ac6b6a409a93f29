package inspector

import (
	"image"

	"github.com/fmkit/fmkit/shared/metrics"
)

// search gives the regions of the map of chances of a defect over all of m, as boxes, and the map.
func (d *Detector) search(m *image.NRGBA) ([]Box, *Map, error) {
	chances, t, err := d.everywhere(m)
	if err != nil {
		return nil, nil, err
	}
	k, patch := d.head.Out(), d.model.Config.PatchSize
	bad := make([]float32, t.rows*t.cols)
	for i := range bad {
		bad[i] = 1 - chances[i*k]
	}
	w, h, wide := m.Rect.Dx(), m.Rect.Dy(), t.cols*patch
	whole := make([]float32, t.rows*patch*wide)
	newSmoother(t.rows, t.cols, t.rows*patch, wide, 0).apply(whole, bad, new(canvas))
	out := &Map{Width: w, Height: h, Values: make([]float32, w*h)}
	for y := range h {
		copy(out.Values[y*w:(y+1)*w], whole[y*wide:])
	}
	boxes := out.Regions(float32(d.settings.Level), d.settings.Join, d.settings.MinArea)
	pad := float64(d.settings.Pad)
	for i := range boxes {
		b := &boxes[i]
		kind, _ := verdict(chances, b.Box, t.rows, t.cols, k, patch)
		b.Label = d.labels[kind]
		if !d.settings.Highest {
			b.Score = b.sum
		}
		b.Box = metrics.Box{XMin: max(0, b.Box.XMin-pad), YMin: max(0, b.Box.YMin-pad), XMax: min(float64(w), b.Box.XMax+pad), YMax: min(float64(h), b.Box.YMax+pad)}
	}
	return boxes, out, nil
}
