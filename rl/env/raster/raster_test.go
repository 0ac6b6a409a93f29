package raster

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"math"
	"testing"
)

var (
	white = color.RGBA{255, 255, 255, 255}
	black = color.RGBA{0, 0, 0, 255}
)

// ink is how much of a white canvas is black, in pixels.
func ink(c *Canvas) float64 {
	sum := 0.0
	for i := 0; i < len(c.Pix); i += 4 {
		sum += float64(255-c.Pix[i]) / 255
	}
	return sum
}

// TestAreas holds shapes to their areas: the samples are even, so the error is that of the edge.
func TestAreas(t *testing.T) {
	for what, s := range map[string]struct {
		draw func(*Canvas)
		area float64
	}{
		"square":          {func(c *Canvas) { c.Box(black, Point{10, 10}, Point{30, 30}) }, 400},
		"half pixels":     {func(c *Canvas) { c.Box(black, Point{10.5, 10.25}, Point{30, 30}) }, 19.5 * 19.75},
		"triangle":        {func(c *Canvas) { c.Polygon(black, Point{5, 5}, Point{55, 15}, Point{20, 60}) }, 1300},
		"other way round": {func(c *Canvas) { c.Polygon(black, Point{20, 60}, Point{55, 15}, Point{5, 5}) }, 1300},
		"circle":          {func(c *Canvas) { c.Circle(black, Point{32, 32}, 20) }, math.Pi * 400},
		"line":            {func(c *Canvas) { c.Line(black, Point{10, 10}, Point{50, 40}, 3) }, 150},
		"cut off":         {func(c *Canvas) { c.Box(black, Point{-20, -20}, Point{10, 10}) }, 100},
		"outside":         {func(c *Canvas) { c.Circle(black, Point{-20, 500}, 10) }, 0},
		"far away":        {func(c *Canvas) { c.Box(black, Point{-1e300, -1e300}, Point{1e300, 1e300}) }, 64 * 64},
		"not a number":    {func(c *Canvas) { c.Circle(black, Point{math.NaN(), math.Inf(1)}, 3) }, 0},
		"no line":         {func(c *Canvas) { c.Line(black, Point{3, 3}, Point{3, 3}, 2) }, 0},
		"no polygon":      {func(c *Canvas) { c.Polygon(black, Point{3, 3}, Point{9, 9}) }, 0},
	} {
		c := New(64, 64, white)
		s.draw(c)
		if got := ink(c); math.Abs(got-s.area) > 0.005*s.area+0.01 {
			t.Errorf("%s: got area %.2f, want %.2f", what, got, s.area)
		}
	}
}

// TestOrientation holds that y goes up and that scale and origin count.
func TestOrientation(t *testing.T) {
	c := New(40, 20, white)
	c.OriginX, c.OriginY, c.Scale = 20, 10, 5
	c.Box(black, Point{0, 0}, Point{1, 1}) // pixels 20-25 across, 5-10 down
	for _, p := range []struct {
		x, y int
		want uint8
	}{{20, 9, 0}, {24, 5, 0}, {25, 9, 255}, {20, 10, 255}, {19, 9, 255}, {20, 4, 255}} {
		if got := c.RGBAAt(p.x, p.y).R; got != p.want {
			t.Errorf("pixel (%d, %d): got %d, want %d", p.x, p.y, got, p.want)
		}
	}
}

func TestWriters(t *testing.T) {
	pictures := []*image.RGBA{New(8, 6, white).RGBA, New(8, 6, black).RGBA}
	var b bytes.Buffer
	if err := WriteGIF(&b, pictures, 4); err != nil {
		t.Fatal(err)
	}
	film, err := gif.DecodeAll(&b)
	if err != nil || len(film.Image) != 2 || film.Delay[0] != 4 {
		t.Fatalf("got %v, %v", film, err)
	}
	for i, want := range []uint8{255, 0} {
		if r, _, _, _ := film.Image[i].At(3, 3).RGBA(); uint8(r>>8) != want {
			t.Errorf("picture %d: got %d, want %d", i, r>>8, want)
		}
	}
	b.Reset()
	if err := WriteStrip(&b, pictures); err != nil {
		t.Fatal(err)
	}
	strip, err := png.Decode(&b)
	if err != nil || strip.Bounds().Dx() != 16 || strip.Bounds().Dy() != 6 {
		t.Fatalf("got %v, %v", strip.Bounds(), err)
	}
	if r, _, _, _ := strip.At(8, 0).RGBA(); r != 0 {
		t.Error("the second picture isn't beside the first")
	}
	for what, p := range map[string][]*image.RGBA{"none": nil, "two sizes": {New(8, 6, white).RGBA, New(6, 8, white).RGBA}} {
		if err := WriteGIF(&b, p, 4); !errors.Is(err, ErrFilm) {
			t.Errorf("%s: got %v, want %v", what, err, ErrFilm)
		}
		if err := WriteStrip(&b, p); !errors.Is(err, ErrFilm) {
			t.Errorf("%s: got %v, want %v", what, err, ErrFilm)
		}
	}
}

func BenchmarkCircle(b *testing.B) {
	c := New(64, 64, white)
	for b.Loop() {
		c.Circle(black, Point{32, 32}, 8)
	}
}
