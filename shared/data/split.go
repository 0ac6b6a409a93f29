package data

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/fmkit/fmkit/shared/random"
)

// Split divides 0..n-1 by seed into a training part and a held-back part of round(n*fraction) items, at least one of each when n
// allows it and 0 < fraction < 1. Both are in ascending order and have no item in common.
func Split(n int, fraction float64, seed uint64) (train, held []int) {
	h := int(math.Round(float64(n) * fraction))
	if fraction > 0 && fraction < 1 && n > 1 {
		h = min(max(h, 1), n-1)
	}
	h = min(max(h, 0), n)
	isHeld := make([]bool, n)
	for _, i := range random.Perm(random.Key(seed, "data.split"), n)[:h] {
		isHeld[i] = true
	}
	for i, b := range isHeld {
		if b {
			held = append(held, i)
		} else {
			train = append(train, i)
		}
	}
	return train, held
}

// SplitGroups is Split over groups: items of one group (an article, a meeting) stay on one side. fraction is of groups.
func SplitGroups[G comparable](groups []G, fraction float64, seed uint64) (train, held []int) {
	number := map[G]int{}
	for _, g := range groups {
		if _, ok := number[g]; !ok {
			number[g] = len(number)
		}
	}
	_, heldGroups := Split(len(number), fraction, seed)
	for i, g := range groups {
		if _, ok := slices.BinarySearch(heldGroups, number[g]); ok {
			held = append(held, i)
		} else {
			train = append(train, i)
		}
	}
	return train, held
}

// SplitStratified is Split within every class, so that both parts have each class in proportion. A class of one item is for training.
func SplitStratified[L cmp.Ordered](labels []L, fraction float64, seed uint64) (train, held []int) {
	for _, c := range classes(labels) {
		t, h := Split(len(c.items), fraction, random.Key(seed, fmt.Sprint("data.stratified/", c.label)))
		if len(c.items) == 1 {
			t, h = []int{0}, nil
		}
		for _, i := range t {
			train = append(train, c.items[i])
		}
		for _, i := range h {
			held = append(held, c.items[i])
		}
	}
	slices.Sort(train)
	slices.Sort(held)
	return train, held
}

// SplitItems divides items as Split does their numbers.
func SplitItems[E any](items []E, fraction float64, seed uint64) (train, held []E) {
	t, h := Split(len(items), fraction, seed)
	return Pick(items, t), Pick(items, h)
}

// Pick takes the items at the places that a split or a draw gives.
func Pick[E any](items []E, at []int) []E {
	picked := make([]E, len(at))
	for i, j := range at {
		picked[i] = items[j]
	}
	return picked
}

// Shots picks k examples of every class by seed, in ascending order. A class with fewer is an error that wraps ErrTooFewShots.
// What is picked of a class doesn't depend on the other classes, and k shots are among the k+1 shots of the same seed.
func Shots[L cmp.Ordered](labels []L, k int, seed uint64) ([]int, error) {
	if k < 1 {
		return nil, fmt.Errorf("data: shots: got %d, want at least 1", k)
	}
	if len(labels) == 0 {
		return nil, fmt.Errorf("data: shots: %w", ErrEmpty)
	}
	var picked []int
	for _, c := range classes(labels) {
		if len(c.items) < k {
			return nil, fmt.Errorf("data: shots: class %v: %w: got %d, want %d", c.label, ErrTooFewShots, len(c.items), k)
		}
		key := random.Key(seed, fmt.Sprint("data.shots/", c.label))
		for _, i := range random.Perm(key, len(c.items))[:k] {
			picked = append(picked, c.items[i])
		}
	}
	slices.Sort(picked)
	return picked, nil
}

type class[L cmp.Ordered] struct {
	label L
	items []int
}

// classes groups indices by label, in label order.
func classes[L cmp.Ordered](labels []L) []class[L] {
	at := map[L]int{}
	var all []class[L]
	for i, l := range labels {
		j, ok := at[l]
		if !ok {
			j = len(all)
			at[l] = j
			all = append(all, class[L]{label: l})
		}
		all[j].items = append(all[j].items, i)
	}
	slices.SortFunc(all, func(a, b class[L]) int { return cmp.Compare(a.label, b.label) })
	return all
}
