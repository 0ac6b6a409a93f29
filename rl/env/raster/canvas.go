// Package raster draws filled shapes into pictures: polygons, circles, thick lines, with smooth edges, and writes pictures as GIF files and
// PNG strips.
//
// Every machine draws the same pixels: coordinates are rounded to a 256th of a pixel once and everything else is whole numbers. An
// edge is smooth because each pixel is looked at in 16 places.
package raster

import (
	"image"
	"image/color"
	"math"
)

const (
	unit    = 256 // parts of a pixel that coordinates are rounded to
	samples = 4   // places in a pixel, across and down
)

// A Canvas is a picture with a coordinate system: (x, y) lies at pixel (OriginX + Scale x, OriginY - Scale y), so y goes up.
type Canvas struct {
	*image.RGBA
	OriginX, OriginY, Scale float64
}

// New makes a canvas in one colour whose origin is the lower left corner, one unit a pixel.
func New(width, height int, background color.RGBA) *Canvas {
	c := &Canvas{RGBA: image.NewRGBA(image.Rect(0, 0, width, height)), OriginY: float64(height), Scale: 1}
	c.Clear(background)
	return c
}

// Clear fills the picture.
func (c *Canvas) Clear(background color.RGBA) {
	for i := 0; i < len(c.Pix); i += 4 {
		c.Pix[i], c.Pix[i+1], c.Pix[i+2], c.Pix[i+3] = background.R, background.G, background.B, 255
	}
}

// A Point is a place in the canvas's coordinates.
type Point struct{ X, Y float64 }

// At turns p by an angle, given as its sine and cosine, and moves it to q.
func (p Point) At(q Point, sin, cos float64) Point {
	return Point{q.X + float64(p.X*cos) - float64(p.Y*sin), q.Y + float64(p.X*sin) + float64(p.Y*cos)}
}

// far bounds coordinates, in pixels, so that whole numbers below don't overflow; NaN counts as 0.
const far = 1 << 14

// place gives a point's place in parts of a pixel.
func (c *Canvas) place(p Point) (x, y int64) {
	return part(c.OriginX + float64(c.Scale*p.X)), part(c.OriginY - float64(c.Scale*p.Y))
}

func part(v float64) int64 {
	if math.IsNaN(v) {
		return 0
	}
	return int64(math.Floor(float64(unit*min(max(v, -far), far)) + 0.5))
}

// blend covers a pixel to a share of covered/(samples*samples).
func (c *Canvas) blend(x, y, covered int, of color.RGBA) {
	const all = samples * samples
	at := c.PixOffset(x, y)
	for k, v := range [3]uint8{of.R, of.G, of.B} {
		old := int(c.Pix[at+k])
		c.Pix[at+k] = uint8(((all-covered)*old + covered*int(v) + all/2) / all)
	}
}
