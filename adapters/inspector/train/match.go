package train

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/metrics"
)

// A Match says which boxes belong together.
type Match struct {
	Hit   []bool // true boxes that are found
	Named []bool // and called by their kind
	False []bool // found boxes that have no true box, or one that a surer box has
}

// Match gives every found box with at least the given score, the surest first, the true box that it overlaps most, as PASCAL VOC does, if no other has that
// and their IoU is at least iou. The kinds don't matter. Where it isn't known where a picture is defective, its surest box is right wherever it is, and the others
// aren't wrong.
func (b *Boxes) Match(score, iou float64) Match {
	m := Match{make([]bool, len(b.Truth)), make([]bool, len(b.Truth)), make([]bool, len(b.Found))}
	of := make([][]int, b.Images)
	for i, t := range b.Truth {
		of[t.Image] = append(of[t.Image], i)
	}
	order := make([]int, len(b.Found))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(x, y int) int { return cmp.Compare(b.Found[y].Score, b.Found[x].Score) })
	for _, i := range order {
		f := &b.Found[i]
		if f.Score < score {
			break
		}
		best, most := -1, 0.0
		for _, j := range of[f.Image] {
			if v := b.Truth[j].Box.IoU(f.Box); v > most {
				best, most = j, v
			}
		}
		if b.vague(f.Image) {
			if best = of[f.Image][0]; !m.Hit[best] {
				m.Hit[best], m.Named[best] = true, b.Truth[best].Class == f.Class
			}
			continue
		}
		if best < 0 || m.Hit[best] || most < iou {
			m.False[i] = true
			continue
		}
		m.Hit[best], m.Named[best] = true, b.Truth[best].Class == f.Class
	}
	return m
}

// Scores are recall (true boxes found), named (found and called by their kind) and false_per_image, of the found boxes with at least the given score. The 95 % intervals
// are over pictures drawn anew.
func (b *Boxes) Scores(score, iou float64) (adapter.Scores, error) {
	m := b.Match(score, iou)
	truths, hits, named, wrong := make([]float64, b.Images), make([]float64, b.Images), make([]float64, b.Images), make([]float64, b.Images)
	for i, t := range b.Truth {
		truths[t.Image]++
		hits[t.Image] += one(m.Hit[i])
		named[t.Image] += one(m.Named[i])
	}
	for i, f := range b.Found {
		wrong[f.Image] += one(m.False[i])
	}
	ones := slices.Repeat([]float64{1}, b.Images)
	s := adapter.Scores{N: b.Images, Values: map[string]float64{}, Interval: map[string][2]float64{}}
	for _, c := range []struct {
		name        string
		over, under []float64
	}{{"recall", hits, truths}, {"named", named, truths}, {"false_per_image", wrong, ones}} {
		i, err := metrics.BootstrapFunc(b.Images, scoreSeed, func(items []int32) float64 {
			var over, under float64
			for _, k := range items {
				over += c.over[k]
				under += c.under[k]
			}
			return over / max(under, 1)
		})
		if err != nil {
			return adapter.Scores{}, fmt.Errorf("inspector: train: %s: %w", c.name, err)
		}
		s.Values[c.name], s.Interval[c.name] = i.Mean, [2]float64{i.Low, i.High}
	}
	return s, nil
}

// scoreSeed draws the pictures of intervals: the same for every detector, so that intervals compare.
const scoreSeed = 1

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// Places are the boxes without their kinds, for the scores of package metrics by place alone.
func (b *Boxes) Places() Boxes {
	p := Boxes{Images: b.Images, Group: b.Group, Vague: b.Vague, Truth: append([]metrics.TrueBox(nil), b.Truth...), Found: append([]metrics.FoundBox(nil), b.Found...)}
	for i := range p.Truth {
		p.Truth[i].Class = ""
	}
	for i := range p.Found {
		p.Found[i].Class = ""
	}
	return p
}
