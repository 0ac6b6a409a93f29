package inspector

import (
	"fmt"
	"math"
	"slices"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/metrics"
)

// pixelBins are the levels of score to which a bootstrap of pixels is held; the scores themselves are exact.
const pixelBins = 200

// A spread is how the pixels of a picture lie over the levels, the highest first.
type spread struct {
	good, bad, overlap [pixelBins]float64 // overlap: of regions, each of weight 1
	regions            float64
}

// Maps are those of the pictures that have one.
func Maps(all []Judged) (maps []metrics.PixelMap) {
	for _, j := range all {
		if j.Map != nil {
			maps = append(maps, *j.Map)
		}
	}
	return maps
}

// PixelScores gives pixel_AUROC and AUPRO of maps, with their intervals, which draw pictures anew, with all their pixels.
func PixelScores(all []metrics.PixelMap) (adapter.Scores, error) {
	s := adapter.Scores{N: len(all), Values: map[string]float64{}, Interval: map[string][2]float64{}}
	err := scorePixels(all, func(name string, i metrics.Interval, err error) error {
		if err != nil {
			return fmt.Errorf("inspector: %s: %w", name, err)
		}
		s.Values[name], s.Interval[name] = i.Mean, [2]float64{i.Low, i.High}
		return nil
	})
	return s, err
}

// scorePixels puts pixel_AUROC and AUPRO.
func scorePixels(all []metrics.PixelMap, put func(string, metrics.Interval, error) error) error {
	exact, err := metrics.PixelScores(slices.Values(all), metrics.DefaultFPRLimit)
	if err != nil {
		return put("pixel_AUROC", metrics.Interval{}, err)
	}
	levels := pixelLevels(all)
	spreads := make([]spread, len(all))
	for i, j := range all {
		spreads[i].fill(j, levels)
	}
	for _, m := range []struct {
		name  string
		exact float64
		of    func(s *spread) float64
	}{{"pixel_AUROC", exact.AUROC, (*spread).auroc}, {"AUPRO", exact.AUPRO, (*spread).aupro}} {
		i, err := metrics.BootstrapFunc(len(all), adapter.BootstrapSeed, func(items []int32) float64 {
			var sum spread
			for _, k := range items {
				sum.add(&spreads[k])
			}
			return m.of(&sum)
		})
		off := m.exact - i.Mean // what the levels lose
		if err := put(m.name, metrics.Interval{Mean: m.exact, Low: max(0, min(1, i.Low+off)), High: max(0, min(1, i.High+off))}, err); err != nil {
			return err
		}
	}
	return nil
}

// pixelLevels are scores that cut some of the good and some of the defective pixels into parts of equal number, falling.
func pixelLevels(all []metrics.PixelMap) []float32 {
	var kinds [2][]float32
	for _, j := range all {
		for i := 0; i < len(j.Scores); i++ {
			if j.Mask != nil && j.Mask[i] {
				kinds[1] = append(kinds[1], j.Scores[i])
			} else if i%37 == 0 {
				kinds[0] = append(kinds[0], j.Scores[i])
			}
		}
	}
	var levels []float32
	for _, scores := range kinds {
		slices.Sort(scores)
		for k := range pixelBins / 2 {
			if len(scores) > 0 {
				levels = append(levels, scores[k*len(scores)/(pixelBins/2)])
			}
		}
	}
	slices.Sort(levels)
	slices.Reverse(levels)
	return levels
}

func (s *spread) fill(j metrics.PixelMap, levels []float32) {
	var labels []int32
	var sizes []float64
	if j.Mask != nil {
		n := 0
		labels, n = metrics.Regions(nil, j.Mask, j.Width)
		sizes = make([]float64, n+1)
		for _, l := range labels {
			sizes[l]++
		}
		s.regions = float64(n)
	}
	for i, v := range j.Scores {
		at, _ := slices.BinarySearchFunc(levels, v, func(level, v float32) int {
			if level > v {
				return -1
			}
			return 1
		})
		at = min(at, pixelBins-1)
		if j.Mask != nil && j.Mask[i] {
			s.bad[at]++
			s.overlap[at] += 1 / sizes[labels[i]]
		} else {
			s.good[at]++
		}
	}
}

func (s *spread) add(o *spread) {
	for k := range pixelBins {
		s.good[k] += o.good[k]
		s.bad[k] += o.bad[k]
		s.overlap[k] += o.overlap[k]
	}
	s.regions += o.regions
}

func (s *spread) auroc() float64 {
	var area, above, good float64
	for k, g := range s.good {
		area += float64(g * (above + s.bad[k]/2))
		above += s.bad[k]
		good += g
	}
	if above == 0 || good == 0 { // a draw without a defect
		return 0.5
	}
	return area / above / good
}

func (s *spread) aupro() float64 {
	var good, x, y, area float64
	for _, g := range s.good {
		good += g
	}
	end := float64(metrics.DefaultFPRLimit * good)
	if s.regions == 0 || end == 0 {
		return 0
	}
	for k, g := range s.good {
		dy := s.overlap[k] / s.regions
		if part := min(g, max(0, end-x)); g > 0 {
			area += float64(part * (y + float64(dy*part/g)/2))
		}
		x += g
		y += dy
	}
	return math.Min(1, area/end)
}
