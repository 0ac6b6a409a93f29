package train

import (
	"cmp"
	"context"
	"fmt"
	"image"
	"slices"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/vision/dataset"
	"github.com/fmkit/fmkit/vision/picture"
)

// A marked picture is what is learnt from: the picture, or its stack with the template, and for every pixel the number of its kind of defect.
type marked struct {
	picture *image.NRGBA
	marks   *image.Gray // 0 is good
	boxes   []metrics.TrueBox
	places  []image.Point // that the template proposes
	cuts    []cut         // of its defects, to be pasted into windows of other pictures
	item    *dataset.Item
}

// vague says whether an item is known to be defective and nobody knows where.
func vague(it *dataset.Item) bool {
	return it.Mask == "" && len(it.Boxes) == 0 && it.Label != "" && it.Label != dataset.Good
}

// Kinds lists the kinds of defects of items, sorted: the labels of their boxes, and of defective pictures with a mask or without either. A box without a label is
// a "defect".
func Kinds(items []dataset.Item) []string {
	var all []string
	for i := range items {
		for _, b := range items[i].Boxes {
			all = append(all, cmp.Or(b.Label, inspector.Defect))
		}
		if items[i].Mask != "" || vague(&items[i]) {
			all = append(all, cmp.Or(items[i].Label, inspector.Defect))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// readMarked decodes items, and stacks them with their templates where s wants those. Where it doesn't, the templates show what there is to be pasted, if anything is.
func readMarked(ctx context.Context, items []dataset.Item, kinds []string, s *inspector.DetectorSettings, paste bool) ([]marked, error) {
	all := make([]marked, 0, len(items))
	read := func(i int, m *image.NRGBA) (one marked, err error) {
		it := &items[i]
		one.picture, one.item = m, it
		if one.marks, err = mark(it, m.Rect, kinds, s.Pad); err != nil {
			return one, err
		}
		one.boxes = trueBoxes(it, one.marks)
		switch {
		case s.Template != nil && it.Template == "":
			return one, fmt.Errorf("inspector: train: got no template, want one")
		case s.Template == nil && (it.Template == "" || !paste || len(one.boxes) == 0):
			return one, nil
		}
		template, err := picture.DecodeFile(it.Template, picture.Limits{})
		if err != nil {
			return one, err
		}
		if s.Template == nil {
			one.cuts, err = one.cutOut(template)
			return one, err
		}
		if one.picture, err = s.Template.Stack(m, template); err != nil {
			return one, err
		}
		for _, b := range s.Template.Propose(one.picture) {
			one.places = append(one.places, b.Middle())
		}
		return one, nil
	}
	for l, err := range dataset.Load(ctx, items, dataset.LoadOptions{}, read) {
		if err != nil {
			return nil, fmt.Errorf("inspector: train: %w", err)
		}
		all = append(all, l.Value)
	}
	return all, nil
}

// mark draws the mask of a picture, or all of one that is defective nobody knows where: what good pictures have too is then as likely good, and what they don't have is
// the defect. Then its boxes, less a pad but for their middle, the largest first, so that a small one inside a large one is seen.
func mark(it *dataset.Item, r image.Rectangle, kinds []string, pad int) (*image.Gray, error) {
	marks := image.NewGray(r)
	number := func(label string) (uint8, error) {
		i, ok := slices.BinarySearch(kinds, cmp.Or(label, inspector.Defect))
		if !ok {
			return 0, fmt.Errorf("inspector: train: kind: got %q, want one of %q", label, kinds)
		}
		return uint8(i + 1), nil
	}
	if it.Mask != "" {
		k, err := number(it.Label)
		if err != nil {
			return nil, err
		}
		m, err := picture.DecodeFile(it.Mask, picture.Limits{})
		if err != nil {
			return nil, err
		}
		if m.Rect != r {
			return nil, fmt.Errorf("inspector: train: mask: got %v, want %v", m.Rect.Size(), r.Size())
		}
		for i, v := range inspector.Gray(m).Pix {
			if v > 127 {
				marks.Pix[i] = k
			}
		}
	}
	if vague(it) {
		k, err := number(it.Label)
		if err != nil {
			return nil, err
		}
		for i := range marks.Pix {
			marks.Pix[i] = k
		}
	}
	boxes := slices.Clone(it.Boxes)
	slices.SortStableFunc(boxes, func(a, b dataset.Box) int { return cmp.Compare(b.Width*b.Height, a.Width*a.Height) })
	for _, b := range boxes {
		k, err := number(b.Label)
		if err != nil {
			return nil, err
		}
		x, y := min(pad, (b.Width-1)/2), min(pad, (b.Height-1)/2)
		in := image.Rect(b.X+x, b.Y+y, b.X+b.Width-x, b.Y+b.Height-y).Intersect(r)
		for y := in.Min.Y; y < in.Max.Y; y++ {
			row := marks.Pix[y*marks.Stride:]
			for x := in.Min.X; x < in.Max.X; x++ {
				row[x] = k
			}
		}
	}
	return marks, nil
}

// trueBoxes are the boxes of an item, or where it has a mask alone, those round the regions of the mask; all of a picture that is defective nobody
// knows where.
func trueBoxes(it *dataset.Item, marks *image.Gray) (all []metrics.TrueBox) {
	for _, b := range it.Boxes {
		x, y := float64(b.X), float64(b.Y)
		all = append(all, metrics.TrueBox{Class: cmp.Or(b.Label, inspector.Defect), Box: metrics.Box{XMin: x, YMin: y, XMax: x + float64(b.Width), YMax: y + float64(b.Height)}})
	}
	if vague(it) {
		w, h := float64(marks.Rect.Dx()), float64(marks.Rect.Dy())
		return []metrics.TrueBox{{Class: it.Label, Box: metrics.Box{XMax: w, YMax: h}}}
	}
	if len(it.Boxes) > 0 || it.Mask == "" {
		return all
	}
	w := marks.Rect.Dx()
	mask := make([]bool, len(marks.Pix))
	for i, v := range marks.Pix {
		mask[i] = v != 0
	}
	labels, n := metrics.Regions(nil, mask, w)
	boxes := make([]image.Rectangle, n)
	for i, l := range labels {
		if l > 0 {
			boxes[l-1] = boxes[l-1].Union(image.Rect(i%w, i/w, i%w+1, i/w+1))
		}
	}
	for _, b := range boxes {
		all = append(all, metrics.TrueBox{
			Class: cmp.Or(it.Label, inspector.Defect),
			Box:   metrics.Box{XMin: float64(b.Min.X), YMin: float64(b.Min.Y), XMax: float64(b.Max.X), YMax: float64(b.Max.Y)},
		})
	}
	return all
}
