package metrics

import (
	"fmt"
	"iter"
	"math"
	"slices"
)

// DefaultFPRLimit is up to where AUPRO integrates: Bergmann et al., "The MVTec anomaly detection dataset", IJCV 2021.
const DefaultFPRLimit = 0.3

// A PixelMap is what an inspector says about the pixels of one picture, [H, W] in row order, and the truth about them.
type PixelMap struct {
	Scores []float32 // higher is worse
	Mask   []bool    // true where there is a defect; nil means nowhere
	Width  int
}

// PixelScore is the outcome of PixelScores.
type PixelScore struct {
	AUROC   float64 // over all pixels of all pictures, ties counting half
	AUPRO   float64 // per-region overlap against false positive rate, up to the limit, over the limit
	Regions int     // 8-connected regions of the masks
}

// PixelScores computes both scores exactly, over the distinct scores of all pixels. It goes through maps twice, which must be the same both times,
// and keeps 8 bytes for every defective pixel and nothing for the rest, so pictures may be made as they are asked for.
//
// The overlap of regions at a threshold is the mean over regions of the share of a region's pixels at or above it. So it is a true positive rate in
// which a pixel weighs the inverse of its region's size, and between two thresholds both curves are straight lines.
func PixelScores(maps iter.Seq[PixelMap], limit float64) (PixelScore, error) {
	if !(limit > 0 && limit <= 1) {
		return PixelScore{}, fmt.Errorf("metrics: pixels: limit: got %g, want above 0 and at most 1", limit)
	}
	d, err := collectDefects(maps)
	if err != nil {
		return PixelScore{}, err
	}
	if err := d.countGood(maps); err != nil {
		return PixelScore{}, err
	}
	return PixelScore{AUROC: d.auroc(), AUPRO: d.aupro(limit), Regions: d.regions}, nil
}

// defects are the distinct scores of defective pixels, ascending, with what stands at each.
type defects struct {
	keys    []uint32
	pixels  []uint64  // defective pixels
	overlap []float64 // by how much the mean overlap grows
	ties    []uint64  // good pixels of the same score
	gaps    []uint64  // good pixels below key i and above key i-1; one more than keys
	first   []int32   // by the upper half of a key, the first of keys that is not below it
	regions int
	defect  uint64
	good    uint64
}

func collectDefects(maps iter.Seq[PixelMap]) (*defects, error) {
	var pixels []uint64 // key and region
	var sizes []float64
	var labels []int32
	d := &defects{}
	at := 0
	for m := range maps {
		if err := m.check(at); err != nil {
			return nil, err
		}
		at++
		if m.Mask == nil {
			continue
		}
		var n int
		labels, n = Regions(labels, m.Mask, m.Width)
		base := len(sizes)
		sizes = append(sizes, make([]float64, n)...)
		for i, l := range labels {
			if l > 0 {
				r := base + int(l) - 1
				sizes[r]++
				pixels = append(pixels, uint64(orderedKey(m.Scores[i]))<<32|uint64(r))
			}
		}
	}
	if len(pixels) == 0 {
		return nil, fmt.Errorf("metrics: pixels: got no defective pixel in %d pictures, want at least one", at)
	}
	slices.Sort(pixels)
	d.defect, d.regions = uint64(len(pixels)), len(sizes)
	for i, p := range pixels {
		key := uint32(p >> 32)
		if i == 0 || key != d.keys[len(d.keys)-1] {
			d.keys, d.pixels, d.overlap = append(d.keys, key), append(d.pixels, 0), append(d.overlap, 0)
		}
		last := len(d.keys) - 1
		d.pixels[last]++
		d.overlap[last] += 1 / (sizes[uint32(p)] * float64(len(sizes)))
	}
	d.ties, d.gaps = make([]uint64, len(d.keys)), make([]uint64, len(d.keys)+1)
	d.first = make([]int32, 1<<16+1)
	k := 0
	for hi := range d.first {
		for k < len(d.keys) && d.keys[k]>>16 < uint32(hi) {
			k++
		}
		d.first[hi] = int32(k)
	}
	return d, nil
}

func (m PixelMap) check(at int) error {
	if m.Width < 1 || len(m.Scores) == 0 || len(m.Scores)%m.Width != 0 {
		return fmt.Errorf("metrics: pixels: picture %d: got %d scores of width %d, want whole rows", at, len(m.Scores), m.Width)
	}
	if m.Mask != nil && len(m.Mask) != len(m.Scores) {
		return fmt.Errorf("metrics: pixels: picture %d: got a mask of %d pixels, want %d", at, len(m.Mask), len(m.Scores))
	}
	for i, s := range m.Scores {
		if s != s {
			return fmt.Errorf("metrics: pixels: picture %d: score %d is NaN", at, i)
		}
	}
	return nil
}

func (d *defects) countGood(maps iter.Seq[PixelMap]) error {
	var defect uint64
	at := 0
	for m := range maps {
		if err := m.check(at); err != nil {
			return err
		}
		at++
		for i, s := range m.Scores {
			if m.Mask != nil && m.Mask[i] {
				defect++
				continue
			}
			key := orderedKey(s)
			lo, hi := d.first[key>>16], d.first[key>>16+1]
			for lo < hi {
				if mid := (lo + hi) / 2; d.keys[mid] < key {
					lo = mid + 1
				} else {
					hi = mid
				}
			}
			if int(lo) < len(d.keys) && d.keys[lo] == key {
				d.ties[lo]++
			} else {
				d.gaps[lo]++
			}
			d.good++
		}
	}
	if defect != d.defect {
		return fmt.Errorf("metrics: pixels: got %d defective pixels at the second look, want %d again", defect, d.defect)
	}
	if d.good == 0 {
		return fmt.Errorf("metrics: pixels: got no good pixel in %d pictures, want at least one", at)
	}
	return nil
}

func (d *defects) auroc() float64 {
	var twice, below uint64 // whole numbers: no rounding before the division
	for i, n := range d.pixels {
		below += d.gaps[i]
		twice += n * (2*below + d.ties[i])
		below += d.ties[i]
	}
	return float64(twice) / 2 / float64(d.defect) / float64(d.good)
}

func (d *defects) aupro(limit float64) float64 {
	end := float64(limit * float64(d.good))
	var area, x, y float64
	// line goes on by dx good pixels, while the overlap grows by dy, as far as end.
	line := func(dx, dy float64) {
		if x >= end || dx == 0 {
			y += dy
			return
		}
		if x+dx > end {
			dy *= (end - x) / dx
			dx = end - x
		}
		area += float64(dx * (y + dy/2))
		x += dx
		y += dy
	}
	for i := len(d.keys) - 1; i >= 0; i-- {
		line(float64(d.gaps[i+1]), 0)
		line(float64(d.ties[i]), d.overlap[i])
	}
	line(float64(d.gaps[0]), 0)
	return area / end
}

// orderedKey maps float32 to numbers of the same order; both zeros are one.
func orderedKey(f float32) uint32 {
	b := math.Float32bits(f + 0) // -0 + 0 = +0
	if b>>31 == 1 {
		return ^b
	}
	return b | 1<<31
}
