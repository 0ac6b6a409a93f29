package raster

import (
	"image/color"
	"math"
)

// place of a sample in its pixel, in parts of a pixel: the middle of the k-th quarter.
func sample(k int) int64 { return int64((2*k + 1) * unit / (2 * samples)) }

// Polygon fills the polygon of the corners. Where it crosses itself it is filled by the even-odd rule.
func (c *Canvas) Polygon(of color.RGBA, corners ...Point) {
	n := len(corners)
	if n < 3 {
		return
	}
	var places [2][16]int64 // enough for most polygons
	xs, ys := places[0][:0], places[1][:0]
	for _, p := range corners {
		x, y := c.place(p)
		xs, ys = append(xs, x), append(ys, y)
	}
	c.fill(of, bounds(xs), bounds(ys), func(x, y int64) bool {
		inside := false
		for i, j := 0, n-1; i < n; j, i = i, i+1 {
			if (ys[i] > y) == (ys[j] > y) {
				continue
			}
			// The edge passes to the right of (x, y) if x < xs[i] + (y - ys[i]) dx / dy.
			dx, dy := xs[j]-xs[i], ys[j]-ys[i]
			left, right := (x-xs[i])*dy, (y-ys[i])*dx
			if dy > 0 && left < right || dy < 0 && left > right {
				inside = !inside
			}
		}
		return inside
	})
}

// Circle fills a circle. The radius is in the canvas's units.
func (c *Canvas) Circle(of color.RGBA, middle Point, radius float64) {
	x, y := c.place(middle)
	r := part(c.Scale * radius)
	c.fill(of, [2]int64{x - r, x + r}, [2]int64{y - r, y + r}, func(sx, sy int64) bool {
		return (sx-x)*(sx-x)+(sy-y)*(sy-y) <= r*r
	})
}

// Line fills a line of a width, in the canvas's units, with square ends.
func (c *Canvas) Line(of color.RGBA, from, to Point, width float64) {
	dx, dy := to.X-from.X, to.Y-from.Y
	length := math.Sqrt(float64(dx*dx) + float64(dy*dy))
	if !(length > 0) {
		return
	}
	half := width / 2 / length
	nx, ny := float64(-dy*half), float64(dx*half)
	c.Polygon(of, Point{from.X + nx, from.Y + ny}, Point{to.X + nx, to.Y + ny}, Point{to.X - nx, to.Y - ny}, Point{from.X - nx, from.Y - ny})
}

// Lines are lines from point to point.
func (c *Canvas) Lines(of color.RGBA, width float64, points ...Point) {
	for i := 1; i < len(points); i++ {
		c.Line(of, points[i-1], points[i], width)
	}
}

// Box fills a rectangle between two corners.
func (c *Canvas) Box(of color.RGBA, a, b Point) {
	ax, ay := c.place(a)
	bx, by := c.place(b)
	left, right, top, bottom := min(ax, bx), max(ax, bx), min(ay, by), max(ay, by)
	r := c.Bounds()
	for y := max(int(top/unit)-1, r.Min.Y); y < min(int(bottom/unit)+2, r.Max.Y); y++ {
		rows := inside(y, top, bottom)
		if rows == 0 {
			continue
		}
		for x := max(int(left/unit)-1, r.Min.X); x < min(int(right/unit)+2, r.Max.X); x++ {
			if covered := rows * inside(x, left, right); covered > 0 {
				c.blend(x, y, covered, of)
			}
		}
	}
}

// inside counts the rows, or columns, of a pixel's samples between two coordinates.
func inside(pixel int, low, high int64) int {
	n := 0
	for k := range samples {
		if v := int64(pixel*unit) + sample(k); v >= low && v < high {
			n++
		}
	}
	return n
}

func bounds(v []int64) [2]int64 {
	low, high := v[0], v[0]
	for _, x := range v {
		low, high = min(low, x), max(high, x)
	}
	return [2]int64{low, high}
}

// fill looks at the samples of every pixel between the bounds.
func (c *Canvas) fill(of color.RGBA, xs, ys [2]int64, inside func(x, y int64) bool) {
	r := c.Bounds()
	for y := max(int(ys[0]/unit)-1, r.Min.Y); y < min(int(ys[1]/unit)+2, r.Max.Y); y++ {
		for x := max(int(xs[0]/unit)-1, r.Min.X); x < min(int(xs[1]/unit)+2, r.Max.X); x++ {
			covered := 0
			for k := range samples * samples {
				if inside(int64(x*unit)+sample(k%samples), int64(y*unit)+sample(k/samples)) {
					covered++
				}
			}
			if covered > 0 {
				c.blend(x, y, covered, of)
			}
		}
	}
}
