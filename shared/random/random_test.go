package random

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"testing"
)

// sigmas is how many standard deviations a count may be off: with some thousand checks of fixed numbers, 5.5 would be
// passed by about one true generator in a thousand; the streams are pinned, so a pass stays a pass.
const sigmas = 5.5

// TestPinned holds the streams to their first outputs: models made from a seed must come out the same for ever.
func TestPinned(t *testing.T) {
	for _, c := range []struct{ key, i, want uint64 }{
		// SplitMix64 from 0, as published with the generator.
		{0, 0, 0xe220a8397b1dcdaf},
		{0, 1, 0x6e789e6aa1b965f4},
		{0, 2, 0x06c45d188009454f},
		{0, 3, 0xf88bb8a8724c81ec},
		{1234567, 0, 6457827717110365317},
		{1234567, 1, 3203168211198807973},
	} {
		if got := Mix(c.key, c.i); got != c.want {
			t.Errorf("Mix(%d, %d) = %#x, want %#x", c.key, c.i, got, c.want)
		}
	}
	if got, want := Key(7, "encoder.layer.0"), uint64(pinnedKey); got != want {
		t.Errorf("Key = %#x, want %#x", got, want)
	}
	s := New(42)
	var ints []int
	for range 8 {
		ints = append(ints, s.IntN(1000))
	}
	if !slices.Equal(ints, pinnedInts) {
		t.Errorf("IntN gives %v, want %v", ints, pinnedInts)
	}
	var normals []uint64
	for range 4 {
		normals = append(normals, math.Float64bits(s.Normal()))
	}
	if !slices.Equal(normals, pinnedNormals) {
		t.Errorf("Normal gives %#x, want %#x", normals, pinnedNormals)
	}
	if p := Perm(42, 10); !slices.Equal(p, pinnedPerm) {
		t.Errorf("Perm gives %v, want %v", p, pinnedPerm)
	}
	digest := uint64(0)
	s = New(Key(1, "digest"))
	for range 100000 {
		digest = digest*31 + math.Float64bits(s.Normal())
	}
	if digest != pinnedDigest {
		t.Errorf("100000 normals digest to %#x, want %#x", digest, uint64(pinnedDigest))
	}
}

// checkUniform tests that counts of n draws in equal cells fit a uniform distribution, by chi-squared.
func checkUniform(t *testing.T, what string, counts []int) {
	t.Helper()
	n := 0
	for _, c := range counts {
		n += c
	}
	want, chi := float64(n)/float64(len(counts)), 0.0
	for _, c := range counts {
		chi += (float64(c) - want) * (float64(c) - want) / want
	}
	free := float64(len(counts) - 1)
	if z := (chi - free) / math.Sqrt(2*free); math.Abs(z) > sigmas {
		t.Errorf("%s: chi-squared is %.1f standard deviations off (%.0f for %.0f degrees)", what, z, chi, free)
	}
}

func TestUniform(t *testing.T) {
	const n = 1 << 18
	for _, key := range []uint64{0, 1, 2, 1 << 40, math.MaxUint64} {
		high, low, pairs, bit := make([]int, 256), make([]int, 256), make([]int, 256), make([]int, 64)
		for i := range uint64(n) {
			v := Mix(key, i)
			high[v>>56]++
			low[v&255]++
			pairs[v>>60<<4|Mix(key, i+1)>>60]++
			for b := range 64 {
				bit[b] += int(v >> b & 1)
			}
		}
		checkUniform(t, fmt.Sprint("high byte, key ", key), high)
		checkUniform(t, fmt.Sprint("low byte, key ", key), low)
		checkUniform(t, fmt.Sprint("neighbours, key ", key), pairs)
		for b, c := range bit {
			if z := (float64(c) - n/2) / math.Sqrt(n/4); math.Abs(z) > sigmas {
				t.Errorf("key %d: bit %d is %.1f standard deviations off", key, b, z)
			}
		}
	}
}

