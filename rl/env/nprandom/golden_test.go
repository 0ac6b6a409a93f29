package nprandom

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"testing"
)

type golden struct {
	Bounds []int64S
	Cases  []struct {
		Seed                  uint64S
		State, Bits           []uint64S
		Integers              []int64S
		Uniform, Mixed        []float64
		Normal, Exponential   []float64
		Normals, Exponentials string
		Thirds                string
	}
}

// Numbers beyond 2^53 are strings in the file.
type (
	uint64S uint64
	int64S  int64
)

func (u *uint64S) UnmarshalJSON(b []byte) error { return json.Unmarshal(b[1:len(b)-1], (*uint64)(u)) }

func (i *int64S) UnmarshalJSON(b []byte) error { return json.Unmarshal(b[1:len(b)-1], (*int64)(i)) }

// many is how many numbers the digests are of.
const many = 20000

// ofTables is how far numpy's normal and exponential numbers may be from ours: its tables were rounded at every step.
const ofTables = 1e-12

func readGolden(t *testing.T) (g golden) {
	t.Helper()
	raw, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

// TestAgainstNumpy holds every kind of draw to numpy's.
func TestAgainstNumpy(t *testing.T) {
	g := readGolden(t)
	for _, c := range g.Cases {
		seed := uint64(c.Seed)
		state := make([]uint64, len(c.State))
		seedWords(seed, state)
		rng := New(seed)
		for i := range state {
			if got, want := state[i], uint64(c.State[i]); got != want {
				t.Errorf("seed %d: word %d of the seed sequence: got %d, want %d", seed, i, got, want)
			}
			if got, want := rng.Uint64(), uint64(c.Bits[i]); got != want {
				t.Errorf("seed %d: number %d: got %d, want %d", seed, i, got, want)
			}
		}
		for i, n := range g.Bounds {
			if got, want := New(seed).Integers(int64(n)), int64(c.Integers[i]); got != want {
				t.Errorf("seed %d: integers(%d): got %d, want %d", seed, n, got, want)
			}
		}
		mixed := New(seed)
		for i := 0; i < len(c.Mixed); i += 2 {
			if got, want := float64(mixed.Integers(10)), c.Mixed[i]; got != want {
				t.Errorf("seed %d: integers(10) before random() %d: got %v, want %v", seed, i/2, got, want)
			}
			if got, want := mixed.Float64(), c.Mixed[i+1]; got != want {
				t.Errorf("seed %d: random() after integers(10) %d: got %v, want %v", seed, i/2, got, want)
			}
		}
		uniform, normal, exponential := New(seed), New(seed), New(seed)
		for i := range c.Uniform {
			if got, want := uniform.Uniform(-0.6, -0.4), c.Uniform[i]; got != want {
				t.Errorf("seed %d: uniform %d: got %v, want %v", seed, i, got, want)
			}
			if got, want := normal.Normal(), c.Normal[i]; math.Abs(got-want) > ofTables {
				t.Errorf("seed %d: normal %d: got %v, want %v", seed, i, got, want)
			}
			if got, want := exponential.Exponential(), c.Exponential[i]; math.Abs(got-want) > ofTables {
				t.Errorf("seed %d: exponential %d: got %v, want %v", seed, i, got, want)
			}
		}
		for what, d := range map[string]struct {
			want string
			draw func(*Generator, []byte) []byte
		}{
			"normal":      {c.Normals, func(g *Generator, b []byte) []byte { return appendFloat32(b, g.Normal()) }},
			"exponential": {c.Exponentials, func(g *Generator, b []byte) []byte { return appendFloat32(b, g.Exponential()) }},
			"integers(3<<30)": {c.Thirds, func(g *Generator, b []byte) []byte {
				return binary.LittleEndian.AppendUint64(b, uint64(g.Integers(3<<30)))
			}},
		} {
			var raw []byte
			rng := New(seed)
			for range many {
				raw = d.draw(rng, raw)
			}
			if sum := sha256.Sum256(raw); hex.EncodeToString(sum[:]) != d.want {
				t.Errorf("seed %d: %d draws of %s differ from numpy's", seed, many, what)
			}
		}
	}
}

func appendFloat32(b []byte, v float64) []byte {
	return binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(v)))
}

// TestStrips holds that the stacked strips end where the density does: the top strip's area is that of all others.
func TestStrips(t *testing.T) {
	for what, z := range map[string]struct {
		*ziggurat
		area, units float64
	}{"normal": {normalStrips(), normalArea, 1 << 52}, "exponential": {exponentialStrips(), exponentialArea, 1 << 53}} {
		if got := z.width[1] * z.units * (1 - z.f[1]); math.Abs(got/z.area-1) > 1e-11 {
			t.Errorf("%s: the top strip's area is %v, want %v", what, got, z.area)
		}
	}
}

// TestIntegersOfNothing holds that a range without numbers gives 0 and draws none.
func TestIntegersOfNothing(t *testing.T) {
	g := New(1)
	for _, n := range []int64{1, 0, -1, math.MinInt64} {
		if got := g.Integers(n); got != 0 {
			t.Errorf("Integers(%d) = %d, want 0", n, got)
		}
	}
	if got, want := g.Uint64(), New(1).Uint64(); got != want {
		t.Errorf("the next number is %d, want %d", got, want)
	}
}

func BenchmarkUniform(b *testing.B) {
	g := New(1)
	for b.Loop() {
		g.Uniform(-0.05, 0.05)
	}
}

func BenchmarkSeed(b *testing.B) {
	g := New(1)
	for b.Loop() {
		g.Seed(7)
	}
}
