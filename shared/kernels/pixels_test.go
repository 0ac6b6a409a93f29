package kernels

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	draws "github.com/fmkit/fmkit/shared/random"
)

// weighed is one output byte by its definition, in 64 bits.
func weighed(weights []int32, level func(j int) uint8) uint8 {
	sum := int64(1) << (PixelBits - 1)
	for j, w := range weights {
		sum += int64(w) * int64(level(j))
	}
	return uint8(min(max(sum>>PixelBits, 0), 255))
}

// sharp draws weights that add to about one, some below zero, so that sums go over both ends.
func sharp(s *draws.Stream, n int) []int32 {
	w := make([]int32, n)
	for j := range w {
		w[j] = int32((s.Float64()*2.4 - 0.7) / float64(n) * (1 << PixelBits))
	}
	return w
}

// TestPixelsConform holds both kernels to their definition, on every path, at lengths about the widths of vectors, and to their ends.
func TestPixelsConform(t *testing.T) {
	check := func(t *testing.T) {
		s := draws.New(1)
		level := func(n int) []uint8 {
			x := make([]uint8, n)
			for i := range x {
				x[i] = []uint8{0, 255, uint8(s.IntN(256))}[s.IntN(3)]
			}
			return x
		}
		for _, n := range []int{0, 1, 2, 3, 7, 8, 9, 16, 17, 31} {
			for _, size := range []int{4, 8, 20} {
				x := level(4 * (n + size + 3))
				first, weights := make([]int32, n), make([]int32, 0, 4*n*size)
				each := make([][]int32, n)
				for i := range first {
					first[i] = int32(s.IntN(n + 3))
					each[i] = append(sharp(s, 1+s.IntN(size)), make([]int32, size)...)[:size]
					for _, w := range each[i] {
						weights = append(weights, w, w, w, w)
					}
				}
				y := bytes.Repeat([]byte{77}, 4*n+8)
				WeighPixels(y[:4*n], x, first, weights, size)
				for i := range 4 * n {
					if want := weighed(each[i/4], func(j int) uint8 { return x[4*(int(first[i/4])+j)+i%4] }); y[i] != want {
						t.Fatalf("pixels: %d of %d, size %d: got %d, want %d", i, n, size, y[i], want)
					}
				}
				if !slices.Equal(y[4*n:], bytes.Repeat([]byte{77}, 8)) {
					t.Fatalf("pixels: %d of size %d: wrote past the end", n, size)
				}
			}
			for _, taps := range []int{1, 2, 5, 19} {
				stride := 4*n + s.IntN(9)
				x, w := level((taps-1)*stride+4*n), sharp(s, taps)
				y := bytes.Repeat([]byte{77}, 4*n+8)
				WeighRows(y[:4*n], x, stride, w)
				for i := range 4 * n {
					if want := weighed(w, func(j int) uint8 { return x[j*stride+i] }); y[i] != want {
						t.Fatalf("rows: %d of %d, %d taps: got %d, want %d", i, 4*n, taps, y[i], want)
					}
				}
				if !slices.Equal(y[4*n:], bytes.Repeat([]byte{77}, 8)) {
					t.Fatalf("rows: %d bytes of %d taps: wrote past the end", 4*n, taps)
				}
			}
		}
	}
	t.Run(Path(), check)
	defer forcePlain()()
	t.Run("plain", check)
}

func TestPixelsRefuse(t *testing.T) {
	for name, f := range map[string]func(){
		"odd size":     func() { WeighPixels(make([]uint8, 4), make([]uint8, 64), make([]int32, 1), make([]int32, 24), 6) },
		"no size":      func() { WeighPixels(make([]uint8, 4), make([]uint8, 64), make([]int32, 1), make([]int32, 24), 0) },
		"few weights":  func() { WeighPixels(make([]uint8, 4), make([]uint8, 64), make([]int32, 1), make([]int32, 15), 4) },
		"past the end": func() { WeighPixels(make([]uint8, 4), make([]uint8, 16), []int32{1}, make([]int32, 16), 4) },
		"before":       func() { WeighPixels(make([]uint8, 4), make([]uint8, 16), []int32{-1}, make([]int32, 16), 4) },
		"short y":      func() { WeighPixels(make([]uint8, 3), make([]uint8, 16), []int32{0}, make([]int32, 16), 4) },
		"no rows":      func() { WeighRows(make([]uint8, 4), make([]uint8, 4), 4, nil) },
		"short rows":   func() { WeighRows(make([]uint8, 4), make([]uint8, 7), 4, make([]int32, 2)) },
		"odd row":      func() { WeighRows(make([]uint8, 5), make([]uint8, 8), 4, make([]int32, 1)) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

func BenchmarkWeighPixels(b *testing.B) {
	const n, size = 224, 20
	x, y := make([]uint8, 4*(1024+size)), make([]uint8, 4*n)
	first, weights := make([]int32, n), make([]int32, 4*n*size)
	for i := range first {
		first[i] = int32(i * 1024 / n)
	}
	for _, path := range []string{Path(), "plain"} {
		b.Run(path, func(b *testing.B) {
			if path == "plain" {
				defer forcePlain()()
			}
			b.SetBytes(n * size * 4)
			for b.Loop() {
				WeighPixels(y, x, first, weights, size)
			}
		})
	}
}

func BenchmarkWeighRows(b *testing.B) {
	for _, taps := range []int{4, 19} {
		x, y, w := make([]uint8, 896*taps), make([]uint8, 896), make([]int32, taps)
		for _, path := range []string{Path(), "plain"} {
			b.Run(fmt.Sprintf("%s/%d", path, taps), func(b *testing.B) {
				if path == "plain" {
					defer forcePlain()()
				}
				b.SetBytes(int64(len(x)))
				for b.Loop() {
					WeighRows(y, x, 896, w)
				}
			})
		}
	}
}
