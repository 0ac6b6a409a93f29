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
