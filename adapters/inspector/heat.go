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

// gaussian gives weights that sum to about 1, out to four standard deviations.
func gaussian(sigma float64) []float32 {
	radius := int(4*sigma + 0.5)
	w := make([]float32, 2*radius+1)
	var sum float32
	for i := range w {
		if at := float64(i - radius); at != 0 {
			w[i] = kernels.Exp(float32(-0.5 * (at / sigma) * (at / sigma)))
		} else {
			w[i] = 1
		}
		sum += w[i]
	}
	for i := range w {
		w[i] /= sum
	}
	return w
}

// canvas is the memory of one run.
type canvas struct{ rough, line []float32 }

// apply sets dst [H, W] to the map of scores [R, C]. Outside the picture the map goes on mirrored.
func (s *smoother) apply(dst, scores []float32, c *canvas) {
	rough := kernels.Grow(&c.rough, s.h*s.w)
	for i, y := range s.y {
		top, bottom := scores[y.low*s.cols:(y.low+1)*s.cols], scores[y.high*s.cols:(y.high+1)*s.cols]
		out := rough[i*s.w : (i+1)*s.w]
		for j, x := range s.x {
			a := top[x.low] + float32(x.share*(top[x.high]-top[x.low]))
			b := bottom[x.low] + float32(x.share*(bottom[x.high]-bottom[x.low]))
			out[j] = a + float32(y.share*(b-a))
		}
	}
	radius := len(s.weights) / 2
	if radius == 0 {
		copy(dst, rough)
		return
	}
	line := kernels.Grow(&c.line, s.w+2*radius)
	for i := range s.h {
		row := rough[i*s.w : (i+1)*s.w]
		for j := range line {
			line[j] = row[mirror(j-radius, s.w)]
		}
		clear(row)
		for k, v := range s.weights {
			kernels.AddScaled(row, line[k:k+s.w], v)
		}
	}
	for i := range s.h {
		out := dst[i*s.w : (i+1)*s.w]
		clear(out)
		for k, v := range s.weights {
			from := mirror(i+k-radius, s.h)
			kernels.AddScaled(out, rough[from*s.w:(from+1)*s.w], v)
		}
	}
}

// mirror folds i into [0, n), the edges lying between pixels.
func mirror(i, n int) int {
	i %= 2 * n
	if i < 0 {
		i += 2 * n
	}
	return min(i, 2*n-1-i)
}

// highest of a map that has a pixel.
func highest(x []float32) float32 {
	most := float32(math.Inf(-1))
	for _, v := range x {
		most = max(most, v)
	}
	return most
}
