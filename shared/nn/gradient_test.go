package nn_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/kernels/kerneltest"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

// externals is the number of external positions in the tests.
const externals = 2

// The reference is float64, ours float32: the loss of a few hundred roundings and the gradients of a few thousand stay far
// below these, a wrong term doesn't. Gradients are relative to the largest of their parameter, or to a hundredth of the largest of all where
// that is more.
const (
	lossTolerance = 2e-6
	gradTolerance = 1e-4
	step          = 1e-5 // of the central differences: error about step^2
)

// stack is the chain that the reference describes.
type stack struct {
	reference
	embedding *nn.Embedding
	attention *nn.Attention
	chain     []nn.Sublayer
	params    []*nn.Param
}

func newStack(t testing.TB, r reference) *stack {
	t.Helper()
	const vocab, hidden, maxPositions = 11, 12, 9
	r.d, r.heads, r.eps = 8, 2, 1e-5
	s := &stack{reference: r}
	var err error
	s.embedding, err = nn.NewEmbedding("", nn.EmbeddingConfig{Vocab: vocab, D: r.d, Positions: maxPositions, Kind: r.kind, Types: 2, Eps: 1e-5, Inner: r.inner, Offset: r.offset, NoShift: r.bare})
	if err != nil {
		t.Fatal(err)
	}
	s.embedding.IDs, s.embedding.TypeIDs = r.ids, r.types
	s.attention = nn.NewAttention("att", "att.out", r.d, r.heads)
	s.attention.Causal, s.attention.Window = r.causal, r.window
	if r.kind == "rotary" {
		s.attention.Rotary = nn.NewRotary(maxPositions, r.d/r.heads, 10000)
	}
	switch r.external {
	case "shared":
		s.attention.External = &nn.External{Key: nn.NewParam("ext.key", externals, r.d), Value: nn.NewParam("ext.value", externals, r.d)}
	case "each":
		s.attention.External = &nn.External{Key: nn.NewParam("ext.key", r.b.B, externals, r.d), Value: nn.NewParam("ext.value", r.b.B, externals, r.d)}
	}
	feed := nn.NewFeedForward("ffn.up", "ffn.down", r.d, hidden, r.act)
	if r.gated {
		feed.Gate = nn.NewLinear("ffn.gate", r.d, hidden)
	}
	attend := nn.NewResidual("attention", s.attention, nn.NewLayerNorm("att.norm", r.d, 1e-5), r.pre, 0)
	fed := nn.NewResidual("feed", feed, nn.NewLayerNorm("ffn.norm", r.d, 1e-5), r.pre, 0)
	s.chain = []nn.Sublayer{s.embedding, attend, fed}
	if r.bare {
		for _, l := range []*nn.Linear{s.attention.Query, s.attention.Key, s.attention.Value, s.attention.Output, feed.Up, feed.Down} {
			l.B = nil
		}
		attend.Norm, fed.Norm.Beta = nil, nil
	}
	if r.pre {
		s.chain = append(s.chain, nn.NewNorm("final", r.d, 1e-5))
	}
	switch r.head {
	case "lm":
		l := nn.NewLMHead("lm", s.embedding.Word, r.d, 1e-5)
		l.Positions, l.Targets = r.positions, r.targets
		s.chain = append(s.chain, l)
	case "discriminator":
		l := nn.NewDiscriminatorLoss("discriminator", r.d, r.act, float32(r.weight))
		l.Replaced = r.replaced
		s.chain = append(s.chain, l)
	default:
		l := nn.NewClassifierLoss("classifier", r.d, 3, 0)
		l.Labels, l.Smoothing = r.targets, float32(r.smoothing)
		s.chain = append(s.chain, &nn.Pool{Pooling: nn.Pooling(r.head), D: r.d}, l)
	}
	s.collect()
	return s
}

