package baseline_test

import (
	"fmt"
	"image"

	"github.com/fmkit/fmkit/adapters/inspector/baseline"
)

func ExampleFitPCA() {
	chequered := func() *image.Gray {
		m := image.NewGray(image.Rect(0, 0, 48, 48))
		for i := range m.Pix {
			m.Pix[i] = uint8((i/4 + i/m.Stride/4) % 2 * 200)
		}
		return m
	}
	p, err := baseline.FitPCA([]*image.Gray{chequered()}, baseline.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	bad := chequered()
	for i := range 6 {
		copy(bad.Pix[(20+i)*bad.Stride+20:], make([]uint8, 6))
	}
	good, _, _ := p.Score(chequered())
	score, _, _ := p.Score(bad)
	fmt.Println(score > 100*good)
	// Output: true
}
