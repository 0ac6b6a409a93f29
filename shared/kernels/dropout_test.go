package kernels

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"testing"
)

// hashSigmas bounds how far a count may be from its mean: the numbers are fixed, so what passes goes on passing.
const hashSigmas = 5

func checkCount(t *testing.T, what string, count, n int, p float64) {
	t.Helper()
	if z := (float64(count) - float64(n)*p) / math.Sqrt(float64(n)*p*(1-p)); math.Abs(z) > hashSigmas {
		t.Errorf("%s: %d of %d, %.1f standard deviations from %v", what, count, n, z, float64(n)*p)
	}
}

// hashKeys are row keys as they come (mixed) and at their worst (neighbours, few bits set).
func hashKeys() []uint64 {
	keys := []uint64{0, 1, 2, 3, 1 << 31, 1 << 32, 1 << 63, math.MaxUint64}
	for i := range uint64(8) {
		keys = append(keys, mixKey(5, i))
	}
	return keys
}

// TestHashUniform counts the values of each byte of the hash.
func TestHashUniform(t *testing.T) {
	const n = 1 << 16
	for _, key := range hashKeys() {
		var counts [4][256]int
		for j := range uint32(n) {
			h := hash32(key, j)
			for b := range 4 {
				counts[b][h>>(8*b)&255]++
			}
		}
		for b := range counts {
			chi := 0.0
			for _, c := range counts[b] {
				chi += (float64(c) - n/256) * (float64(c) - n/256) / (n / 256)
			}
			if z := (chi - 255) / math.Sqrt(2*255); z > hashSigmas || z < -hashSigmas {
				t.Errorf("key %#x, byte %d: chi-squared is %.1f standard deviations off", key, b, z)
			}
		}
	}
}

// TestHashNeighbours checks that neighbouring elements, and elements of rows whose keys differ in one bit, agree in half
// of the bits, and that what is dropped in one place says nothing about its neighbour.
func TestHashNeighbours(t *testing.T) {
	const n = 1 << 14
	for _, key := range hashKeys() {
		for lag := uint32(1); lag <= 256; lag *= 2 {
			same, both := 0, 0
			threshold := dropThreshold(0.25)
			for j := range uint32(n) {
				same += bits.OnesCount32(hash32(key, j) ^ hash32(key, j+lag))
				if dropped(key, j, threshold) && dropped(key, j+lag, threshold) {
					both++
				}
			}
			checkCount(t, fmt.Sprintf("key %#x, lag %d: bits", key, lag), same, 32*n, 0.5)
			checkCount(t, fmt.Sprintf("key %#x, lag %d: both dropped", key, lag), both, n, 1.0/16)
		}
		for b := range 64 {
			same := 0
			for j := range uint32(n) {
				same += bits.OnesCount32(hash32(key, j) ^ hash32(key^1<<b, j))
			}
			checkCount(t, fmt.Sprintf("key %#x, bit %d of the key", key, b), same, 32*n, 0.5)
		}
	}
}

// TestHashColumns checks a column over many rows whose keys are mixed from a counter, as those of a batch are.
func TestHashColumns(t *testing.T) {
	const n = 1 << 16
	for _, j := range []uint32{0, 1, 255, 8191} {
		ones, dropCount, threshold := 0, 0, dropThreshold(0.1)
		for i := range uint64(n) {
			key := mixKey(77, i)
			ones += bits.OnesCount32(hash32(key, j))
			if dropped(key, j, threshold) {
				dropCount++
			}
		}
		checkCount(t, fmt.Sprint("bits of column ", j), ones, 32*n, 0.5)
		checkCount(t, fmt.Sprint("dropped in column ", j), dropCount, n, 0.1)
	}
}

func TestDropout(t *testing.T) {
	const n, d = 40, 501
	keys := make([]uint64, n)
	for i := range keys {
		keys[i] = mixKey(1, uint64(i))
	}
	x := numbers(3, n*d)
	for _, p := range []float32{0, 0.1, 0.5, 0.9} {
		y := make([]float32, n*d)
		Dropout(y, x, keys, p, n, d)
		zeros := 0
		for i, v := range y {
			if v == 0 {
				zeros++
			} else if want := x[i] * dropScale(p); v != want {
				t.Fatalf("p %v: y[%d] = %v, want %v", p, i, v, want)
			}
		}
		if p == 0 {
			equalBits(t, "p 0", y, x)
			continue
		}
		checkCount(t, fmt.Sprint("p ", p), zeros, n*d, float64(p))
		// The same on a part of the rows: nothing depends on the place in the batch.
		part := make([]float32, 3*d)
		Dropout(part, x[7*d:], keys[7:], p, 3, d)
		equalBits(t, "rows 7 to 9", part, y[7*d:10*d])
		// The same elements fall out of the gradient.
		dy := slices.Repeat([]float32{1}, n*d)
		Dropout(dy, dy, keys, p, n, d)
		for i := range dy {
			if (dy[i] == 0) != (y[i] == 0) {
				t.Fatalf("p %v: element %d is dropped in one direction only", p, i)
			}
		}
	}
	for _, p := range []float32{1, -0.1, float32(math.NaN())} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("probability %v does not panic", p)
				}
			}()
			Dropout(x, x, keys, p, n, d)
		}()
	}
}
