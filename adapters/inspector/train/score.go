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
	Group  []string `json:",omitempty"` // of every picture; "" or nil: none
	Vague  []bool   `json:",omitempty"` // of every picture: it is defective, nobody knows where, and its true box is all of it; nil: none is
}

// vague says whether it isn't known where picture i is defective.
func (b *Boxes) vague(i int) bool { return i < len(b.Vague) && b.Vague[i] }

// group is that of picture i.
func (b *Boxes) group(i int) string {
	if i < len(b.Group) {
		return b.Group[i]
	}
	return ""
}

// Join adds the pictures of o.
func (b *Boxes) Join(o *Boxes) {
	for _, t := range o.Truth {
		t.Image += b.Images
		b.Truth = append(b.Truth, t)
	}
	for _, f := range o.Found {
		f.Image += b.Images
		b.Found = append(b.Found, f)
	}
	for i := range o.Images {
		b.Group = append(b.Group, o.group(i))
		b.Vague = append(b.Vague, o.vague(i))
	}
	b.Images += o.Images
}

// Inspect lets d look at items, and gives the true boxes and all boxes that d finds, whatever their score. It hands the answer to every picture to each, where that isn't
// nil, with its true defective pixels [H, W].
func Inspect(ctx context.Context, d *inspector.Detector, items []dataset.Item, each func(a *inspector.Answer, mask []bool)) (Boxes, error) {
	d, err := anyScore(d)
	if err != nil {
		return Boxes{}, err
	}
	var all Boxes
	kinds, s := d.Labels(), d.Settings()
	for i := range items {
		m, err := readMarked(ctx, items[i:i+1], kinds, &s, false)
		if err != nil {
			return Boxes{}, err
		}
		if err := all.look(d, &m[0], each); err != nil {
			return Boxes{}, err
		}
	}
	return all, nil
}

// anyScore is d reporting boxes of any score.
func anyScore(d *inspector.Detector) (*inspector.Detector, error) {
	s := d.Settings()
	s.Score, s.Certain = 0, 0
	return d.With(s)
}

// look adds a picture.
func (b *Boxes) look(d *inspector.Detector, m *marked, each func(a *inspector.Answer, mask []bool)) error {
	a, err := d.InspectStack(m.picture)
	if err != nil {
		return fmt.Errorf("inspector: train: %s: %w", m.item.ID, err)
	}
	for _, t := range m.boxes {
		t.Image = b.Images
		b.Truth = append(b.Truth, t)
	}
	for _, f := range a.Boxes {
		b.Found = append(b.Found, metrics.FoundBox{Image: b.Images, Class: f.Label, Box: f.Box, Score: f.Score})
	}
	b.Group, b.Vague = append(b.Group, m.item.Group), append(b.Vague, vague(m.item))
	b.Images++
	if each != nil {
		mask := make([]bool, len(m.marks.Pix))
		for j, v := range m.marks.Pix {
			mask[j] = v != 0
		}
		each(a, mask)
	}
	return nil
}
