package sortingcell

import (
	"image/color"

	"github.com/fmkit/fmkit/rl/env/raster"
)

var (
	floor   = color.RGBA{236, 232, 224, 255}
	rubber  = color.RGBA{84, 86, 92, 255}
	metal   = color.RGBA{150, 156, 164, 255}
	dark    = color.RGBA{40, 42, 48, 255}
	ofKinds = [kinds]color.RGBA{{214, 70, 60, 255}, {62, 130, 214, 255}, {236, 184, 48, 255}}
)

// View in millimetres: the belt lies across the middle.
const (
	viewWide = 1000
	beltHigh = 100 // half of it
	binEdge  = 130
)

func newCanvas(width, height int) *raster.Canvas {
	c := raster.New(width, height, floor)
	c.Scale = float64(width) / viewWide
	c.OriginY = float64(height) / 2
	return c
}

// draw draws the cell from above.
func (c *cell) draw(to *raster.Canvas) {
	to.Clear(floor)
	to.Box(rubber, raster.Point{X: 0, Y: -beltHigh}, raster.Point{X: viewWide, Y: beltHigh})
	for kind, of := range ofKinds {
		x := float64(binAt(kind))
		to.Box(dark, raster.Point{X: x - mouth, Y: -3 * binEdge}, raster.Point{X: x + mouth, Y: -binEdge})
		to.Box(of, raster.Point{X: x - mouth + 8, Y: -3*binEdge + 8}, raster.Point{X: x + mouth - 8, Y: -binEdge - 8})
	}
	for _, p := range c.belt {
		p.draw(to)
	}
	arm, tip := float64(c.arm), 110.0
	if c.busy {
		tip = -90
	}
	to.Box(dark, raster.Point{X: armFirst - 40, Y: 320}, raster.Point{X: armLast + 40, Y: 340})
	to.Box(metal, raster.Point{X: arm - 12, Y: tip}, raster.Point{X: arm + 12, Y: 330})
	to.Box(metal, raster.Point{X: arm - reach, Y: tip}, raster.Point{X: arm + reach, Y: tip + 24})
}

// draw draws a disc, a square or a triangle.
func (p part) draw(to *raster.Canvas) {
	const r = 34
	x, of := float64(p.at), ofKinds[p.kind]
	switch p.kind {
	case 0:
		to.Circle(of, raster.Point{X: x}, r)
	case 1:
		to.Box(of, raster.Point{X: x - r, Y: -r}, raster.Point{X: x + r, Y: r})
	default:
		to.Polygon(of, raster.Point{X: x - r, Y: -r}, raster.Point{X: x + r, Y: -r}, raster.Point{X: x, Y: r})
	}
}
