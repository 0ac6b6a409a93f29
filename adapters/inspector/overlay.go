package inspector

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
)

// colours are the points between which heat is mixed, cold to hot: dark blue, blue, green, yellow, red.
var colours = [...][3]float32{{20, 20, 90}, {40, 90, 230}, {40, 200, 120}, {250, 220, 40}, {220, 20, 20}}

// heat is the colour of v in [0, 1].
func heat(v float32) [3]float32 {
	at := v * float32(len(colours)-1)
	low := min(int(at), len(colours)-2)
	var c [3]float32
	for i := range c {
		from, to := colours[low][i], colours[low+1][i]
		c[i] = from + float32((at-float32(low))*(to-from))
	}
	return c
}

// Overlay is Paint as a PNG.
func Overlay(picture *image.NRGBA, m *Map, low, high float32) ([]byte, error) {
	out, err := Paint(picture, m, low, high)
	if err != nil {
		return nil, err
	}
	var raw bytes.Buffer
	if err := png.Encode(&raw, out); err != nil {
		return nil, fmt.Errorf("inspector: overlay: %w", err)
	}
	return raw.Bytes(), nil
}

// Paint paints the map over the picture, of any size, into a new one. Values up to low leave the picture as it is, those from high on are hottest; with
// low the lowest values of good pictures and high twice the pixel threshold, the threshold itself is green. High must be above low.
func Paint(picture *image.NRGBA, m *Map, low, high float32) (*image.NRGBA, error) {
	b := picture.Bounds()
	switch {
	case b.Empty():
		return nil, fmt.Errorf("inspector: overlay: the picture is empty")
	case m.Width < 1 || m.Height < 1 || len(m.Values) != m.Width*m.Height:
		return nil, fmt.Errorf("inspector: overlay: got %d values for a map of %dx%d", len(m.Values), m.Width, m.Height)
	case !(high > low) || high-low > maxVector:
		return nil, fmt.Errorf("inspector: overlay: got %g to %g, want a rising range", low, high)
	}
	out := image.NewNRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	for y := range b.Dy() {
		row := m.Values[y*m.Height/b.Dy()*m.Width:]
		for x := range b.Dx() {
			v := (row[x*m.Width/b.Dx()] - low) / (high - low)
			if !(v > 0) {
				v = 0
			}
			v = min(v, 1)
			c, share := heat(v), min(float32(2*v), 1)*0.6
			from := picture.Pix[picture.PixOffset(b.Min.X+x, b.Min.Y+y):]
			to := out.Pix[out.PixOffset(x, y):]
			for i := range c {
				p := float32(from[i])
				to[i] = uint8(p + float32(share*(c[i]-p)) + 0.5)
			}
			to[3] = from[3]
		}
	}
	return out, nil
}
