package inspector

import (
	"context"
	"fmt"
	"image"
	"slices"

	"github.com/fmkit/fmkit/shared/adapter"
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

// Defects picks k defective pictures of every label by seed, to name kinds of defects after: of data with splits those of train, if it has any. A label with fewer is an
// error that wraps data.ErrTooFewShots.
func Defects(items []dataset.Item, k int, seed uint64) ([]dataset.Item, error) {
	good := func(it dataset.Item) bool { return it.Label == "" || it.Label == dataset.Good }
	bad := slices.DeleteFunc(slices.Clone(items), good)
	if train := dataset.InSplit(bad, "train"); len(train) > 0 {
		bad = train
	}
	at, err := data.Shots(dataset.Labels(bad), k, seed)
	if err != nil {
		return nil, fmt.Errorf("inspector: defective pictures: %w", err)
	}
	return data.Pick(bad, at), nil
}

// learnt picks of the pictures at path what an inspector with the settings s learns from: good ones, and defective ones for their names.
func learnt(path string, s *Settings) (good, bad []dataset.Item, err error) {
	set, err := dataset.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("inspector: %w", err)
	}
	if good = Nominal(set.Items); len(good) == 0 {
		return nil, nil, fmt.Errorf("inspector: %s: got %d pictures and none of them good to learn from: %w", path, len(set.Items), data.ErrEmpty)
	}
	if s.Names > 0 {
		if bad, err = Defects(set.Items, s.Names, s.Seed); err != nil {
			return nil, nil, fmt.Errorf("%w (in %s)", err, path)
		}
	}
	return good, bad, nil
}

// sources describe what an inspector has learnt from.
func sources(ctx context.Context, path string, good, bad []dataset.Item) (all []adapter.Source, err error) {
	for _, part := range []struct {
		role  string
		items []dataset.Item
	}{{"train", good}, {"defects", bad}} {
		if len(part.items) == 0 {
			continue
		}
		h, err := dataset.Hash(ctx, path, part.items)
		if err != nil {
			return nil, fmt.Errorf("inspector: %w", err)
		}
		all = append(all, adapter.Source{Role: part.role, Path: path, SHA256: "sha256:" + h.SHA256})
	}
	return all, nil
}

// Unseen leaves out of items the defective pictures that p names kinds after, where they are these. The pictures may be elsewhere, or others by now.
func (p *Inspector) Unseen(items []dataset.Item) []dataset.Item {
	if p.passport == nil || p.settings.Names == 0 || len(p.passport.Data) == 0 {
		return items
	}
	_, bad, err := learnt(p.passport.Data[0].Path, &p.settings)
	if err != nil {
		return items
	}
	seen := map[string]bool{}
	for i := range bad {
		seen[bad[i].Path] = true
	}
	return slices.DeleteFunc(slices.Clone(items), func(it dataset.Item) bool { return seen[it.Path] })
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
