package kernels

// A row reduction has 16 lanes: element i goes to lane i mod 16, in ascending order, and the lanes are added by one
// fixed tree. Elements that are masked or past the end would add zero, so leaving them out changes nothing.

// lanes are the partial results of a row reduction.
type lanes [16]float32

// sum adds the lanes: l += l+8, then l += l+4, l += l+2, l += l+1.
func (s *lanes) sum() float32 {
	t := *s
	for half := 8; half > 0; half /= 2 {
		for l := range half {
			t[l] += t[l+half]
		}
	}
	return t[0]
}
