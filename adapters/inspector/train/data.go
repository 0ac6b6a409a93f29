package train

import (
	"context"
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/vision/dataset"
)

// Data are the pictures of a training.
type Data struct {
	Train []dataset.Item
	Held  []dataset.Item // not trained on, see Config.Held; nil: a fraction of the others
	Path  string         // where the pictures to train on come from; empty: a program
	Eval  string         // where Held comes from; empty: a program, or out of the others
}

// ReadData lists the pictures at path, in a layout of package dataset, that the recipe c learns from, and those at eval, empty for none, that are held back.
//
// Where the data have splits and marked or labelled defects in train, train it is; of MVTec folders, which have defects under test alone, the good ones
// of train and the defective ones of test. Of the defective ones Config.Shots of each label are picked. A recipe that compares with templates learns from pictures that
// have one.
func ReadData(path, eval string, c Config) (Data, error) {
	if err := c.Validate(); err != nil {
		return Data{}, err
	}
	set, err := dataset.Open(path)
	if err != nil {
		return Data{}, fmt.Errorf("inspector: train: %w", err)
	}
	d := Data{Path: path, Eval: eval}
	if d.Train, err = learnable(set.Items, &c); err != nil {
		return Data{}, fmt.Errorf("inspector: train: %s: %w", path, err)
	}
	if eval == "" {
		return d, nil
	}
	if set, err = dataset.Open(eval); err != nil {
		return Data{}, fmt.Errorf("inspector: train: %w", err)
	}
	d.Held = Comparable(inspector.Tests(set.Items), c.Detector.Template != nil)
	return d, nil
}

// learnable picks what a recipe learns from.
func learnable(items []dataset.Item, c *Config) ([]dataset.Item, error) {
	if train := dataset.InSplit(items, "train"); slices.ContainsFunc(train, defective) {
		items = train
	} else if len(train) > 0 {
		items = slices.DeleteFunc(slices.Clone(items), func(it dataset.Item) bool { return it.Split != "train" && !defective(it) })
	}
	items = Comparable(items, c.Detector.Template != nil)
	if c.Shots == 0 {
		return items, nil
	}
	bad := slices.DeleteFunc(slices.Clone(items), func(it dataset.Item) bool { return !defective(it) })
	good := slices.DeleteFunc(slices.Clone(items), defective)
	at, err := data.Shots(dataset.Labels(bad), c.Shots, c.Train.Seed)
	if err != nil {
		return nil, err
	}
	return append(good, data.Pick(bad, at)...), nil
}

// defective says whether something is known to be wrong with a picture.
func defective(it dataset.Item) bool {
	return it.Mask != "" || len(it.Boxes) > 0 || it.Label != "" && it.Label != dataset.Good
}

// Comparable picks the pictures that a detector can look at: with templates those that have one.
func Comparable(items []dataset.Item, templates bool) []dataset.Item {
	if !templates {
		return items
	}
	return slices.DeleteFunc(slices.Clone(items), func(it dataset.Item) bool { return it.Template == "" })
}

// hold divides items into those to train on and a fraction that is held back: of the groups, where every picture has one, else of every class.
func hold(items []dataset.Item, fraction float64, seed uint64) (train, held []dataset.Item, err error) {
	if grouped(items) {
		return dataset.HoldOutGroups(items, fraction, seed)
	}
	train, held = dataset.HoldOut(items, fraction, seed)
	return train, held, nil
}

// grouped says whether items are of at least two groups, and each of one.
func grouped(items []dataset.Item) bool {
	several := false
	for _, it := range items {
		if it.Group == "" {
			return false
		}
		several = several || it.Group != items[0].Group
	}
	return several
}

// sources describe the pictures.
func (d *Data) sources(ctx context.Context) (all []adapter.Source, err error) {
	for _, part := range []struct {
		role, path string
		items      []dataset.Item
	}{{"train", d.Path, d.Train}, {"eval", d.Eval, d.Held}} {
		if len(part.items) == 0 {
			continue
		}
		h, err := dataset.Hash(ctx, part.role, part.items)
		if err != nil {
			return nil, fmt.Errorf("inspector: train: %w", err)
		}
		all = append(all, adapter.Source{Role: part.role, Path: part.path, SHA256: "sha256:" + h.SHA256})
	}
	return all, nil
}
