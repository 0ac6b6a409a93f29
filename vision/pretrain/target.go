package pretrain

import "math"

// targetEps keeps the variance of a flat patch from zero, as in MAE.
const targetEps = 1e-6

// subtraction takes the targets of the hidden patches from the predictions, one patch to a part.
type subtraction decoder

// Run implements kernels.Task.
func (d *subtraction) Run(i int) {
	size := d.area * d.channels
	row := int(d.hidden[i])
	picture, patch := row/(1+d.n), row%(1+d.n)-1
	pixels, diff := d.patches[(picture*d.n+patch)*size:][:size], d.diff[i*size:][:size]
	mean, scale := 0.0, 1.0
	if d.norm {
		mean, scale = moments(pixels)
	}
	for c := range d.channels {
		for j, v := range pixels[c*d.area:][:d.area] {
			diff[j*d.channels+c] -= float32(float64((float64(v) - mean) * scale))
		}
	}
}

// moments gives the mean of a patch's values and one over the square root of their unbiased variance and targetEps.
func moments(x []float32) (mean, scale float64) {
	for _, v := range x {
		mean += float64(v)
	}
	mean /= float64(len(x))
	sum := 0.0
	for _, v := range x {
		d := float64(v) - mean
		sum += float64(d * d)
	}
	return mean, 1 / math.Sqrt(sum/float64(max(len(x)-1, 1))+targetEps)
}
