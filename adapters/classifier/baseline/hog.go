package baseline

import (
	"fmt"
	"math"
)

// HOG says how pictures become histograms of oriented gradients (Dalal and Triggs, "Histograms of oriented gradients for human detection", 2005), as
// scikit-image's hog computes them: cells without interpolation between them, blocks that overlap by all cells but one, normalised by L2-Hys. Zero fields
// have the defaults in brackets.
type HOG struct {
	Side         int `json:"side"`         // pixels of a side of the pictures
	Channels     int `json:"channels"`     // 3, of which every pixel has the gradient of the steepest, or 1 [1]
	Orientations int `json:"orientations"` // bins of 180 degrees [9]
	Cell         int `json:"cell"`         // pixels of a side [8]
	Block        int `json:"block"`        // cells of a side [2]
}

func (h HOG) filled() HOG {
	for _, f := range []struct {
		to *int
		by int
	}{{&h.Channels, 1}, {&h.Orientations, 9}, {&h.Cell, 8}, {&h.Block, 2}} {
		if *f.to == 0 {
			*f.to = f.by
		}
	}
	return h
}

// Validate reports what is out of range.
func (h HOG) Validate() error {
	h = h.filled()
	if h.Channels != 1 && h.Channels != 3 {
		return fmt.Errorf("baseline: hog: channels: got %d, want 1 or 3", h.Channels)
	}
	if h.Orientations < 1 || h.Orientations > 180 || h.Cell < 1 || h.Block < 1 || h.Side < 3 || h.Side > 4096 || h.cells() < h.Block {
		return fmt.Errorf("baseline: hog: got %d orientations, cells of %d pixels and blocks of %d cells in pictures of %d pixels, want 1 to 180, and a block in every picture",
			h.Orientations, h.Cell, h.Block, h.Side)
	}
	return nil
}

func (h HOG) cells() int  { return h.Side / h.Cell }
func (h HOG) blocks() int { return h.cells() - h.Block + 1 }

// Size is the number of values of a picture.
func (h HOG) Size() int {
	h = h.filled()
	return h.blocks() * h.blocks() * h.Block * h.Block * h.Orientations
}

// String names the features for a report.
func (h HOG) String() string {
	h = h.filled()
	return fmt.Sprintf("hog of %d orientations, cells of %d pixels, blocks of %d", h.Orientations, h.Cell, h.Block)
}

// Describe sets dst, of Size values, to the histograms of a picture's levels [C, S, S]: by block, by cell of the block, by orientation.
func (h HOG) Describe(dst []float64, levels []byte) error {
	if err := h.Validate(); err != nil {
		return err
	}
	h = h.filled()
	if len(dst) != h.Size() || len(levels) != h.Channels*h.Side*h.Side {
		return fmt.Errorf("baseline: hog: got room for %d values of %d levels, want %d of %d", len(dst), len(levels), h.Size(), h.Channels*h.Side*h.Side)
	}
	cells := h.histograms(levels)
	per := h.Block * h.Block * h.Orientations
	for y := range h.blocks() {
		for x := range h.blocks() {
			block := dst[:per]
			dst = dst[per:]
			for row := range h.Block {
				copy(block[row*h.Block*h.Orientations:][:h.Block*h.Orientations], cells[((y+row)*h.cells()+x)*h.Orientations:])
			}
			normalise(block)
			for i, v := range block {
				block[i] = min(v, 0.2)
			}
			normalise(block)
		}
	}
	return nil
}

// histograms gives the mean magnitude of the gradients of every cell, by orientation.
func (h HOG) histograms(levels []byte) []float64 {
	bounds := h.bounds()
	n, side := h.cells(), h.cells()*h.Cell
	cells, area := make([]float64, n*n*h.Orientations), float64(h.Cell*h.Cell)
	for y := range side {
		for x := range side {
			dx, dy := h.gradient(levels, y, x)
			if dx == 0 && dy == 0 {
				continue
			}
			cell := (y/h.Cell*n + x/h.Cell) * h.Orientations
			cells[cell+bin(bounds, dx, dy)] += math.Sqrt(float64(dx*dx+dy*dy)) / area
		}
	}
	return cells
}

// gradient is the difference of the pixels on both sides, 0 at the border, of the channel where it is longest, the first of equals.
func (h HOG) gradient(levels []byte, y, x int) (dx, dy int) {
	plane := h.Side * h.Side
	for c := range h.Channels {
		at := c*plane + y*h.Side + x
		gx, gy := 0, 0
		if x > 0 && x < h.Side-1 {
			gx = int(levels[at+1]) - int(levels[at-1])
		}
		if y > 0 && y < h.Side-1 {
			gy = int(levels[at+h.Side]) - int(levels[at-h.Side])
		}
		if c == 0 || gx*gx+gy*gy > dx*dx+dy*dy {
			dx, dy = gx, gy
		}
	}
	return dx, dy
}

// bounds gives cosine and sine of the angle at which every bin but the first begins. They are rounded to what is the same on every machine, and exact for
// 45 and 90 degrees, which gradients of whole numbers can have.
func (h HOG) bounds() [][2]float64 {
	all := make([][2]float64, h.Orientations-1)
	for i := range all {
		sin, cos := math.Sincos(math.Pi * float64(i+1) / float64(h.Orientations))
		all[i] = [2]float64{math.Round(cos*1e12) / 1e12, math.Round(sin*1e12) / 1e12}
	}
	return all
}

// bin is that of a gradient's direction, opposite directions being the same: the number of bounds that aren't beyond it.
func bin(bounds [][2]float64, dx, dy int) int {
	if dy < 0 || dy == 0 && dx < 0 {
		dx, dy = -dx, -dy
	}
	n := 0
	for n < len(bounds) && float64(bounds[n][0]*float64(dy)) >= float64(bounds[n][1]*float64(dx)) {
		n++
	}
	return n
}

// normalise scales x to length 1, or less where it is nearly 0.
func normalise(x []float64) {
	const eps = 1e-5
	sum := eps * eps
	for _, v := range x {
		sum += float64(v * v)
	}
	scale := math.Sqrt(sum)
	for i := range x {
		x[i] /= scale
	}
}
