package backbone_test

import (
	"fmt"
	"math"
	"sync"
	"testing"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

// decodeLength passes two limits of the attention kernel's groups of queries and the first room of a cache.
const decodeLength = 101

// addPrefix gives every layer but the last s external positions, the first layer one more.
func addPrefix(e *backbone.Encoder, s int) {
	for i := range len(e.Blocks) - 1 {
		n := s
		if i == 0 {
			n++
		}
		k, v := nn.NewParam("k", n, e.Config.Hidden), nn.NewParam("v", n, e.Config.Hidden)
		nn.InitNormal(k, uint64(i))
		nn.InitNormal(v, uint64(i)+9)
		for j := range k.Value {
			k.Value[j], v.Value[j] = 20*k.Value[j], 20*v.Value[j]
		}
		e.Blocks[i].Attention.External = &nn.External{Key: k, Value: v}
	}
}

// decodable are the snapshots that decoding is tested on.
func decodable(t testing.TB, each func(name string, s *backbone.Inference)) {
	for name, c := range variants() {
		for _, prefix := range []int{0, 3} {
			c.MaxPositions = decodeLength
			e := newEncoder(t, c)
			if prefix > 0 {
				addPrefix(e, prefix)
			}
			each(fmt.Sprintf("%s, prefix %d", name, prefix), e.Snapshot())
		}
	}
}

// causal gives the answers of a whole sequence [T, D] read at once.
func causal(t testing.TB, s *backbone.Inference, x []float32) []float32 {
	t.Helper()
	y := make([]float32, len(x))
	if err := s.Forward(y, x, &nn.Batch{B: 1, T: len(x) / s.Config().Hidden, Causal: true}); err != nil {
		t.Fatal(err)
	}
	return y
}

func sameBits(a, b []float32) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if math.Float32bits(a[i]) != math.Float32bits(b[i]) {
			return false
		}
	}
	return true
}

// TestDecodePrefixes: a token fed alone has the answer, to the bit, that it has as the last of its prefix read at once.
func TestDecodePrefixes(t *testing.T) {
	every := 1
	if kernels.Path() == "purego" { // a hundred times slower, and the same bits
		every = 25
	}
	decodable(t, func(name string, s *backbone.Inference) {
		d, c := s.Config().Hidden, s.NewCache()
		x := noise(1, decodeLength*d)
		y := make([]float32, d)
		for n := range decodeLength {
			if c.Len() != n {
				t.Fatalf("%s: got %d tokens in the cache, want %d", name, c.Len(), n)
			}
			if err := s.Decode(y, x[n*d:(n+1)*d], &nn.Batch{B: 1, T: 1}, []*backbone.Cache{c}); err != nil {
				t.Fatal(err)
			}
			if n%every != 0 {
				continue
			}
			if want := causal(t, s, x[:(n+1)*d]); !sameBits(y, want[n*d:]) {
				t.Fatalf("%s: token %d: decoded answer differs from that of the whole prefix", name, n)
			}
		}
	})
}

// TestDecodeBatches feeds sequences side by side in pieces of many lengths, on several numbers of workers: every answer is, to the bit, that of
// the sequence read at once. Now and then a sequence is set back and read again.
func TestDecodeBatches(t *testing.T) {
	t.Cleanup(func() { kernels.SetWorkers(0) })
	const sequences = 4
	rounds := 40
	if kernels.Path() == "purego" {
		rounds = 8
	}
	draw := random.New(random.Key(1, "pieces"))
	decodable(t, func(name string, s *backbone.Inference) {
		d := s.Config().Hidden
		var xs, wants [sequences][]float32
		var caches [sequences]*backbone.Cache
		for i := range xs {
			xs[i] = noise(uint64(i), decodeLength*d)
			wants[i] = causal(t, s, xs[i])
			caches[i] = s.NewCache()
		}
		for round := range rounds {
			kernels.SetWorkers(1 + round%3)
			b := &nn.Batch{}
			var batch []*backbone.Cache
			var which []int
			for i, c := range caches {
				if draw.IntN(8) == 0 {
					c.Truncate(draw.IntN(c.Len() + 1))
				}
				if draw.IntN(4) == 0 {
					continue
				}
				n := min(draw.IntN([]int{2, 4, 60}[draw.IntN(3)]), decodeLength-c.Len())
				b.B, b.T, b.Lengths = b.B+1, max(b.T, n, 1), append(b.Lengths, int32(n))
				batch, which = append(batch, c), append(which, i)
			}
			if b.B == 0 {
				continue
			}
			x, before := make([]float32, b.B*b.T*d), make([]int, b.B)
			for i, k := range which {
				before[i] = batch[i].Len()
				copy(x[i*b.T*d:], xs[k][before[i]*d:][:b.Length(i)*d])
			}
			if err := s.Decode(x, x, b, batch); err != nil {
				t.Fatal(err)
			}
			for i, k := range which {
				n := b.Length(i)
				if !sameBits(x[i*b.T*d:][:n*d], wants[k][before[i]*d:][:n*d]) {
					t.Fatalf("%s: tokens %d to %d of sequence %d differ from those read at once", name, before[i], before[i]+n, k)
				}
				if largest(x[(i*b.T+n)*d:(i+1)*b.T*d]) != 0 {
					t.Errorf("%s: padding isn't zero", name)
				}
			}
		}
	})
}

