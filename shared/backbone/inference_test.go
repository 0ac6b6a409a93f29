package backbone_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

// variants are encoders that differ in every switch of the forward.
func variants() map[string]backbone.Config {
	base := backbone.Config{Hidden: 48, Layers: 2, Heads: 3, Intermediate: 80, MaxPositions: 40}
	pre, causal, rotary, act := base, base, base, base
	pre.Norm = "pre"
	causal.Causal = true
	rotary.PositionKind, rotary.Norm = "rotary", "pre"
	act.Activation = "silu"
	modern := rotary
	modern.Layers, modern.Gated, modern.Local = 4, true, backbone.Local{Window: 6, Every: 3, Theta: 1e3}
	modern.Omit = backbone.Omit{AttentionBias: true, FeedForwardBias: true, NormBias: true, FirstNorm: true}
	return map[string]backbone.Config{"post": base, "pre": pre, "causal": causal, "rotary": rotary, "silu": act, "modern": modern}
}

func newEncoder(t testing.TB, c backbone.Config) *backbone.Encoder {
	t.Helper()
	e, err := backbone.New(c, "")
	if err != nil {
		t.Fatal(err)
	}
	e.Init(3)
	for _, p := range e.Params() { // biases and norms that matter
		if len(p.Shape) == 1 {
			s := random.New(random.Key(5, p.Name))
			for i := range p.Value {
				p.Value[i] += float32(0.1 * s.Normal())
			}
		}
	}
	return e
}

// noise returns n normal numbers.
func noise(key uint64, n int) []float32 {
	s := random.New(key)
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(s.Normal())
	}
	return x
}

// TestInferenceEqualsTraining holds a snapshot to the sublayers it was made from, to the bit, with and without padding and a prefix.
func TestInferenceEqualsTraining(t *testing.T) {
	for name, c := range variants() {
		for _, prefix := range []int{0, 3} {
			e := newEncoder(t, c)
			for i := range e.Blocks { // bottlenecks, with a prefix
				for _, l := range []*nn.Residual{e.Blocks[i].Attend, e.Blocks[i].Feed} {
					if prefix > 0 {
						l.Adapter = nn.NewBottleneck(l.Name()+".adapter", c.Hidden, 3, nn.GELU)
						for _, p := range l.Adapter.Params() {
							nn.InitNormal(p, 8)
						}
					}
				}
			}
			for i := range e.Blocks {
				if prefix > 0 {
					k, v := nn.NewParam("k", prefix, c.Hidden), nn.NewParam("v", prefix, c.Hidden)
					nn.InitNormal(k, uint64(i))
					nn.InitNormal(v, uint64(i)+9)
					e.Blocks[i].Attention.External = &nn.External{Key: k, Value: v}
				}
			}
			s := e.Snapshot()
			for _, lengths := range [][]int32{nil, {7, 7}, {7, 3}, {1, 5}, {0, 7}} {
				b := &nn.Batch{B: 2, T: 7, Lengths: lengths, Causal: len(lengths) > 0 && lengths[1] == 3}
				x := noise(4, 2*7*c.Hidden)
				got := slices.Clone(x)
				if err := s.Forward(got, got, b); err != nil {
					t.Fatal(err)
				}
				want := x
				for _, l := range e.Sublayers() {
					y := make([]float32, len(x))
					if err := l.Forward(y, want, b); err != nil {
						t.Fatal(err)
					}
					want = y
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s, prefix %d, lengths %v: snapshot differs from sublayers", name, prefix, lengths)
				}
				for i := range 2 {
					if got := got[(i*7+b.Length(i))*c.Hidden : (i+1)*7*c.Hidden]; largest(got) != 0 {
						t.Errorf("%s: padding of sample %d isn't zero", name, i)
					}
				}
			}
		}
	}
}

