package graph_test

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/graph"
	"github.com/fmkit/fmkit/shared/nn"
)

// A classifier of single words, trained until it knows them.
func ExampleGraph_Step() {
	embedding, err := nn.NewEmbedding("", nn.EmbeddingConfig{Vocab: 4, D: 8, Positions: 2, Eps: 1e-12})
	if err != nil {
		panic(err)
	}
	loss := nn.NewClassifierLoss("classifier", 8, 2, 0)
	params := append(embedding.Params(), loss.Params()...)
	for _, p := range params {
		p.Init(1)
	}
	g := graph.New(embedding, &nn.Pool{Pooling: nn.PoolMean, D: 8}, loss)
	opt := graph.NewAdamW(params, graph.AdamWConfig{WeightDecay: 0.01})

	b := &nn.Batch{B: 4, T: 1}
	embedding.IDs, loss.Labels = []int32{0, 1, 2, 3}, []int32{0, 1, 1, 0}
	for range 100 {
		nn.ZeroGrad(params)
		if _, err := g.Step(b); err != nil {
			panic(err)
		}
		scale, _ := graph.ClipScale(params, 1, 1)
		if err := opt.Update(0.02, scale); err != nil {
			panic(err)
		}
	}
	l, err := g.Loss(b)
	fmt.Println(l < 0.01, err)
	// Output: true <nil>
}
