package baseline

import (
	"fmt"
	"image"
	"slices"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/shared/metrics"
)

// Level is the score that a share of the patches of good pictures has at most: with 1 the highest of them.
func (p *PCA) Level(good []*image.Gray, share float64) (float32, error) {
	if !(share > 0 && share <= 1) || len(good) == 0 {
		return 0, fmt.Errorf("baseline: pca: level: got %d pictures and the share %g, want at least 1 and a share above 0 up to 1", len(good), share)
	}
	var all []float32
	for i, m := range good {
		_, patches, err := p.Score(m)
		if err != nil {
			return 0, fmt.Errorf("picture %d: %w", i, err)
		}
		all = append(all, patches.Values...)
	}
	slices.Sort(all)
	return all[min(len(all)-1, int(share*float64(len(all))))], nil
}

// Boxes gives the boxes, in pixels, of the regions of the scores of patches above level, the worst first: a patch stands for the square of a stride in its middle, and the score is that of the
// region's worst patch.
func (p *PCA) Boxes(patches *inspector.Map, level float32) []inspector.Box {
	all := patches.Regions(level, 0, 1)
	stride, edge := float64(p.options.Stride), float64(p.options.Patch-p.options.Stride)/2
	for i, b := range all {
		all[i].Box = metrics.Box{XMin: b.Box.XMin*stride + edge, YMin: b.Box.YMin*stride + edge, XMax: b.Box.XMax*stride + edge, YMax: b.Box.YMax*stride + edge}
	}
	return all
}
