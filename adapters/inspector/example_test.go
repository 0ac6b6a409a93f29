package inspector_test

import (
	"context"
	"fmt"
	"image"

	"github.com/fmkit/fmkit/adapters/inspector"
)

// pixelwise are features of the simplest kind: every pixel of a picture [1, 8, 8] is a patch.
type pixelwise struct{}

func (pixelwise) Grid() (rows, cols int) { return 8, 8 }
func (pixelwise) Width() int             { return 1 }
func (pixelwise) Patches(y, pixels []float32, n int) error {
	copy(y, pixels[:n*64])
	return nil
}

// shades are pictures of one shade each, from dark to grey.
type shades int

func (n shades) Len() int { return int(n) }
func (n shades) Read(pixels []float32, i int) error {
	for k := range pixels {
		pixels[k] = float32(i) / float32(n)
	}
	return nil
}

func ExampleFit() {
	s := inspector.Default(1, 8, 8)
	s.FalseAlarms = 0.05 // takes 19 good pictures
	p, err := inspector.Fit(context.Background(), pixelwise{}, shades(20), s)
	if err != nil {
		fmt.Println(err)
		return
	}
	picture := make([]float32, 64)
	a, _ := p.Inspect(picture)
	fmt.Println(a.Label)
	picture[27] = 90
	a, _ = p.Inspect(picture)
	fmt.Println(a.Label, a.Score > *a.Threshold)
	_, err = inspector.Fit(context.Background(), pixelwise{}, shades(10), s)
	fmt.Println(err)
	// Output:
	// ok
	// defect true
	// inspector: fit: inspector: threshold: too few good pictures: got 10, want at least 19 for a false alarm rate of 0.05, or a rate of at least 0.0909
}

func ExampleTemplate() {
	template, test := image.NewGray(image.Rect(0, 0, 64, 64)), image.NewGray(image.Rect(0, 0, 64, 64))
	for y := 20; y < 40; y++ {
		for x := 20; x < 40; x++ {
			template.Pix[y*64+x], test.Pix[(y+2)*64+x+1] = 255, 255
		}
	}
	a, _ := inspector.DefaultTemplate().Inspect(test, template)
	fmt.Println(a.Label)
	for y := 28; y < 37; y++ {
		clear(test.Pix[y*64+25 : y*64+34]) // a hole
	}
	a, _ = inspector.DefaultTemplate().Inspect(test, template)
	fmt.Println(a.Label, len(a.Boxes))
	// Output:
	// ok
	// defect 1
}

func ExampleConformal() {
	threshold, err := inspector.Conformal([]float32{3, 1, 4, 1, 5, 9, 2, 6, 5}, 0.2)
	fmt.Println(threshold, err, inspector.PicturesNeeded(0.01))
	// Output: 6 <nil> 99
}
