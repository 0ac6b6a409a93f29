package raster_test

import (
	"fmt"
	"image/color"

	"github.com/fmkit/fmkit/rl/env/raster"
)

func ExampleCanvas() {
	c := raster.New(20, 10, color.RGBA{255, 255, 255, 255})
	c.Circle(color.RGBA{200, 0, 0, 255}, raster.Point{X: 10, Y: 5}, 3)
	fmt.Println(c.RGBAAt(10, 5), c.RGBAAt(0, 0))
	// Output: {200 0 0 255} {255 255 255 255}
}