// TestNeighbours checks that keys and counters that differ in one bit give unrelated numbers: half of the bits differ.
func TestNeighbours(t *testing.T) {
	const n = 4096
	for b := range 64 {
		var key, count int
		for i := range uint64(n) {
			key += bits.OnesCount64(Mix(i, i) ^ Mix(i^1<<b, i))
			count += bits.OnesCount64(Mix(i, i) ^ Mix(i, i^1<<b))
		}
		for what, c := range map[string]int{"key": key, "counter": count} {
			if z := (float64(c) - 32*n) / math.Sqrt(16*n); math.Abs(z) > sigmas {
				t.Errorf("%s bit %d: %d of %d bits change", what, b, c, 64*n)
			}
		}
	}
}

func TestIntN(t *testing.T) {
	s := New(3)
	for _, n := range []int{1, 2, 3, 7, 100, 1000} {
		counts := make([]int, n)
		for range 200 * n {
			counts[s.IntN(n)]++
		}
		if n > 1 {
			checkUniform(t, fmt.Sprint("IntN ", n), counts)
		}
	}
	// Above 2^62 a draw without rejection would favour some values by half; count thirds.
	thirds, big := make([]int, 3), math.MaxInt64/4*3
	for range 30000 {
		thirds[s.IntN(big)/(big/3+1)]++
	}
	checkUniform(t, "IntN, large", thirds)
	defer func() {
		if recover() == nil {
			t.Error("IntN(0) does not panic")
		}
	}()
	s.IntN(0)
}

func TestFloat64AndNormal(t *testing.T) {
	const n = 200000
	s := New(9)
	cells := make([]int, 100)
	for range n {
		f := s.Float64()
		if f < 0 || f >= 1 {
			t.Fatal("Float64 outside [0, 1):", f)
		}
		cells[int(f*100)]++
	}
	checkUniform(t, "Float64", cells)
	var m [5]float64
	cells = make([]int, 100)
	for range n {
		x := s.Normal()
		for k := range m {
			m[k] += math.Pow(x, float64(k)) / n
		}
		cells[min(99, int(100*0.5*math.Erfc(-x/math.Sqrt2)))]++
	}
	checkUniform(t, "Normal through its distribution", cells)
	// The standard deviations of the first four sample moments are sqrt(1, 2, 15, 96) / sqrt(n).
	for k, c := range map[int]struct{ want, sd float64 }{1: {0, 1}, 2: {1, math.Sqrt2}, 3: {0, math.Sqrt(15)}, 4: {3, math.Sqrt(96)}} {
		if z := (m[k] - c.want) / (c.sd / math.Sqrt(n)); math.Abs(z) > sigmas {
			t.Errorf("moment %d is %v, want %v", k, m[k], c.want)
		}
	}
}

func TestLog(t *testing.T) {
	const tolerance = 4e-16 // 2 ulp: the sum of the series and the exponent's part each round once
	for _, x := range []float64{1e-300, 1e-17, 0.1, 0.5, 0.7, 0.70710678, 0.7072, 0.9, 0.999, 1, 1.5, 3, 1e10} {
		want := math.Log(x)
		if got := Log(x); math.Abs(got-want) > tolerance*math.Max(math.Abs(want), 0.05) {
			t.Errorf("Log(%v) = %v, want %v", x, got, want)
		}
	}
}

func TestPerm(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 100} {
		seen := make([]bool, n)
		for _, v := range Perm(5, n) {
			if seen[v] {
				t.Fatalf("n %d: %d twice", n, v)
			}
			seen[v] = true
		}
	}
	counts := make([]int, 24)
	for key := range uint64(24000) {
		p := Perm(key, 4)
		code := 0
		for i := range 3 {
			less := 0
			for _, v := range p[i+1:] {
				if v < p[i] {
					less++
				}
			}
			code = code*(4-i) + less
		}
		counts[code]++
	}
	checkUniform(t, "Perm of 4", counts)
}

func BenchmarkMix(b *testing.B) {
	var v uint64
	for b.Loop() {
		v = Mix(v, 1)
	}
}

func BenchmarkNormal(b *testing.B) {
	s := New(1)
	for b.Loop() {
		s.Normal()
	}
}
