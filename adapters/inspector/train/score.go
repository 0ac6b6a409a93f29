package train

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/vision/dataset"
)

// Boxes are the true and the found boxes of some pictures, for package metrics.
type Boxes struct {
	Images int
	Truth  []metrics.TrueBox
	Found  []metrics.FoundBox
}

// Inspect lets d look at items, and gives the true boxes, the boxes that d finds from the given score on, and for every picture its map, where pixels isn't nil.
func Inspect(ctx context.Context, d *inspector.Detector, items []dataset.Item, score float64, pixels func(metrics.PixelMap)) (Boxes, error) {
	s := d.Settings()
	s.Score = score
	d, err := d.With(s)
	if err != nil {
		return Boxes{}, err
	}
	all := Boxes{Images: len(items)}
	kinds := d.Labels()
	for i := range items {
		m, err := readMarked(ctx, items[i:i+1], kinds, &s)
		if err != nil {
			return Boxes{}, err
		}
		if err := all.look(d, &m[0], i, pixels); err != nil {
			return Boxes{}, fmt.Errorf("inspector: train: %s: %w", items[i].ID, err)
		}
	}
	return all, nil
}

// look adds picture number i.
func (b *Boxes) look(d *inspector.Detector, m *marked, i int, pixels func(metrics.PixelMap)) error {
	a, err := d.InspectStack(m.picture)
	if err != nil {
		return err
	}
	for _, t := range m.boxes {
		t.Image = i
		b.Truth = append(b.Truth, t)
	}
	for _, f := range a.Boxes {
		b.Found = append(b.Found, metrics.FoundBox{Image: i, Class: f.Label, Box: f.Box, Score: f.Score})
	}
	if pixels != nil {
		mask := make([]bool, len(m.marks.Pix))
		for j, v := range m.marks.Pix {
			mask[j] = v != 0
		}
		pixels(metrics.PixelMap{Scores: a.Map.Values, Mask: mask, Width: a.Map.Width})
	}
	return nil
}
