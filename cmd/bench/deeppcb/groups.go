package main

import (
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/vision/dataset"
)

// items are the pictures with templates and, where no template is shown, the good ones too, which there is something to learn from then; and their groups, sorted.
func (b *bench) items() (items []dataset.Item, groups []string, err error) {
	set, err := dataset.Open(b.data)
	if err != nil {
		return nil, nil, err
	}
	for _, it := range set.Items {
		if it.Template != "" || !b.template {
			items, groups = append(items, it), append(groups, it.Group)
		}
	}
	slices.Sort(groups)
	groups = slices.Compact(groups)
	if len(groups) < 3 {
		return nil, nil, fmt.Errorf("%s: got %d groups with templates, want at least 3", b.data, len(groups))
	}
	return items, groups, nil
}

// left are the groups that fold i doesn't train on: it tests on the last of them.
func (b *bench) left(groups []string, i int) []string {
	left := []string{groups[i]}
	if b.inner {
		left = append(left, groups[(i+1)%len(groups)])
	}
	return left
}

// divide gives what a fold learns from and what it is tested on: the pictures with defects.
func divide(items []dataset.Item, left []string) (learn, test []dataset.Item) {
	for _, it := range items {
		switch {
		case it.Group == left[len(left)-1]:
			if it.Template != "" {
				test = append(test, it)
			}
		case !slices.Contains(left, it.Group):
			learn = append(learn, it)
		}
	}
	return learn, test
}
