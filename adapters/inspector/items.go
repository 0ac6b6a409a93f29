package inspector

import (
	"context"
	"fmt"
	"image"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/vision/dataset"
	"github.com/fmkit/fmkit/vision/picture"
)

// Nominal picks the good pictures of a data set that an inspector may learn from: those labelled good, of data with splits in train only. Pictures of a data
// set without any label all count as good.
func Nominal(items []dataset.Item) []dataset.Item {
	if train := dataset.InSplit(items, "train"); len(train) > 0 {
		items = train
	}
	labelled := false
	for i := range items {
		labelled = labelled || items[i].Label != ""
	}
	var good []dataset.Item
	for _, it := range items {
		if it.Label == dataset.Good || !labelled {
			good = append(good, it)
		}
	}
	return good
}

// Tests picks the pictures to score an inspector on: those of split test or, of data without splits, all.
func Tests(items []dataset.Item) []dataset.Item {
	if test := dataset.InSplit(items, "test"); len(test) > 0 {
		return test
	}
	return items
}

// Items are pictures of a data set as a model sees them.
type Items struct {
	Items   []dataset.Item
	Windows *Windows
}

// Len implements Pictures.
func (s Items) Len() int { return len(s.Items) }

// Read implements Pictures.
func (s Items) Read(pixels []float32, i int) error {
	m, err := s.Items[i].Picture(picture.Limits{})
	if err != nil {
		return err
	}
	return s.Windows.Process(pixels, m)
}

// openItems lists the pictures at path and picks some.
func openItems(path string, pick func([]dataset.Item) []dataset.Item) ([]dataset.Item, error) {
	set, err := dataset.Open(path)
	if err != nil {
		return nil, fmt.Errorf("inspector: %w", err)
	}
	items := pick(set.Items)
	if len(items) == 0 {
		return nil, fmt.Errorf("inspector: %s: got %d pictures and none of them good to learn from: %w", path, len(set.Items), data.ErrEmpty)
	}
	return items, nil
}

// eachPicture decodes the pictures of items one after the other, several at a time, and hands each to one, in order.
func eachPicture(ctx context.Context, items []dataset.Item, one func(i int, m *image.NRGBA) error) error {
	for l, err := range dataset.Load(ctx, items, dataset.LoadOptions{}, func(_ int, m *image.NRGBA) (*image.NRGBA, error) { return m, nil }) {
		if err != nil {
			return fmt.Errorf("inspector: %w", err)
		}
		if err := one(l.Index, l.Value); err != nil {
			return fmt.Errorf("inspector: %s: %w", items[l.Index].ID, err)
		}
	}
	return nil
}
