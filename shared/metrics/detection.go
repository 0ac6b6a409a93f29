package metrics

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// A Box is a rectangle in pixels, its right and lower edges outside.
type Box struct {
	XMin float64 `json:"xmin"`
	YMin float64 `json:"ymin"`
	XMax float64 `json:"xmax"`
	YMax float64 `json:"ymax"`
}

// Area in square pixels; 0 for a box without an inside.
func (b Box) Area() float64 { return max(0, b.XMax-b.XMin) * max(0, b.YMax-b.YMin) }

// IoU is the area that two boxes share over the area that they cover.
func (b Box) IoU(o Box) float64 {
	shared := Box{max(b.XMin, o.XMin), max(b.YMin, o.YMin), min(b.XMax, o.XMax), min(b.YMax, o.YMax)}.Area()
	if shared == 0 {
		return 0
	}
	return shared / (b.Area() + o.Area() - shared)
}

// A TrueBox is where a picture has a defect. Class is empty where classes don't matter.
type TrueBox struct {
	Image int
	Class string
	Box   Box
}

// A FoundBox is where a detector says that a picture has a defect. Score may be any number, higher is surer.
type FoundBox struct {
	Image int
	Class string
	Box   Box
	Score float64
}

// matched are found boxes, surest first, each with the true box that it hits or -1.
type matched struct {
	found []FoundBox
	hits  []int
}

// match pairs boxes as the PASCAL VOC development kit does: in falling order of score a box takes the true box of its picture and class that it
// overlaps most; it is false if that overlap is below iou or the true box was taken before.
func match(truth []TrueBox, found []FoundBox, iou float64) (matched, error) {
	if !(iou > 0 && iou <= 1) {
		return matched{}, fmt.Errorf("metrics: boxes: IoU: got %g, want above 0 and at most 1", iou)
	}
	if len(truth) == 0 {
		return matched{}, fmt.Errorf("metrics: boxes: %w", ErrEmpty)
	}
	type place struct {
		image int
		class string
	}
	at := map[place][]int{}
	for i, t := range truth {
		p := place{t.Image, t.Class}
		at[p] = append(at[p], i)
	}
	m := matched{found: slices.Clone(found), hits: make([]int, len(found))}
	for i, f := range found {
		if math.IsNaN(f.Score) {
			return matched{}, fmt.Errorf("metrics: boxes: score %d is NaN", i)
		}
	}
	slices.SortFunc(m.found, func(a, b FoundBox) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Image, b.Image), cmp.Compare(a.Class, b.Class),
			cmp.Compare(a.Box.YMin, b.Box.YMin), cmp.Compare(a.Box.XMin, b.Box.XMin), cmp.Compare(a.Box.YMax, b.Box.YMax), cmp.Compare(a.Box.XMax, b.Box.XMax))
	})
	taken := make([]bool, len(truth))
	for k, f := range m.found {
		best, most := -1, 0.0
		for _, i := range at[place{f.Image, f.Class}] {
			if o := truth[i].Box.IoU(f.Box); o > most {
				best, most = i, o
			}
		}
		if best >= 0 && most >= iou && !taken[best] {
			taken[best] = true
		} else {
			best = -1
		}
		m.hits[k] = best
	}
	return m, nil
}

// MeanAveragePrecision is the mean over the classes of truth of the area under the interpolated curve of precision against recall (all points,
// PASCAL VOC 2010), where a found box counts as right at the given IoU. Boxes of one score are called together. perClass goes by the sorted names.
// A box of a class that is nowhere in truth is not counted.
func MeanAveragePrecision(truth []TrueBox, found []FoundBox, iou float64) (mean float64, classes []string, perClass []float64, err error) {
	m, err := match(truth, found, iou)
	if err != nil {
		return 0, nil, nil, err
	}
	boxes := map[string]int{}
	for _, t := range truth {
		boxes[t.Class]++
	}
	for c := range boxes {
		classes = append(classes, c)
	}
	slices.Sort(classes)
	for _, c := range classes {
		perClass = append(perClass, m.averagePrecision(c, boxes[c]))
	}
	return Mean(perClass), classes, perClass, nil
}

func (m matched) averagePrecision(class string, boxes int) float64 {
	var recall, precision []float64
	tp, called := 0, 0
	last := math.NaN()
	for k, f := range m.found {
		if f.Class != class {
			continue
		}
		called++
		if m.hits[k] >= 0 {
			tp++
		}
		if f.Score != last {
			recall, precision = append(recall, 0), append(precision, 0)
			last = f.Score
		}
		recall[len(recall)-1], precision[len(precision)-1] = float64(tp)/float64(boxes), float64(tp)/float64(called)
	}
	var area, envelope float64
	for k := len(recall) - 1; k >= 0; k-- {
		envelope = max(envelope, precision[k])
		before := 0.0
		if k > 0 {
			before = recall[k-1]
		}
		area += float64((recall[k] - before) * envelope)
	}
	return area
}

// BoxRecall is a point of the curve of recall against false boxes.
type BoxRecall struct {
	Recall        float64
	FalsePerImage float64
	Threshold     float64 // a box is called from this score on; +Inf where none is
	Found         []bool  // which of the true boxes are found
}

// RecallAtFalseBoxes is the best recall of true boxes over the thresholds that give at most perImage false boxes an image, on average over all
// images. A box without a class matches true boxes without one.
func RecallAtFalseBoxes(truth []TrueBox, found []FoundBox, images int, perImage, iou float64) (BoxRecall, error) {
	if images < 1 {
		return BoxRecall{}, fmt.Errorf("metrics: boxes: images: got %d, want at least 1", images)
	}
	m, err := match(truth, found, iou)
	if err != nil {
		return BoxRecall{}, err
	}
	r := BoxRecall{Threshold: math.Inf(1), Found: make([]bool, len(truth))}
	right, wrong := 0, 0
	for from := 0; from < len(m.found); {
		to := from
		for ; to < len(m.found) && m.found[to].Score == m.found[from].Score; to++ {
			if m.hits[to] < 0 {
				wrong++
			}
		}
		if float64(wrong) > perImage*float64(images) {
			break
		}
		for ; from < to; from++ {
			if m.hits[from] >= 0 {
				r.Found[m.hits[from]] = true
				right++
			}
		}
		r.FalsePerImage, r.Threshold = float64(wrong)/float64(images), m.found[to-1].Score
	}
	r.Recall = float64(right) / float64(len(truth))
	return r, nil
}
