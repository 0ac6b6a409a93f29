package picture

import (
	"image"

	"github.com/fmkit/fmkit/shared/random"
)

// A Jitter changes brightness, contrast and saturation, in random order, each by a factor between 1-x and 1+x: torchvision's ColorJitter without hue.
type Jitter struct {
	Brightness float64 `json:"brightness,omitempty"`
	Contrast   float64 `json:"contrast,omitempty"`
	Saturation float64 `json:"saturation,omitempty"`
}

// apply changes m, all of whose bytes are pixels.
func (j *Jitter) apply(m *image.NRGBA, s *random.Stream) {
	order := [3]int{0, 1, 2}
	for i := 2; i > 0; i-- {
		k := s.IntN(i + 1)
		order[i], order[k] = order[k], order[i]
	}
	for _, k := range order {
		most := [3]float64{j.Brightness, j.Contrast, j.Saturation}[k]
		factor := uniform(s, 1-most, 1+most)
		if most == 0 {
			continue
		}
		fixed := int32(round(float64(factor * (1 << 16))))
		switch k {
		case 0:
			brighten(m.Pix, fixed)
		case 1:
			contrast(m.Pix, fixed)
		case 2:
			saturate(m.Pix, fixed)
		}
	}
}

// away gives from + factor/65536 (v - from), rounded and clamped.
func away(from, v uint8, factor int32) uint8 {
	return clamp((int32(from)<<16 + factor*(int32(v)-int32(from)) + 1<<15) >> 16)
}

// brighten multiplies colours.
func brighten(pix []uint8, factor int32) {
	var table [256]uint8
	for v := range table {
		table[v] = away(0, uint8(v), factor)
	}
	lookUp(pix, &table)
}

// contrast moves colours away from the mean luma.
func contrast(pix []uint8, factor int32) {
	sum := 0
	for i := 0; i < len(pix); i += 4 {
		sum += int(Luma(pix[i], pix[i+1], pix[i+2]))
	}
	n := len(pix) / 4
	mean := uint8((sum + n/2) / n)
	var table [256]uint8
	for v := range table {
		table[v] = away(mean, uint8(v), factor)
	}
	lookUp(pix, &table)
}

// saturate moves colours away from their own luma.
func saturate(pix []uint8, factor int32) {
	for i := 0; i < len(pix); i += 4 {
		l := Luma(pix[i], pix[i+1], pix[i+2])
		for c := range 3 {
			pix[i+c] = away(l, pix[i+c], factor)
		}
	}
}

func lookUp(pix []uint8, table *[256]uint8) {
	for i := 0; i < len(pix); i += 4 {
		pix[i], pix[i+1], pix[i+2] = table[pix[i]], table[pix[i+1]], table[pix[i+2]]
	}
}