// collect lists the parameters and gives each values that matter.
func (s *stack) collect() {
	s.params = nil
	for _, l := range s.chain {
		s.params = append(s.params, l.Params()...)
	}
	for _, p := range s.params {
		stream := random.New(random.Key(3, p.Name))
		for i := range p.Value {
			p.Value[i] = float32(0.4 * stream.Normal())
			if strings.Contains(p.Name, "orm.weight") || p.Name == "final.weight" || strings.HasSuffix(p.Name, ".scale") || strings.HasSuffix(p.Name, ".input") {
				p.Value[i]++
			}
		}
	}
}

// step runs the chain forward and backward; dx stops at the first sublayer with anything to train.
func (s *stack) step(t testing.TB) float32 {
	t.Helper()
	first, outs := len(s.chain), make([][]float32, len(s.chain))
	var x []float32
	for i, l := range s.chain {
		if first == len(s.chain) && nn.Trainable(l.Params()) {
			first = i
		}
		n := 1
		for _, e := range l.Shape(s.b) {
			n *= e
		}
		outs[i] = make([]float32, n)
		if err := l.Forward(outs[i], x, s.b); err != nil {
			t.Fatal(err)
		}
		x = outs[i]
	}
	dy := []float32{1}
	for i := len(s.chain) - 1; i >= first; i-- {
		var dx, in []float32
		if i > 0 {
			in = outs[i-1]
		}
		if i > first {
			dx = slices.Repeat([]float32{float32(math.NaN())}, len(in)) // Backward must set all of it
		}
		if err := s.chain[i].Backward(dx, dy, in, outs[i], s.b); err != nil {
			t.Fatal(err)
		}
		dy = dx
	}
	return x[0]
}

func (s *stack) values() values {
	v := values{}
	for _, p := range s.params {
		for _, e := range p.Value {
			v[p.Name] = append(v[p.Name], float64(e))
		}
	}
	return v
}

// check compares loss and gradients with the reference and its central differences.
func (s *stack) check(t *testing.T) {
	t.Helper()
	got, v := s.step(t), s.values()
	if want := s.loss(v); math.Abs(float64(got)-want) > lossTolerance*want {
		t.Errorf("loss %.8g, reference %.8g", got, want)
	}
	want, all := map[string][]float64{}, 0.0
	for _, p := range s.params {
		for i := range p.Value {
			g := kerneltest.Derivative(func() float64 { return s.loss(v) }, &v[p.Name][i], step)
			want[p.Name] = append(want[p.Name], g)
			all = max(all, math.Abs(g))
		}
	}
	for _, p := range s.params {
		if p.Frozen {
			if p.Grad != nil {
				t.Errorf("frozen %s has a gradient", p.Name)
			}
			continue
		}
		scale := 1e-2 * all
		for _, g := range want[p.Name] {
			scale = max(scale, math.Abs(g))
		}
		for i, g := range want[p.Name] {
			if e := math.Abs(float64(p.Grad[i])-g) / scale; !(e <= gradTolerance) {
				t.Errorf("%s[%d]: gradient %g, want %g: relative error %.1e", p.Name, i, p.Grad[i], g, e)
				break
			}
		}
	}
}

// base is a batch of two padded samples for a masked-language model.
func base() reference {
	return reference{
		kind: "absolute", act: nn.GELU, head: "lm",
		b:         &nn.Batch{B: 2, T: 5, Lengths: []int32{5, 3}},
		ids:       []int32{3, 1, 4, 1, 5, 9, 2, 6, 99, -1}, // padding isn't looked at
		types:     []int32{0, 0, 1, 1, 1, 0, 1, 0, 7, 7},
		positions: []int32{0, 2, 4, 6, 7, 7},
		targets:   []int32{2, 7, nn.IgnoreLabel, 1, 8, 2},
	}
}

// detecting asks which tokens were replaced, of padding too: that isn't looked at.
func detecting(r *reference) {
	r.head, r.weight = "discriminator", 50
	r.replaced = []bool{false, true, false, false, true, true, false, false, true, true}
}

