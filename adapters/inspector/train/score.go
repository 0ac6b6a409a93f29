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

// Inspect lets d look at items, and gives the true boxes, the boxes that d finds from the given score on, and hands the answer to every picture to each, where that isn't nil, with
// its true defective pixels [H, W].
func Inspect(ctx context.Context, d *inspector.Detector, items []dataset.Item, score float64, each func(a *inspector.Answer, mask []bool)) (Boxes, error) {
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
		all.Group, all.Vague = append(all.Group, items[i].Group), append(all.Vague, vague(&items[i]))
		if err := all.look(d, &m[0], i, each); err != nil {
			return Boxes{}, fmt.Errorf("inspector: train: %s: %w", items[i].ID, err)
		}
	}
	return all, nil
}

// look adds picture number i.
func (b *Boxes) look(d *inspector.Detector, m *marked, i int, each func(a *inspector.Answer, mask []bool)) error {
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
	if each != nil {
		mask := make([]bool, len(m.marks.Pix))
		for j, v := range m.marks.Pix {
			mask[j] = v != 0
		}
		each(a, mask)
	}
	return nil
}