// TestRowsAlone: each of 1,000 rows in mixed batches gets the answer that it gets alone, to the bit.
func TestRowsAlone(t *testing.T) {
	c, err := backbone.Preset("tiny")
	if err != nil {
		t.Fatal(err)
	}
	rows := 1000
	if kernels.Path() == "purego" { // a hundred times slower, and the same bits
		rows = 25
	}
	s, d := newEncoder(t, c).Snapshot(), c.Hidden
	draw := random.New(random.Key(1, "rows"))
	t.Cleanup(func() { kernels.SetWorkers(0) })
	for done, batch := 0, 0; done < rows; batch++ {
		kernels.SetWorkers(1 + batch%3)
		b := &nn.Batch{B: min(1+draw.IntN(24), rows-done)}
		for range b.B {
			n := 1 + draw.IntN(40)
			b.Lengths, b.T = append(b.Lengths, int32(n)), max(b.T, n)
		}
		b.T += draw.IntN(4)
		x := noise(uint64(batch), b.B*b.T*d)
		y := make([]float32, len(x))
		if err := s.Forward(y, x, b); err != nil {
			t.Fatal(err)
		}
		for i := range b.B {
			n, at := b.Length(i), i*b.T*d
			alone := make([]float32, n*d)
			if err := s.Forward(alone, x[at:at+n*d], &nn.Batch{B: 1, T: n}); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(alone, y[at:at+n*d]) {
				t.Fatalf("batch %d, row %d of length %d in %d x %d: answer differs from that alone", batch, i, n, b.B, b.T)
			}
		}
		done += b.B
	}
}

// TestConcurrentInference runs one snapshot from many goroutines; for the race detector too.
func TestConcurrentInference(t *testing.T) {
	c := variants()["rotary"]
	s := newEncoder(t, c).Snapshot()
	want := make([][]float32, 6)
	run := func(i int) []float32 {
		b := &nn.Batch{B: 1 + i, T: 4 + 2*i, Lengths: make([]int32, 1+i)}
		for j := range b.Lengths {
			b.Lengths[j] = int32(1 + (i+j)%b.T)
		}
		x := noise(uint64(i), b.B*b.T*c.Hidden)
		if err := s.Forward(x, x, b); err != nil {
			t.Error(err)
		}
		return x
	}
	for i := range want {
		want[i] = run(i)
	}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 30 {
				if k := (g + i) % len(want); !slices.Equal(run(k), want[k]) {
					t.Errorf("shape %d: answer differs", k)
				}
			}
		})
	}
	wg.Wait()
}

// TestSnapshotKeepsItsWeights: training on doesn't change a snapshot.
func TestSnapshotKeepsItsWeights(t *testing.T) {
	e := newEncoder(t, variants()["pre"])
	s := e.Snapshot()
	b := &nn.Batch{B: 1, T: 5}
	x := noise(1, 5*48)
	before, after := make([]float32, len(x)), make([]float32, len(x))
	if err := s.Forward(before, x, b); err != nil {
		t.Fatal(err)
	}
	for _, p := range e.Params() {
		for i := range p.Value {
			p.Value[i] += 0.5
		}
	}
	if err := s.Forward(after, x, b); err != nil || !slices.Equal(before, after) {
		t.Errorf("answers changed with the encoder's weights (%v)", err)
	}
}

func TestInferenceErrors(t *testing.T) {
	s := newEncoder(t, variants()["rotary"]).Snapshot()
	x := make([]float32, 2*50*48)
	for _, c := range []struct {
		name string
		n    int
		b    nn.Batch
	}{
		{"sizes", 47, nn.Batch{B: 1, T: 1}},
		{"empty", 0, nn.Batch{}},
		{"length", 96, nn.Batch{B: 1, T: 2, Lengths: []int32{3}}},
		{"lengths", 96, nn.Batch{B: 1, T: 2, Lengths: []int32{1, 1}}},
		{"rotary position", 50 * 48, nn.Batch{B: 1, T: 50}},
		{"negative position", 48, nn.Batch{B: 1, T: 1, Positions: []int32{-1}}},
	} {
		if err := s.Forward(x[:c.n], x[:c.n], &c.b); err == nil {
			t.Errorf("%s: got no error", c.name)
		}
	}
}

func BenchmarkInference(b *testing.B) {
	c, err := backbone.Preset("mini")
	if err != nil {
		b.Fatal(err)
	}
	for _, size := range []int{1, 32} {
		b.Run(fmt.Sprintf("B%dT128", size), func(b *testing.B) {
			s := newEncoder(b, c).Snapshot()
			batch := &nn.Batch{B: size, T: 128}
			x := noise(1, size*128*c.Hidden)
			y := make([]float32, len(x))
			b.ReportAllocs()
			for b.Loop() {
				if err := s.Forward(y, x, batch); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
