package inspector

import (
	"math"

	"github.com/fmkit/fmkit/shared/kernels"
)

// A smoother turns scores of patches into a map of pixels: bilinear between the patches' centres, then a Gaussian.
type smoother struct {
	rows, cols, h, w int
	y, x             []tap
	weights          []float32 // of the Gaussian, [2*radius+1]
}

// tap is where a pixel lies between two patches.
type tap struct {
	low, high int
	share     float32 // of high
}

func newSmoother(rows, cols, h, w int, sigma float64) *smoother {
	return &smoother{rows: rows, cols: cols, h: h, w: w, y: taps(rows, h), x: taps(cols, w), weights: gaussian(sigma)}
}

// taps places n pixels over cells as PyTorch's interpolate does without align_corners: centres on centres, the ends held.
func taps(cells, n int) []tap {
	t := make([]tap, n)
	for i := range t {
		at := max(0, float64(float64(2*i+1)*float64(cells))/float64(2*n)-0.5)
		low := min(int(at), cells-1)
		t[i] = tap{low, min(low+1, cells-1), float32(at - float64(low))}
	}
	return t
}

// apply sets dst [H, W] to the map of scores [R, C]. Outside the picture the map goes on mirrored.
func (s *smoother) apply(dst, scores []float32, c *canvas) {
	radius := len(s.weights) / 2
	if radius == 0 {
		s.enlarge(dst, scores)
		return
	}
	tall := kernels.Grow(&c.tall, (s.h+2*radius)*s.w)
	middle := tall[radius*s.w:][:s.h*s.w]
	s.enlarge(middle, scores)
	s.blurRows(middle, c)
	for i := range radius {
		copy(tall[i*s.w:(i+1)*s.w], middle[mirror(i-radius, s.h)*s.w:])
		copy(tall[(radius+s.h+i)*s.w:][:s.w], middle[mirror(s.h+i, s.h)*s.w:])
	}
	s.blurColumns(dst, tall)
}

// enlarge sets dst [H, W] to scores [R, C], bilinear.
func (s *smoother) enlarge(dst, scores []float32) {
	for i, y := range s.y {
		top, bottom := scores[y.low*s.cols:(y.low+1)*s.cols], scores[y.high*s.cols:(y.high+1)*s.cols]
		out := dst[i*s.w : (i+1)*s.w]
		for j, x := range s.x {
			a := top[x.low] + float32(x.share*(top[x.high]-top[x.low]))
			b := bottom[x.low] + float32(x.share*(bottom[x.high]-bottom[x.low]))
			out[j] = a + float32(y.share*(b-a))
		}
	}
}

// highest of a map that has a pixel.
func highest(x []float32) float32 {
	most := float32(math.Inf(-1))
	for _, v := range x {
		most = max(most, v)
	}
	return most
}
