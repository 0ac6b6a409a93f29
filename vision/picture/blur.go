package picture

import (
	"image"
	"math"

	"github.com/fmkit/fmkit/shared/random"
)

// maxSigma bounds a blur.
const maxSigma = 64

// A Blur is Gaussian, of a standard deviation between two bounds, in pixels.
type Blur struct {
	P     float64    `json:"p"` // probability
	Sigma [2]float64 `json:"sigma"`
}

func (b *Blur) apply(m *image.NRGBA, s *random.Stream) *image.NRGBA {
	if s.Float64() >= b.P {
		return m
	}
	return GaussianBlur(m, uniform(s, b.Sigma[0], b.Sigma[1]))
}

// GaussianBlur gives m blurred by a Gaussian of standard deviation sigma, in pixels, cut off at 3 sigma. At the edges the weights
// of the pixels there are add to one.
func GaussianBlur(m *image.NRGBA, sigma float64) *image.NRGBA {
	from, ok := viewOf(m)
	if !ok || !(sigma > 0 && sigma <= maxSigma) {
		return &image.NRGBA{}
	}
	radius := int(math.Ceil(float64(3 * sigma)))
	bell := make([]float64, 2*radius+1)
	for i := range bell {
		d := float64(i - radius)
		bell[i] = power(1/math.E, d*d/float64(2*float64(sigma*sigma)))
	}
	s := scratches.Get().(*scratch)
	defer s.release()
	s.x.convolve(from.w, bell)
	s.y.convolve(from.h, bell)
	to := image.NewNRGBA(image.Rect(0, 0, from.w, from.h))
	v, _ := viewOf(to)
	s.resample(v, from, false)
	return to
}

// convolve fills t with the weights of a line of n pixels under a symmetric kernel.
func (t *taps) convolve(n int, kernel []float64) {
	radius := len(kernel) / 2
	t.start(n, len(kernel))
	for i := range n {
		from, to := max(i-radius, 0), min(i+radius+1, n)
		part := kernel[from-i+radius : to-i+radius]
		sum := 0.0
		for _, w := range part {
			sum += w
		}
		t.add(from, part, sum)
	}
}
