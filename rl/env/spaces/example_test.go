package spaces_test

import (
	"fmt"

	"github.com/fmkit/fmkit/rl/env/spaces"
)

func ExampleNewDict() {
	arm, _ := spaces.NewBoxOf(-1, 1, spaces.Float32, 2)
	grip, _ := spaces.NewDiscrete(2)
	s, err := spaces.NewDict(map[string]spaces.Space{"grip": grip, "arm": arm})
	if err != nil {
		panic(err)
	}
	x := []float32{0.5, -0.5, 1} // arm, then grip
	flat := make([]float32, s.FlatSize())
	s.Flatten(flat, x)
	fmt.Println(s)
	fmt.Println(s.Contains(x), s.Part(x, "grip"), flat)
	// Output:
	// Dict('arm': Box(-1.0, 1.0, (2,), float32), 'grip': Discrete(2))
	// true [1] [0.5 -0.5 0 1]
}
