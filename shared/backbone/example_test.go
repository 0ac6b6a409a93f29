package backbone_test

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/nn"
)

func ExampleNew() {
	c, err := backbone.Preset("tiny")
	if err != nil {
		panic(err)
	}
	e, err := backbone.New(c, "bert.")
	if err != nil {
		panic(err)
	}
	e.Init(1)
	p := e.Params()[0]
	fmt.Println(p.Name, p.Shape, len(e.Sublayers()))
	// Output: bert.encoder.layer.0.attention.self.query.weight [128 128] 4
}

func ExampleEncoder_Snapshot() {
	c, _ := backbone.Preset("tiny")
	e, err := backbone.New(c, "")
	if err != nil {
		panic(err)
	}
	e.Init(1)
	s := e.Snapshot()
	x := make([]float32, 2*5*c.Hidden) // two samples of up to five tokens
	x[0] = 1
	b := &nn.Batch{B: 2, T: 5, Lengths: []int32{5, 3}}
	if err := s.Forward(x, x, b); err != nil {
		panic(err)
	}
	fmt.Println(x[0] != 1, x[len(x)-1]) // the last position is padding
	// Output: true 0
}

func ExampleInference_Decode() {
	c, _ := backbone.Preset("tiny")
	e, err := backbone.New(c, "")
	if err != nil {
		panic(err)
	}
	e.Init(1)
	s := e.Snapshot()
	x := make([]float32, 3*c.Hidden) // three tokens
	for i := range x {
		x[i] = float32(i % 7)
	}
	whole, y := make([]float32, len(x)), make([]float32, c.Hidden)
	if err := s.Forward(whole, x, &nn.Batch{B: 1, T: 3, Causal: true}); err != nil {
		panic(err)
	}
	caches := []*backbone.Cache{s.NewCache()}
	for t := range 3 {
		if err := s.Decode(y, x[t*c.Hidden:(t+1)*c.Hidden], &nn.Batch{B: 1, T: 1}, caches); err != nil {
			panic(err)
		}
		fmt.Println(caches[0].Len(), y[0] == whole[t*c.Hidden])
	}
	// Output:
	// 1 true
	// 2 true
	// 3 true
}
