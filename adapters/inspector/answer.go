package inspector

import (
	"cmp"
	"math"
	"slices"

	"github.com/fmkit/fmkit/shared/metrics"
)

// Verdicts.
const (
	OK      = "ok"
	Defect  = "defect"
	Abstain = "abstain" // neither is certain
)

// An Answer says what an inspector thinks of a picture. Coordinates are pixels of the features' input, or of the test picture of a Template.
type Answer struct {
	Label     string   `json:"label"` // OK, Defect or Abstain
	Score     float64  `json:"score"` // higher is worse
	Threshold *float64 `json:"threshold"`
	Class     string   `json:"class,omitempty"` // kind of defect, where it is known
	Boxes     []Box    `json:"boxes"`
	Map       *Map     `json:"-"`
}

// A Box is a place of a defect, as Hugging Face's object-detection pipeline gives it.
type Box struct {
	Score float64     `json:"score"` // highest value of the map inside, or what a Template makes of it
	Label string      `json:"label"`
	Box   metrics.Box `json:"box"`
	Area  int         `json:"area"` // pixels of the region, not of the box
	sum   float64     // of the map in the region
}

// A Map has a value for every pixel, [H, W] in row order: higher is worse.
type Map struct {
	Width, Height int
	Values        []float32
}

// Regions are the 8-connected regions of at least minArea pixels above a threshold, each with the box round it, the highest first. Regions with at
// most 2 join pixels between them, along both axes, are one.
func (m *Map) Regions(threshold float32, join, minArea int) []Box {
	mask := make([]bool, len(m.Values))
	for i, v := range m.Values {
		mask[i] = v > threshold
	}
	labels, n := metrics.Regions(nil, grow(mask, m.Width, join), m.Width)
	all := make([]Box, n)
	for i := range all {
		all[i] = Box{Label: Defect, Score: math.Inf(-1), Box: metrics.Box{XMin: math.Inf(1), YMin: math.Inf(1)}}
	}
	for i, in := range mask {
		if !in {
			continue
		}
		b, v := &all[labels[i]-1], float64(m.Values[i])
		x, y := float64(i%m.Width), float64(i/m.Width)
		b.Box = metrics.Box{XMin: min(b.Box.XMin, x), YMin: min(b.Box.YMin, y), XMax: max(b.Box.XMax, x+1), YMax: max(b.Box.YMax, y+1)}
		b.Score = max(b.Score, v)
		b.sum += v
		b.Area++
	}
	all = slices.DeleteFunc(all, func(b Box) bool { return b.Area < minArea })
	slices.SortStableFunc(all, func(a, b Box) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(b.Area, a.Area)) })
	return all
}

// grow gives mask [H, W] with every pixel widened to a square of 2 radius + 1.
func grow(mask []bool, width, radius int) []bool {
	if radius == 0 || len(mask) == 0 {
		return mask
	}
	spread := func(n, stride int, starts func(yield func(int) bool)) []bool {
		out := make([]bool, len(mask))
		for start := range starts {
			until := -1 // past the last place that a pixel reaches
			for i := -radius; i < n; i++ {
				if ahead := i + radius; ahead < n && mask[start+ahead*stride] {
					until = ahead + radius
				}
				if i >= 0 && i <= until {
					out[start+i*stride] = true
				}
			}
		}
		return out
	}
	height := len(mask) / width
	mask = spread(width, 1, func(yield func(int) bool) {
		for y := 0; y < height && yield(y*width); y++ {
		}
	})
	return spread(height, width, func(yield func(int) bool) {
		for x := 0; x < width && yield(x); x++ {
		}
	})
}
