package train_test

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/adapters/policy"
	"github.com/fmkit/fmkit/adapters/policy/train"
	"github.com/fmkit/fmkit/shared/adapter"
)

// A pole on a cart, from random weights: it is kept upright for all of the 500 steps.
func ExampleAdapt() {
	c := train.Default(train.Online, "CartPole-v1")
	c.Method, c.Steps, c.Episodes = adapter.Scratch, 30_000, 0
	p, _, err := train.Adapt(context.Background(), nil, nil, c, train.Options{}) // Options.Out is where its folder goes
	if err != nil {
		panic(err)
	}
	s, err := policy.Evaluate(context.Background(), []*policy.Policy{p}, "CartPole-v1", policy.EvaluateOptions{Episodes: 10})
	if err != nil {
		panic(err)
	}
	fmt.Println(s.MeanReturn > 450)
	// Output:
	// true
}
