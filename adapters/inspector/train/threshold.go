package train

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/dataset"
)

// parts divides items into folds by seed: whole groups, where every picture has one, else pictures, those of one label evenly. It gives each item's part.
func parts(items []dataset.Item, folds int, seed uint64) []int {
	name := func(it *dataset.Item) string { return it.ID }
	if grouped(items) {
		name = func(it *dataset.Item) string { return it.Group }
	}
	type unit struct {
		label, name string
		key         uint64
	}
	var units []unit
	seen := map[string]bool{}
	for i := range items {
		n := name(&items[i])
		if seen[n] {
			continue
		}
		seen[n] = true
		u := unit{name: n, key: random.Key(seed, "inspector.folds/"+n)}
		if n == items[i].ID {
			u.label = items[i].Label
		}
		units = append(units, u)
	}
	slices.SortFunc(units, func(a, b unit) int {
		return cmp.Or(cmp.Compare(a.label, b.label), cmp.Compare(a.key, b.key), cmp.Compare(a.name, b.name))
	})
	of := map[string]int{}
	for i, u := range units {
		of[u.name] = i % folds
	}
	part := make([]int, len(items))
	for i := range items {
		part[i] = of[name(&items[i])]
	}
	return part
}

// crossFit looks at every picture with a detector trained without its part, and gives all boxes.
func crossFit(ctx context.Context, base *vision.Model, pictures []marked, kinds []string, c Config, o Options, r recipe) (Boxes, error) {
	items := make([]dataset.Item, len(pictures))
	for i := range pictures {
		items[i] = *pictures[i].item
	}
	part := parts(items, c.Folds, c.Train.Seed)
	var all Boxes
	for k := range c.Folds {
		var others, held []marked
		for i, m := range pictures {
			if part[i] == k {
				held = append(held, m)
			} else {
				others = append(others, m)
			}
		}
		if len(held) == 0 {
			continue
		}
		run := ""
		if o.Run != "" {
			run = filepath.Join(o.Run, fmt.Sprintf("fold-%d", k+1))
		}
		f, err := fit(ctx, base, others, kinds, c, o, run, r)
		if err != nil {
			return all, fmt.Errorf("fold %d of %d: %w", k+1, c.Folds, err)
		}
		d, err := anyScore(f.detector)
		if err != nil {
			return all, err
		}
		for i := range held {
			if ctx.Err() != nil {
				return all, context.Cause(ctx)
			}
			if err := all.look(d, &held[i], nil); err != nil {
				return all, err
			}
		}
	}
	return all, nil
}

// Threshold is the lowest score from which on the found boxes have at most perImage false ones a picture.
//
// Pictures of one group, such as a kind of board, have much the same false boxes, and a new group others. Where every picture has a group and there are several, the mean
// over the groups and a further one, of twice perImage, may be at most perImage, each group counting up to twice perImage: so the chance is held over
// groups that are drawn alike, a new one among them (conformal risk control; Angelopoulos et al., 2022). That is on average over trainings; a group may have more.
func (b *Boxes) Threshold(perImage, iou float64) float64 {
	wrong := b.wrong(iou)
	groups := map[string]float64{} // pictures
	for i := range b.Images {
		groups[b.group(i)]++
	}
	allowed := int(math.Floor(float64(perImage*float64(b.Images)) + 1e-9))
	_, bare := groups[""]
	byGroup := !bare && len(groups) > 1
	count, risk := map[string]float64{}, 0.0
	most := float64(2 * perImage)
	for n, f := range wrong {
		g := b.group(f.Image)
		before := min(most, count[g]/groups[g])
		count[g]++
		risk += min(most, count[g]/groups[g]) - before
		if n >= allowed || byGroup && risk > perImage*float64(len(groups)-1)+1e-9 {
			return math.Nextafter(f.Score, math.Inf(1))
		}
	}
	return 0
}

// wrong lists the false boxes, the surest first.
func (b *Boxes) wrong(iou float64) (all []metrics.FoundBox) {
	for i, is := range b.Match(0, iou).False {
		if is {
			all = append(all, b.Found[i])
		}
	}
	slices.SortStableFunc(all, func(x, y metrics.FoundBox) int { return cmp.Compare(y.Score, x.Score) })
	return all
}

// decide gives d the thresholds that boxes of pictures, on which it or its like was not trained, set.
func decide(d *inspector.Detector, boxes *Boxes, c *Config) (*inspector.Detector, error) {
	if len(boxes.Truth) == 0 {
		return nil, fmt.Errorf("inspector: train: threshold: %w: got no defect in %d held-back pictures, want one", metrics.ErrEmpty, boxes.Images)
	}
	s := d.Settings()
	s.Score, s.Certain = boxes.Threshold(c.FalseBoxes, c.IoU), 0
	if c.Abstain > 0 {
		s.Certain = min(s.Score, boxes.Threshold(c.FalseBoxes+c.Abstain, c.IoU))
	}
	return d.With(s)
}
