package transfer_test

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/transfer"
)

// Two arms learn whether numbers are even: one starts with what it has to know, the other learns it number by number.
func ExampleComparison() {
	var numbers []int
	for i := range 200 {
		numbers = append(numbers, i)
	}
	arm := func(name string, knows func(train []int, x int) bool) transfer.Arm[int] {
		return transfer.Arm[int]{
			Name: name, Choices: []string{"the only one"},
			Fit: func(_ context.Context, train []int, _ int, _ uint64) (*transfer.Model[int], error) {
				return &transfer.Model[int]{Answer: func(_ context.Context, test []int) (func() ([]metrics.Ratio, error), error) {
					return func() ([]metrics.Ratio, error) {
						right := make([]float64, len(test))
						for i, x := range test {
							if knows(train, x) {
								right[i] = 1
							}
						}
						return metrics.Ratios(right), nil
					}, nil
				}}, nil
			},
		}
	}
	report, err := transfer.Comparison[int]{
		Metric: "accuracy", Unit: "examples", Pool: numbers[:100], Test: numbers[100:], Seeds: 1, Budgets: []int{10, transfer.All}, Draw: transfer.Draw[int],
		Arms: []transfer.Arm[int]{
			arm(transfer.Scratch, func(train []int, x int) bool { return x%100 < len(train)/2 }),
			arm(transfer.Full, func(train []int, x int) bool { return x%100 < 40+len(train)/2 }),
		},
	}.Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	saved := report.Saved[0]
	fmt.Printf("%s with %.0f of %d labels\n", saved.Reached, saved.Labels, saved.Of)
	// Output: reached with 13 of 100 labels
}
