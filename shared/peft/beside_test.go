package peft_test

import (
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/peft"
	"github.com/fmkit/fmkit/shared/random"
)

// changed gives an encoder that shares e's weights and has changes by seed that matter.
func changed(t testing.TB, e *backbone.Encoder, rank int, targets []string, seed uint64) *backbone.Encoder {
	t.Helper()
	own := e.Share()
	c, err := peft.Attach(own, peft.Config{LoRA: &peft.LoRAConfig{Rank: rank, Alpha: 3, Targets: targets}}, seed)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range c.Params() {
		nn.InitNormal(p, random.Mix(seed, uint64(i)))
		kernels.Scale(p.Value, 10)
	}
	return own
}

// TestBesideWeights holds inferences that share packed weights to the layers' own forward, alone and mixed in one batch, to the bit.
func TestBesideWeights(t *testing.T) {
	base := backbone.Config{Hidden: 48, Layers: 2, Heads: 3, Intermediate: 80, MaxPositions: 40}
	gated := base
	gated.Gated, gated.Norm, gated.PositionKind = true, "pre", "rotary"
	gated.Omit = backbone.Omit{AttentionBias: true, FeedForwardBias: true}
	t.Cleanup(func() { kernels.SetWorkers(0) })
	for name, c := range map[string]backbone.Config{"post": base, "gated": gated} {
		e, err := backbone.New(c, "")
		if err != nil {
			t.Fatal(err)
		}
		e.Init(1)
		root := e.Snapshot()
		encoders := []*backbone.Encoder{
			e, changed(t, e, 8, []string{peft.AllLinear}, 1), changed(t, e, 3, []string{"query", "value"}, 2), changed(t, e, 5, []string{"key", "output.dense"}, 3),
		}
		all := []*backbone.Inference{root}
		for _, o := range encoders[1:] {
			s, ok := root.With(o)
			if !ok || s.Base() != root {
				t.Fatalf("%s: low-rank changes are not shared", name)
			}
			all = append(all, s)
		}
		b := &nn.Batch{T: 9}
		var of []*backbone.Inference
		var number []int
		draw := random.New(7)
		for range 24 {
			b.B++
			b.Lengths = append(b.Lengths, int32(1+draw.IntN(9)))
			n := draw.IntN(len(all))
			of, number = append(of, all[n]), append(number, n)
		}
		x := make([]float32, b.B*b.T*c.Hidden)
		for i := range x {
			x[i] = float32(draw.Normal())
		}
		for workers := 1; workers < 4; workers++ {
			kernels.SetWorkers(workers)
			got := make([]float32, len(x))
			if err := root.ForwardMixed(got, x, b, of); err != nil {
				t.Fatal(err)
			}
			size := b.T * c.Hidden
			for i, n := range number {
				one := &nn.Batch{B: 1, T: b.T, Lengths: b.Lengths[i : i+1]}
				alone, want := make([]float32, size), slices.Clone(x[i*size:(i+1)*size])
				if err := of[i].Forward(alone, want, one); err != nil {
					t.Fatal(err)
				}
				for _, l := range encoders[n].Sublayers() {
					y := make([]float32, size)
					if err := l.Forward(y, want, one); err != nil {
						t.Fatal(err)
					}
					want = y
				}
				if !slices.Equal(alone, want) {
					t.Errorf("%s: sample %d of encoder %d: alone it differs from the layers", name, i, n)
				}
				if !slices.Equal(got[i*size:(i+1)*size], want) {
					t.Errorf("%s: sample %d of encoder %d: in company it differs from the layers", name, i, n)
				}
			}
		}
	}
}

// TestMixedRefuses holds that samples of another base are refused.
func TestMixedRefuses(t *testing.T) {
	c := backbone.Config{Hidden: 8, Layers: 1, Heads: 2, Intermediate: 16, MaxPositions: 4}
	e, err := backbone.New(c, "")
	if err != nil {
		t.Fatal(err)
	}
	a, b := e.Snapshot(), e.Snapshot()
	x := make([]float32, 2*2*8)
	if err := a.ForwardMixed(x, x, &nn.Batch{B: 2, T: 2}, []*backbone.Inference{a, b}); err == nil {
		t.Error("another base: got no error")
	}
	if err := a.ForwardMixed(x, x, &nn.Batch{B: 2, T: 2}, []*backbone.Inference{a}); err == nil {
		t.Error("one inference for two samples: got no error")
	}
}

// TestBesideRefuses holds that a prefix and bottlenecks, which lie on no layer, and scales are refused beside shared weights, not left out.
func TestBesideRefuses(t *testing.T) {
	e, err := backbone.New(backbone.Config{Hidden: 8, Layers: 1, Heads: 2, MaxPositions: 4}, "")
	if err != nil {
		t.Fatal(err)
	}
	root := e.Snapshot()
	for _, method := range []string{peft.MethodPrefix, peft.MethodBottleneck, peft.MethodIA3} {
		c, _ := peft.Default(method)
		if c.Bottleneck != nil {
			c.Bottleneck.Size = 2
		}
		own := e.Share()
		if _, err := peft.Attach(own, c, 1); err != nil {
			t.Fatal(err)
		}
		if _, ok := root.With(own); ok {
			t.Errorf("%s: lies beside the weights, which can't be", method)
		}
	}
}