// TestDecodePositions: positions of the caller's move the answers as in a whole sequence.
func TestDecodePositions(t *testing.T) {
	s := newEncoder(t, variants()["rotary"]).Snapshot()
	d, c := s.Config().Hidden, s.NewCache()
	x := noise(1, 6*d)
	positions := []int32{3, 4, 9, 11, 0, 1}
	want := make([]float32, len(x))
	if err := s.Forward(want, x, &nn.Batch{B: 1, T: 6, Positions: positions, Causal: true}); err != nil {
		t.Fatal(err)
	}
	got := make([]float32, len(x))
	for _, p := range [][2]int{{0, 4}, {4, 5}, {5, 6}} {
		b := &nn.Batch{B: 1, T: p[1] - p[0], Positions: positions[p[0]:p[1]]}
		if err := s.Decode(got[p[0]*d:p[1]*d], x[p[0]*d:p[1]*d], b, []*backbone.Cache{c}); err != nil {
			t.Fatal(err)
		}
	}
	if !sameBits(got, want) {
		t.Error("answers differ from those of the whole sequence")
	}
}

// TestDecodeConcurrently runs many caches of one snapshot at the same time; for the race detector too.
func TestDecodeConcurrently(t *testing.T) {
	c := variants()["rotary"]
	s := newEncoder(t, c).Snapshot()
	x := noise(1, 30*c.Hidden)
	want := causal(t, s, x)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			cache, y := s.NewCache(), make([]float32, len(x))
			for range 3 {
				cache.Truncate(0)
				for at := 0; at < len(x); {
					n := min((1+g)*c.Hidden, len(x)-at)
					if err := s.Decode(y[at:at+n], x[at:at+n], &nn.Batch{B: 1, T: n / c.Hidden}, []*backbone.Cache{cache}); err != nil {
						t.Error(err)
					}
					at += n
				}
				if !sameBits(y, want) {
					t.Errorf("pieces of %d: answers differ", 1+g)
				}
			}
		})
	}
	wg.Wait()
}

func TestDecodeErrors(t *testing.T) {
	c := variants()["rotary"]
	e := newEncoder(t, c)
	s, other := e.Snapshot(), e.Snapshot()
	x := make([]float32, 2*50*c.Hidden)
	cache := s.NewCache()
	if err := s.Decode(x[:38*c.Hidden], x[:38*c.Hidden], &nn.Batch{B: 1, T: 38}, []*backbone.Cache{cache}); err != nil {
		t.Fatal(err)
	}
	for _, e := range []struct {
		name   string
		b      nn.Batch
		caches []*backbone.Cache
	}{
		{"no cache", nn.Batch{B: 1, T: 1}, nil},
		{"nil cache", nn.Batch{B: 1, T: 1}, []*backbone.Cache{nil}},
		{"another's", nn.Batch{B: 1, T: 1}, []*backbone.Cache{other.NewCache()}},
		{"too many", nn.Batch{B: 1, T: 1}, []*backbone.Cache{cache, s.NewCache()}},
		{"twice", nn.Batch{B: 2, T: 1}, []*backbone.Cache{cache, cache}},
		{"length", nn.Batch{B: 1, T: 1, Lengths: []int32{2}}, []*backbone.Cache{cache}},
		{"position past the table", nn.Batch{B: 1, T: 3}, []*backbone.Cache{cache}},
		{"negative position", nn.Batch{B: 1, T: 1, Positions: []int32{-1}}, []*backbone.Cache{cache}},
	} {
		n := e.b.B * e.b.T * c.Hidden
		if err := s.Decode(x[:n], x[:n], &e.b, e.caches); err == nil {
			t.Errorf("%s: got no error", e.name)
		}
		if cache.Len() != 38 {
			t.Fatalf("%s: the cache has %d tokens, want 38", e.name, cache.Len())
		}
	}
	if err := s.Decode(x[:5], x, &nn.Batch{B: 1, T: 1}, []*backbone.Cache{cache}); err == nil {
		t.Error("an output of another size passed")
	}
}

// BenchmarkDecode times one more token behind 127 others, from a cache and without one.
func BenchmarkDecode(b *testing.B) {
	const before = 127
	c, err := backbone.Preset("mini")
	if err != nil {
		b.Fatal(err)
	}
	s := newEncoder(b, c).Snapshot()
	d := c.Hidden
	for _, size := range []int{1, 8} {
		x := noise(1, size*(before+1)*d)
		y := make([]float32, len(x))
		b.Run(fmt.Sprintf("B%d/cache", size), func(b *testing.B) {
			caches := make([]*backbone.Cache, size)
			for i := range caches {
				caches[i] = s.NewCache()
			}
			if err := s.Decode(y[:size*before*d], x[:size*before*d], &nn.Batch{B: size, T: before}, caches); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				for _, c := range caches {
					c.Truncate(before)
				}
				if err := s.Decode(y[:size*d], x[:size*d], &nn.Batch{B: size, T: 1}, caches); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(size*b.N)/b.Elapsed().Seconds(), "tokens/s")
		})
		b.Run(fmt.Sprintf("B%d/whole", size), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := s.Forward(y, x, &nn.Batch{B: size, T: before + 1, Causal: true}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(size*b.N)/b.Elapsed().Seconds(), "tokens/s")
		})
	}
}
