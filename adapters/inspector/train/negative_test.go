package train

import (
	"errors"
	"image"
	"slices"
	"testing"
)

func TestOpposites(t *testing.T) {
	kinds := []string{"copper", "open", "pin-hole", "short"}
	for _, tt := range []struct {
		of   map[string]string
		want []uint8
	}{
		{nil, []uint8{0, 1, 2, 3, 4}},
		{map[string]string{"open": "short"}, []uint8{0, 1, 4, 3, 2}},
		{map[string]string{"open": "short", "short": "open", "pin-hole": "copper"}, []uint8{0, 3, 4, 1, 2}},
		{map[string]string{"open": "spur"}, nil},
		{map[string]string{"open": "open"}, nil},
		{map[string]string{"open": "short", "short": "copper"}, nil},
		{map[string]string{"open": "short", "copper": "short"}, nil},
	} {
		c := Config{Negative: true, Opposite: tt.of}
		got, err := c.opposites(kinds)
		if !slices.Equal(got, tt.want) || (err != nil) != (tt.want == nil) || err != nil && !errors.Is(err, ErrConfig) {
			t.Errorf("%v: got %v, %v, want %v", tt.of, got, err, tt.want)
		}
	}
	if got, err := new(Config).opposites(kinds); got != nil || err != nil {
		t.Errorf("without negatives: got %v, %v", got, err)
	}
	c := Default(true)
	if c.Negative = true; !errors.Is(c.Validate(), ErrConfig) {
		t.Error("with templates negatives are no error")
	}
	c = Default(false)
	if c.Opposite = map[string]string{"open": "short"}; !errors.Is(c.Validate(), ErrConfig) {
		t.Error("opposites without negatives are no error")
	}
}

// TestNegative: about half of the views are negatives, of which white is black; and none where they aren't asked for, whose views stay as they were.
func TestNegative(t *testing.T) {
	m, c := ramp(40, 40), Default(false)
	c.Gain = 0
	plain, negatives := c, 0
	c.Negative = true
	for key := range uint64(1000) {
		v := c.draw(m, 8, key)
		if v.negative {
			negatives++
		}
		if p := plain.draw(m, 8, key); p.negative || p.turn != v.turn {
			t.Fatalf("without negatives: %+v, with them %+v", p, v)
		}
	}
	if negatives < 450 || negatives > 550 {
		t.Errorf("got %d negatives of 1000", negatives)
	}
	v, a, b := view{at: image.Pt(3, 7), side: 8, zoom: 256, gain: 256}, newSpace(8), newSpace(8)
	v.take(a.shown, a.marks, m)
	v.shade(a.shown)
	v.negative = true
	v.take(b.shown, b.marks, m)
	v.shade(b.shown)
	for i, p := range a.shown.Pix {
		if want := 255 - p; i%4 < 3 && b.shown.Pix[i] != want || i%4 == 3 && b.shown.Pix[i] != p {
			t.Fatalf("value %d: got %d of %d", i, b.shown.Pix[i], p)
		}
	}
	if !slices.Equal(a.marks, b.marks) {
		t.Error("marks differ")
	}
}
