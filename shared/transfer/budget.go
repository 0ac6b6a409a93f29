package transfer

import (
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/random"
)

// unit is what a budget counts.
func (s Subject[M, C, E, P]) unit() string {
	if s.Task.Label != nil {
		return "examples a class"
	}
	return "examples"
}

// draw takes so many examples, of each class where there are some.
func (s Subject[M, C, E, P]) draw(pool []E, budget int, seed uint64) ([]E, error) {
	if s.Task.Label == nil {
		return Draw(pool, budget, seed)
	}
	at, err := data.Shots(s.labels(pool), budget, seed)
	return data.Pick(pool, at), err
}

// Draw takes n examples by seed, in their order. Those of a smaller n are among those of a larger one.
func Draw[E any](pool []E, n int, seed uint64) ([]E, error) {
	if n > len(pool) {
		return nil, fmt.Errorf("transfer: %w: got %d examples, want %d", data.ErrTooFewShots, len(pool), n)
	}
	var at []int
	for _, i := range random.Perm(random.Key(seed, "transfer.draw"), len(pool))[:n] {
		at = append(at, int(i))
	}
	slices.Sort(at)
	return data.Pick(pool, at), nil
}

func (s Subject[M, C, E, P]) labels(examples []E) []string {
	all := make([]string, len(examples))
	for i, e := range examples {
		all[i] = s.Task.Label(e)
	}
	return all
}

// classes are the classes of examples, nil where there are none.
func (s Subject[M, C, E, P]) classes(examples []E) []string {
	if s.Task.Label == nil {
		return nil
	}
	return s.labels(examples)
}

// Budgets are a hundredth, a tenth and all of n labels; where they are of classes, one a label, of a class on average, as far as the smallest class has that many.
func Budgets(n int, classes []string) []int {
	most := n - 1
	if len(classes) > 0 {
		count := map[string]int{}
		for _, l := range classes {
			count[l]++
		}
		n /= len(count)
		for _, k := range count {
			most = min(most, k)
		}
	}
	var all []int
	for _, b := range []int{max(n/100, 1), max(n/10, 1)} {
		if b = min(b, most); b > 0 && b < n && !slices.Contains(all, b) {
			all = append(all, b)
		}
	}
	return append(all, All)
}