func TestGradients(t *testing.T) {
	cases := map[string]func(r *reference){
		"post":         func(*reference) {},
		"pre":          func(r *reference) { r.pre = true },
		"causal":       func(r *reference) { r.causal = true },
		"causal batch": func(r *reference) { r.b.Causal = true },
		"full": func(r *reference) {
			r.b.Lengths, r.ids, r.types = nil, []int32{3, 1, 4, 1, 5, 9, 2, 6, 5, 3}, make([]int32, 10)
		},
		"sinusoidal": func(r *reference) { r.kind = "sinusoidal" },
		"rotary":     func(r *reference) { r.kind, r.pre = "rotary", true },
		"positions": func(r *reference) {
			r.kind, r.b.Positions = "rotary", []int32{2, 3, 4, 7, 8, 0, 0, 5, -9, 99}
		},
		"learnt positions": func(r *reference) { r.b.Positions = []int32{2, 3, 4, 7, 8, 0, 0, 5, -9, 99} },
		"gated":            func(r *reference) { r.gated = true },
		"gated, bare, local": func(r *reference) {
			r.kind, r.pre, r.gated, r.bare, r.window = "rotary", true, true, true, 2
		},
		"projected":           func(r *reference) { r.inner = 6 },
		"offset":              func(r *reference) { r.offset = 2 },
		"gelu_new":            func(r *reference) { r.act = nn.GELUTanh },
		"relu":                func(r *reference) { r.act = nn.ReLU },
		"silu":                func(r *reference) { r.act = nn.SiLU },
		"prefix":              func(r *reference) { r.external = "shared" },
		"prefix causal pre":   func(r *reference) { r.external, r.causal, r.pre = "shared", true, true },
		"prefix causal batch": func(r *reference) { r.external, r.b.Causal = "shared", true },
		"causal batch, local": func(r *reference) { r.kind, r.window, r.b.Causal = "rotary", 2, true },
		"cache":               func(r *reference) { r.external, r.causal = "each", true },
		"cls":                 func(r *reference) { r.head, r.targets = "cls", []int32{2, 0} },
		"mean":                func(r *reference) { r.head, r.targets = "mean", []int32{1, 0} },
		"rest":                func(r *reference) { r.head, r.targets = "rest", []int32{1, 2} },
		"discriminator":       detecting,
		"discriminator, full": func(r *reference) {
			detecting(r)
			r.b.Lengths, r.ids, r.types, r.act = nil, []int32{3, 1, 4, 1, 5, 9, 2, 6, 5, 3}, make([]int32, 10), nn.GELUTanh
		},
		"smooth": func(r *reference) {
			r.head, r.smoothing, r.targets = "mean", 0.25, []int32{2, nn.IgnoreLabel}
		},
		"max": func(r *reference) { r.head, r.targets = "max", []int32{2, nn.IgnoreLabel} },
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			r := base()
			change(&r)
			newStack(t, r).check(t)
		})
	}
}

// TestCausalBatch: a causal batch has the loss and the gradients of a causal layer, to the bit.
func TestCausalBatch(t *testing.T) {
	var losses [3]float32
	var grads [3][]float32
	for i := range losses {
		r := base()
		r.causal, r.b.Causal = i == 0, i == 1
		s := newStack(t, r)
		losses[i] = s.step(t)
		for _, p := range s.params {
			grads[i] = append(grads[i], p.Grad...)
		}
	}
	if losses[0] != losses[1] || !slices.Equal(grads[0], grads[1]) {
		t.Errorf("loss of a causal batch %g, of a causal layer %g, or gradients differ", losses[1], losses[0])
	}
	if losses[0] == losses[2] {
		t.Error("a causal batch has the loss of one that isn't")
	}
}

