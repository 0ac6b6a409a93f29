package demo

import (
	"image"
	"image/color"

	"github.com/fmkit/fmkit/shared/random"
)

// weaveSide is the side of a picture of cloth, pixels.
const weaveSide = 96

// weave renders cloth of two threads over and under each other, every thread of a shade of its own, at a place of its own, with noise. A scratch, where one is
// wanted, is a thin slanting line a little darker than the cloth.
func weave(key uint64, scratched bool) *image.NRGBA {
	const thread = 4
	below := func(what, i, n int) int { // a number below n
		return int(random.Mix(random.Mix(key, uint64(what)), uint64(i)) >> 32 * uint64(n) >> 32)
	}
	m := image.NewNRGBA(image.Rect(0, 0, weaveSide, weaveSide))
	dx, dy := below(0, 0, 2*thread), below(0, 1, 2*thread)
	x0, y0, length := 16+below(0, 2, 48), 16+below(0, 3, 48), 14+below(0, 4, 8)
	for y := range weaveSide {
		for x := range weaveSide {
			warp, weft := (x+dx)/thread, (y+dy)/thread
			v := 140 + below(1, warp, 17)
			if (warp+weft)%2 == 0 {
				v = 100 + below(2, weft, 17)
			}
			v += below(3, y*weaveSide+x, 25) - 12
			if at := y - y0; scratched && at >= 0 && at < length && (x-x0-at/2)/2 == 0 {
				v -= 45
			}
			shade := uint8(max(0, min(255, v)))
			m.SetNRGBA(x, y, color.NRGBA{shade, shade, shade, 255})
		}
	}
	return m
}
