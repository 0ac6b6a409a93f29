package kernels

// PixelBits is the precision of the weights of WeighPixels and WeighRows: 1<<PixelBits is one.
const PixelBits = 22

// WeighPixels makes a row of pixels of 4 bytes, y [N, 4], out of another, x [M, 4]:
//
//	y[i][c] = clamp((1<<(PixelBits-1) + sum over j < size of weights[i][j][c] * x[first[i]+j][c]) >> PixelBits)
//
// weights [N, size, 4] has every weight four times, and size is a multiple of 4, at least 4; what is more than a pixel's weights is zeros. x has a pixel for each of
// them. The sums must fit 32 bits with their sign.
func WeighPixels(y, x []uint8, first, weights []int32, size int) {
	n := len(first)
	if size < 4 || size%4 != 0 || len(y) < 4*n || len(weights) < 4*n*size {
		panic("kernels: WeighPixels: bad sizes")
	}
	for _, f := range first {
		if f < 0 || 4*(int(f)+size) > len(x) {
			panic("kernels: WeighPixels: slice too short")
		}
	}
	if n > 0 {
		weighPixels(y, x, first, weights, size)
	}
}

// WeighRows makes a row of bytes out of as many rows of x as there are weights, at least one, stride bytes apart. The length of y is a multiple of 4.
//
//	y[i] = clamp((1<<(PixelBits-1) + sum over j of weights[j] * x[j stride + i]) >> PixelBits)
//
// The sums must fit 32 bits with their sign.
func WeighRows(y, x []uint8, stride int, weights []int32) {
	if len(y)%4 != 0 || stride < 0 || len(weights) < 1 || (len(weights)-1)*stride+len(y) > len(x) {
		panic("kernels: WeighRows: bad sizes")
	}
	weighRows(y, x, stride, weights)
}

// Two channels are summed in one 64-bit integer, 32 bits each: the lower borrows from the upper what putPixel gives back.
const (
	pixelHalf  = 1 << (PixelBits - 1)
	pixelHalfs = pixelHalf | pixelHalf<<32
)

func weighPixelsPlain(y, x []uint8, first, weights []int32, size int) {
	for i, f := range first {
		p, w := x[4*f:][:4*size], weights[4*i*size:][:4*size]
		rb, ga := int64(pixelHalfs), int64(pixelHalfs)
		for j := 0; j < len(w); j += 4 {
			v := levels(p[j:])
			rb += int64(v&0xff|v&0xff0000<<16) * int64(w[j])
			ga += int64(v>>8&0xff|v&0xff000000<<8) * int64(w[j])
		}
		putPixel(y[4*i:4*i+4:4*i+4], rb, ga)
	}
}

func weighRowsPlain(y, x []uint8, stride int, weights []int32) {
	for i := 0; i < len(y); i += 4 {
		rb, ga := int64(pixelHalfs), int64(pixelHalfs)
		at := i
		for _, w := range weights {
			v := levels(x[at:])
			at += stride
			rb += int64(v&0xff|v&0xff0000<<16) * int64(w)
			ga += int64(v>>8&0xff|v&0xff000000<<8) * int64(w)
		}
		putPixel(y[i:i+4:i+4], rb, ga)
	}
}

// levels gives the four levels at the start of x, the first lowest.
func levels(x []uint8) uint64 {
	_ = x[3]
	return uint64(x[0]) | uint64(x[1])<<8 | uint64(x[2])<<16 | uint64(x[3])<<24
}

// putPixel writes the four sums of a pixel.
func putPixel(to []uint8, rb, ga int64) {
	r, g := int32(rb), int32(ga)
	to[0], to[1] = clampByte(r>>PixelBits), clampByte(g>>PixelBits)
	to[2], to[3] = clampByte(int32((rb-int64(r))>>32)>>PixelBits), clampByte(int32((ga-int64(g))>>32)>>PixelBits)
}

func clampByte(v int32) uint8 { return uint8(min(max(v, 0), 255)) }
