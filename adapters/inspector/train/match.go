package train

import (
	"cmp"
	"math"
	"slices"

	"github.com/fmkit/fmkit/shared/metrics"
)

// A Match says which boxes belong together.
type Match struct {
	Hit   []bool // true boxes that are found
	Named []bool // and called by their kind
	False []bool // found boxes that have no true box, or one that a surer box has
}

// Match gives every found box with at least the given score, the surest first, the true box that it overlaps most, as PASCAL VOC does, if no other has that
// and their IoU is at least iou. The kinds don't matter.
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
		if best < 0 || m.Hit[best] || most < iou {
			m.False[i] = true
			continue
		}
		m.Hit[best], m.Named[best] = true, b.Truth[best].Class == f.Class
	}
	return m
}

// Threshold is the lowest score from which on the found boxes have at most perImage false ones a picture, on average.
func (b *Boxes) Threshold(perImage, iou float64) float64 {
	var scores []float64
	for i, wrong := range b.Match(0, iou).False {
		if wrong {
			scores = append(scores, b.Found[i].Score)
		}
	}
	slices.SortFunc(scores, func(x, y float64) int { return cmp.Compare(y, x) })
	allowed := int(math.Floor(float64(perImage*float64(b.Images)) + 1e-9))
	if allowed >= len(scores) {
		return 0
	}
	return math.Nextafter(scores[allowed], math.Inf(1))
}

// scores counts the hits and false boxes of a picture.
func (b *Boxes) scores(score, iou float64) map[string]float64 {
	m := b.Match(score, iou)
	return map[string]float64{"recall": share(m.Hit, len(b.Truth)), "named": share(m.Named, len(b.Truth)), "false_per_image": share(m.False, b.Images)}
}

// share is how many are true, of n.
func share(all []bool, n int) float64 {
	k := 0
	for _, v := range all {
		if v {
			k++
		}
	}
	return float64(k) / float64(max(n, 1))
}

// Places are the boxes without their kinds, for the scores of package metrics by place alone.
func (b *Boxes) Places() Boxes {
	p := Boxes{Images: b.Images, Truth: append([]metrics.TrueBox(nil), b.Truth...), Found: append([]metrics.FoundBox(nil), b.Found...)}
	for i := range p.Truth {
		p.Truth[i].Class = ""
	}
	for i := range p.Found {
		p.Found[i].Class = ""
	}
	return p
}