// TestFrozen: what is trained gets the gradient, bit for bit, that it gets when everything is.
func TestFrozen(t *testing.T) {
	for _, pre := range []bool{false, true} {
		r := base()
		r.pre, r.external, r.gated, r.inner = pre, "shared", pre, 6
		all := newStack(t, r)
		all.step(t)
		for _, only := range []string{"ffn.gate", "_project", "att.query", "att.key.weight", "value.bias", "att.out", "ffn.up", "ffn.down.bias", "norm", "embeddings", "lm.", "ext."} {
			s := newStack(t, r)
			for _, p := range s.params {
				p.Frozen = !strings.Contains(p.Name, only)
			}
			s.step(t)
			for i, p := range s.params {
				if p.Frozen && p.Grad != nil {
					t.Errorf("%s alone: frozen %s has a gradient", only, p.Name)
				} else if !p.Frozen && !slices.Equal(p.Grad, all.params[i].Grad) {
					t.Errorf("%s alone, pre-norm %t: gradient of %s differs from that when all are trained", only, pre, p.Name)
				}
			}
		}
	}
}

// lowRank adds B A x, as in LoRA (Hu et al., 2021).
type lowRank struct {
	a, b  *nn.Param // [R, In], [Out, R]
	inner []float32 // [N, R]
}

func (l *lowRank) Params() []*nn.Param { return []*nn.Param{l.a, l.b} }

func (l *lowRank) Forward(y, x []float32, n int, _ *nn.Batch) error {
	r, in, out := l.a.Shape[0], l.a.Shape[1], l.b.Shape[0]
	l.inner = make([]float32, n*r)
	kernels.MatMulNT(l.inner, x, l.a.Value, n, r, in, false)
	kernels.MatMulNT(y, l.inner, l.b.Value, n, out, r, true)
	return nil
}

func (l *lowRank) Backward(dx, dy, x []float32, n int, _ *nn.Batch) error {
	r, in, out := l.a.Shape[0], l.a.Shape[1], l.b.Shape[0]
	l.a.NeedGrad()
	l.b.NeedGrad()
	kernels.MatMulTN(l.b.Grad, dy, l.inner, out, r, n, true)
	inner := make([]float32, n*r)
	kernels.MatMul(inner, dy, l.b.Value, n, r, out, false)
	kernels.MatMulTN(l.a.Grad, inner, x, r, in, n, true)
	if dx != nil {
		kernels.MatMul(dx, inner, l.a.Value, n, in, r, true)
	}
	return nil
}

func (l *lowRank) Merge(w, _ []float32) {
	kernels.MatMul(w, l.b.Value, l.a.Value, l.b.Shape[0], l.a.Shape[1], l.a.Shape[0], true)
}

// scaling multiplies the output, as in IA3 (Liu et al., 2022).
type scaling struct {
	s    *nn.Param // [Out]
	kept []float32
}

func (l *scaling) Params() []*nn.Param { return []*nn.Param{l.s} }

func (l *scaling) Forward(y, _ []float32, n int, _ *nn.Batch) error {
	l.kept = slices.Clone(y[:n*len(l.s.Value)])
	for i := range l.kept {
		y[i] *= l.s.Value[i%len(l.s.Value)]
	}
	return nil
}

func (l *scaling) Backward(_, dy, _ []float32, n int, _ *nn.Batch) error {
	l.s.NeedGrad()
	for i := range n * len(l.s.Value) {
		j := i % len(l.s.Value)
		l.s.Grad[j] += float32(dy[i] * l.kept[i])
		dy[i] *= l.s.Value[j]
	}
	return nil
}

func (l *scaling) Merge(w, bias []float32) {
	in := len(w) / len(l.s.Value)
	for o, s := range l.s.Value {
		for j := range in {
			w[o*in+j] *= s
		}
		bias[o] *= s
	}
}

