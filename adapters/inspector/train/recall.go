package train

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/vision/dataset"
)

// Names of the recalls that a Finding has.
const (
	BoxRecall     = "recall of boxes at one false box a picture"
	PictureRecall = "recall of pictures at one false alarm in a hundred good ones"
)

// A Finding is what somebody says of some pictures: how bad each is and where its defects are. Its recalls don't depend on a threshold of theirs.
type Finding struct {
	Bad    []bool    // which pictures are defective
	Scores []float64 // of the pictures
	Boxes  Boxes     // with the true ones; empty: only the pictures are judged
}

// judge notes which pictures are defective.
func (f *Finding) judge(items []dataset.Item) {
	for i := range items {
		f.Bad = append(f.Bad, defective(items[i]))
	}
}

// OfBoxes gives the defects found over those there are in every picture, at the threshold of one false box a picture on these very pictures. A box counts as right from an IoU on.
func (f *Finding) OfBoxes(iou float64) []metrics.Ratio {
	all := make([]metrics.Ratio, len(f.Bad))
	m := f.Boxes.Match(pooled(&f.Boxes, iou), iou)
	for i, t := range f.Boxes.Truth {
		all[t.Image].Den++
		all[t.Image].Num += one(m.Hit[i])
	}
	return all
}

// pooled is the threshold of one false box a picture over these pictures themselves: of a group, no room is left for others.
func pooled(b *Boxes, iou float64) float64 {
	one := *b
	one.Group = nil
	return one.Threshold(1, iou)
}

// OfPictures gives the defective pictures found over those there are, at the threshold of one false alarm in a hundred of the good ones among these very pictures: of fewer, none.
func (f *Finding) OfPictures() ([]metrics.Ratio, error) {
	ranking, err := metrics.Rank(f.Bad, f.Scores)
	if err != nil {
		return nil, fmt.Errorf("inspector: train: recall of pictures: %w", err)
	}
	_, threshold := ranking.RecallAt(0.01)
	all := make([]metrics.Ratio, len(f.Bad))
	for i, bad := range f.Bad {
		if bad {
			all[i] = metrics.Ratio{Num: one(f.Scores[i] >= threshold), Den: 1}
		}
	}
	return all, nil
}
