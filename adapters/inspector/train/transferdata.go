package train

import (
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/dataset"
)

// A Holding says which pictures a comparison is scored on. The first that is set decides.
type Holding struct {
	Eval     string  // those at this path, of split test where they have splits
	Group    string  // those of this group
	Fraction float64 // whole groups, where every picture has one; else of the defective pictures of each label, and of the good ones those of split test or as many
}

// Templates says whether pictures are to be compared with templates: some have one and the base reads three channels.
func Templates(base *vision.Model, items []dataset.Item) bool {
	return base.Config.Channels == 3 && slices.ContainsFunc(items, func(it dataset.Item) bool { return it.Template != "" })
}

// ReadTransfer lists the pictures at path that a comparison learns from and those that it is scored on, as Data.Held; with those that have templates alone where the base compares with them.
func ReadTransfer(path string, base *vision.Model, h Holding) (Data, error) {
	set, err := dataset.Open(path)
	if err != nil {
		return Data{}, fmt.Errorf("inspector: train: %w", err)
	}
	templates := Templates(base, set.Items)
	d, items := Data{Path: path, Eval: h.Eval}, Comparable(set.Items, templates)
	switch {
	case h.Eval != "":
		held, err := dataset.Open(h.Eval)
		if err != nil {
			return Data{}, fmt.Errorf("inspector: train: %w", err)
		}
		c := Default(templates)
		if d.Train, err = learnable(set.Items, &c); err != nil {
			return Data{}, fmt.Errorf("inspector: train: %s: %w", path, err)
		}
		d.Held = Comparable(inspector.Tests(held.Items), templates)
	case h.Group != "":
		for _, it := range items {
			if it.Group == h.Group {
				d.Held = append(d.Held, it)
			} else {
				d.Train = append(d.Train, it)
			}
		}
	case grouped(items):
		if d.Train, d.Held, err = dataset.HoldOutGroups(items, h.Fraction, holdSeed); err != nil {
			return Data{}, fmt.Errorf("inspector: train: %s: %w", path, err)
		}
	default:
		d.Train, d.Held = holdTests(items, h.Fraction)
	}
	if len(d.Train) == 0 || len(d.Held) == 0 {
		return Data{}, fmt.Errorf("inspector: train: %s: got %d pictures to learn from and %d to score on, want both: %w", path, len(d.Train), len(d.Held), data.ErrEmpty)
	}
	return d, nil
}

// holdSeed divides pictures into those to learn from and those to score on: the same for every comparison.
const holdSeed = 1

// holdTests holds back a fraction of the defective pictures of each label, and the good ones of split test, or where there are none the fraction of the good ones.
func holdTests(items []dataset.Item, fraction float64) (learn, held []dataset.Item) {
	var good, bad, tests []dataset.Item
	for _, it := range items {
		switch {
		case defective(it):
			bad = append(bad, it)
		case it.Split == "test":
			tests = append(tests, it)
		default:
			good = append(good, it)
		}
	}
	learn, held = dataset.HoldOut(bad, fraction, holdSeed)
	if len(tests) == 0 {
		good, tests = dataset.HoldOut(good, fraction, holdSeed)
	}
	return append(good, learn...), append(tests, held...)
}