// TestDeltas puts low-rank and scaling changes on linear layers, with the layers trained and frozen.
func TestDeltas(t *testing.T) {
	for _, frozen := range []bool{false, true} {
		for _, pre := range []bool{false, true} {
			r := base()
			r.pre = pre
			s := newStack(t, r)
			low := func(l *nn.Linear, name string) {
				l.Delta = &lowRank{a: nn.NewParam(name+".a", 2, l.In()), b: nn.NewParam(name+".b", l.Out(), 2)}
			}
			feed := s.chain[2].(*nn.Residual).Branch.(*nn.FeedForward)
			low(s.attention.Query, "att.query")
			low(s.attention.Output, "att.out")
			low(feed.Down, "ffn.down")
			s.attention.Value.Delta = &scaling{s: nn.NewParam("att.value.scale", s.attention.Value.Out())}
			feed.Up.Delta = &scaling{s: nn.NewParam("ffn.up.scale", feed.Up.Out())}
			s.collect()
			for _, p := range s.params {
				p.Frozen = frozen && !strings.HasSuffix(p.Name, ".a") && !strings.HasSuffix(p.Name, ".b") && !strings.HasSuffix(p.Name, ".scale")
			}
			s.check(t)
		}
	}
}

// TestInputs scales the inputs of linear layers, alone and under a low-rank change, with the layers trained and frozen.
func TestInputs(t *testing.T) {
	for _, frozen := range []bool{false, true} {
		r := base()
		r.pre, r.gated = frozen, true
		s := newStack(t, r)
		feed := s.chain[2].(*nn.Residual).Branch.(*nn.FeedForward)
		for name, l := range map[string]*nn.Linear{"att.out": s.attention.Output, "ffn.gate": feed.Gate, "ffn.up": feed.Up, "ffn.down": feed.Down} {
			l.Input = nn.NewParam(name+".input", 1, l.In())
		}
		feed.Down.Delta = &lowRank{a: nn.NewParam("ffn.down.a", 2, feed.Down.In()), b: nn.NewParam("ffn.down.b", feed.Down.Out(), 2)}
		s.collect()
		for _, p := range s.params {
			p.Frozen = frozen && !strings.HasSuffix(p.Name, ".input") && !strings.HasPrefix(p.Name, "ffn.down.")
		}
		s.check(t)
	}
}

// TestBottlenecks puts bottlenecks behind both branches, with everything else trained and frozen.
func TestBottlenecks(t *testing.T) {
	for _, frozen := range []bool{false, true} {
		r := base()
		r.pre = !frozen
		s := newStack(t, r)
		s.chain[1].(*nn.Residual).Adapter = nn.NewBottleneck("att.adapter", s.d, 3, r.act)
		s.chain[2].(*nn.Residual).Adapter = nn.NewBottleneck("ffn.adapter", s.d, 2, r.act)
		s.collect()
		for _, p := range s.params {
			p.Frozen = frozen && !strings.Contains(p.Name, ".adapter.")
		}
		s.check(t)
	}
}

// TestMerged: the merged weights of a low-rank and a scaling change give the outputs of the forward, up to float32 rounding of
// a dozen terms.
func TestMerged(t *testing.T) {
	const in, out, n, tolerance = 5, 4, 3, 1e-5
	draw := func(p *nn.Param) *nn.Param {
		stream := random.New(random.Key(2, p.Name))
		for i := range p.Value {
			p.Value[i] = float32(stream.Normal())
		}
		return p
	}
	for _, delta := range []nn.Delta{
		&lowRank{a: draw(nn.NewParam("a", 2, in)), b: draw(nn.NewParam("b", out, 2))},
		&scaling{s: draw(nn.NewParam("s", out))},
	} {
		l := nn.NewLinear("l", in, out)
		draw(l.W)
		draw(l.B)
		before := slices.Clone(l.W.Value)
		l.Delta, l.Input = delta, draw(nn.NewParam("input", 1, in))
		x, want, got := draw(nn.NewParam("x", n, in)).Value, make([]float32, n*out), make([]float32, n*out)
		if err := l.Forward(want, x, n, &nn.Batch{}); err != nil {
			t.Fatal(err)
		}
		w, bias := l.Merged()
		kernels.MatMulNTBias(got, x, w, bias, n, out, in)
		for i := range got {
			if math.Abs(float64(got[i]-want[i])) > tolerance {
				t.Errorf("%T: output %d: merged %g, want %g", delta, i, got[i], want[i])
			}
		}
		if !slices.Equal(before, l.W.Value) {
			t.Errorf("%T: merging changed the weights themselves", delta)
		}
	}
}
