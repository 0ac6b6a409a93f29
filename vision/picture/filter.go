package picture

import "fmt"

// A Filter says how pixels are weighed when a picture is resized. The values are Pillow's codes, which preprocessor_config.json holds as "resample".
type Filter int

// The filters of Pillow (libImaging/Resample.c). All but Nearest grow with the factor of a reduction, so that no pixel goes unseen.
const (
	Nearest Filter = iota
	Lanczos
	Bilinear
	Bicubic
	Box
	Hamming
)

// Validate refuses what is none of the filters above.
func (f Filter) Validate() error {
	if f < Nearest || f > Hamming {
		return fmt.Errorf("picture: filter: got %d, want 0 to 5", f)
	}
	return nil
}

// support gives the distance from which on a filter is zero.
func (f Filter) support() float64 {
	switch f {
	case Box:
		return 0.5
	case Bicubic:
		return 2
	case Lanczos:
		return 3
	}
	return 1
}

// at gives the weight at distance x. Nearest has none.
func (f Filter) at(x float64) float64 {
	switch f {
	case Box:
		if x > -0.5 && x <= 0.5 {
			return 1
		}
		return 0
	case Bicubic:
		return bicubic(max(x, -x))
	case Lanczos:
		if x >= -3 && x < 3 {
			return sinc(x) * sinc(x/3)
		}
		return 0
	}
	x = max(x, -x)
	switch {
	case x >= 1:
		return 0
	case f == Hamming:
		return sinc(x) * (0.54 + float64(0.46*sinPi(x+0.5)))
	}
	return 1 - x
}

// bicubic is the cubic of Keys (1981) with a = -1/2, for x >= 0.
func bicubic(x float64) float64 {
	const a = -0.5
	switch {
	case x < 1:
		return float64(float64((float64((a+2)*x)-(a+3))*x)*x) + 1
	case x < 2:
		return (float64((float64((x-5)*x)+8)*x) - 4) * a
	}
	return 0
}

// sinc is sin(pi x) / (pi x).
func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return sinPi(x) / (x * 3.14159265358979323846)
}
