package dataset

import (
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/shared/data"
)

// Labels gives the label of every item.
func Labels(items []Item) []string {
	labels := make([]string, len(items))
	for i := range items {
		labels[i] = items[i].Label
	}
	return labels
}

// Classes gives the labels that occur, sorted, each once. A class is known to a model by its place in here.
func Classes(items []Item) []string {
	labels := Labels(items)
	slices.Sort(labels)
	return slices.Compact(labels)
}

// InSplit gives the items of a split that the data set comes with, in order.
func InSplit(items []Item, split string) []Item {
	var in []Item
	for _, it := range items {
		if it.Split == split {
			in = append(in, it)
		}
	}
	return in
}

// HoldOut divides items by seed into a training part and a held-back fraction of every class, see data.SplitStratified. Both keep the order.
func HoldOut(items []Item, fraction float64, seed uint64) (train, held []Item) {
	t, h := data.SplitStratified(Labels(items), fraction, seed)
	return data.Pick(items, t), data.Pick(items, h)
}

// HoldOutGroups is HoldOut over groups: items of one group stay on one side, fraction is of groups. An item with no group is an error.
func HoldOutGroups(items []Item, fraction float64, seed uint64) (train, held []Item, err error) {
	groups := make([]string, len(items))
	for i := range items {
		if groups[i] = items[i].Group; groups[i] == "" {
			return nil, nil, fmt.Errorf("dataset: split by group: %s has no group", items[i].ID)
		}
	}
	t, h := data.SplitGroups(groups, fraction, seed)
	return data.Pick(items, t), data.Pick(items, h), nil
}

// Shots picks k items of every class by seed, in order, see data.Shots.
func Shots(items []Item, k int, seed uint64) ([]Item, error) {
	at, err := data.Shots(Labels(items), k, seed)
	if err != nil {
		return nil, err
	}
	return data.Pick(items, at), nil
}
