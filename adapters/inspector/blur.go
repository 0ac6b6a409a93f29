package inspector

import "github.com/fmkit/fmkit/shared/kernels"

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

// canvas is the memory of one run of a smoother.
type canvas struct {
	tall      []float32 // [radius+H+radius, W]
	line, sum []float32 // of a stripe
}

// stripe is about how many values are blurred at once: few enough to stay near the core from one weight to the next, so many that calls don't count.
const stripe = 4096

// blurRows blurs x [H, W] along its rows, which go on mirrored. Rows of a stripe lie one behind the other, each with its radius on both sides; what is summed across two of them
// is left behind.
func (s *smoother) blurRows(x []float32, c *canvas) {
	radius := len(s.weights) / 2
	wide := s.w + 2*radius
	rows := max(1, stripe/wide)
	if 2*radius > s.w {
		rows = 1 // more would be left behind than is kept
	}
	for from := 0; from < s.h; from += rows {
		n := min(rows, s.h-from)
		line, sum := kernels.Grow(&c.line, n*wide), kernels.Grow(&c.sum, n*wide-2*radius)
		for i := range n {
			row, to := x[(from+i)*s.w:][:s.w], line[i*wide:(i+1)*wide]
			copy(to[radius:], row)
			for j := range radius {
				to[j], to[radius+s.w+j] = row[mirror(j-radius, s.w)], row[mirror(s.w+j, s.w)]
			}
		}
		clear(sum)
		for k, v := range s.weights {
			kernels.AddScaled(sum, line[k:], v)
		}
		for i := range n {
			copy(x[(from+i)*s.w:][:s.w], sum[i*wide:])
		}
	}
}

// blurColumns sets dst [H, W] to tall [radius+H+radius, W] blurred along its columns.
func (s *smoother) blurColumns(dst, tall []float32) {
	rows := max(1, stripe/s.w)
	for from := 0; from < s.h; from += rows {
		out := dst[from*s.w : min(from+rows, s.h)*s.w]
		clear(out)
		for k, v := range s.weights {
			kernels.AddScaled(out, tall[(from+k)*s.w:], v)
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
