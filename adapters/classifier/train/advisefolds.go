package train

import (
	"maps"
	"slices"

	"github.com/fmkit/fmkit/shared/transfer"
)

// sample takes some examples of every class, as evenly as the sample has room for, without classes of one example, and gives each a fold.
func (p *Probe[E]) sample() (sample []E, fold []int) {
	all := labelsOf(p.Examples, p.Label)
	count := map[string]int{}
	for _, l := range all {
		count[l]++
	}
	var at []int
	if k := max(p.Sample/max(len(count), 1), 2); len(all) > p.Sample {
		for _, l := range slices.Sorted(maps.Keys(count)) {
			var own []int
			for i, other := range all {
				if other == l {
					own = append(own, i)
				}
			}
			some, err := transfer.Draw(own, min(k, len(own)), p.Seed)
			if err == nil {
				at = append(at, some...)
			}
		}
		slices.Sort(at)
	} else {
		for i := range all {
			at = append(at, i)
		}
	}
	next := map[string]int{}
	for _, i := range at {
		if count[all[i]] < 2 {
			continue
		}
		sample, fold = append(sample, p.Examples[i]), append(fold, (next[all[i]]+len(next))%folds)
		next[all[i]]++
	}
	return sample, fold
}

func labelsOf[E any](examples []E, label func(E) string) []string {
	all := make([]string, len(examples))
	for i, e := range examples {
		all[i] = label(e)
	}
	return all
}

// crossed calls fit for every fold, with the numbers of the examples of the others and of its own, and gathers what is right.
func crossed(fold []int, fit func(train, held []int) ([]float64, error)) ([]float64, error) {
	right := make([]float64, len(fold))
	for f := range folds {
		var train, held []int
		for i, g := range fold {
			if g == f {
				held = append(held, i)
			} else {
				train = append(train, i)
			}
		}
		if len(train) == 0 || len(held) == 0 {
			continue
		}
		got, err := fit(train, held)
		if err != nil {
			return nil, err
		}
		for j, i := range held {
			right[i] = got[j]
		}
	}
	return right, nil
}
