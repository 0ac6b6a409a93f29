package trig

//go:generate go -C _asm run .

// SinCosMany sets sin[i] and cos[i] to the sine and the cosine of x[i], to the bit those of SinCos. All have the same length; sin and cos don't overlap with each other or x.
func SinCosMany(sin, cos, x []float64) {
	if len(sin) != len(x) || len(cos) != len(x) {
		panic("trig: SinCosMany: lengths differ")
	}
	for i := 0; i < len(x); {
		i += sinCosMany(sin[i:], cos[i:], x[i:])
		for range min(4, len(x)-i) { // what is left, or a four with a number that the others aren't done with
			sin[i], cos[i] = SinCos(x[i])
			i++
		}
	}
}

// CosMany sets cos[i] to the cosine of x[i], to the bit that of Cos. Both have the same length, and don't overlap.
func CosMany(cos, x []float64) {
	if len(cos) != len(x) {
		panic("trig: CosMany: lengths differ")
	}
	for i := 0; i < len(x); {
		i += cosMany(cos[i:], x[i:])
		for range min(4, len(x)-i) {
			cos[i] = Cos(x[i])
			i++
		}
	}
}

// sinCosPlain and cosPlain do all numbers.
func sinCosPlain(sin, cos, x []float64) int {
	for i, v := range x {
		sin[i], cos[i] = SinCos(v)
	}
	return len(x)
}

func cosPlain(cos, x []float64) int {
	for i, v := range x {
		cos[i] = Cos(v)
	}
	return len(x)
}
