package graph_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/graph"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

// model is a small masked-language model with a head to classify beside it.
type model struct {
	embedding *nn.Embedding
	encoder   *backbone.Encoder
	head      *nn.LMHead
	chain     []nn.Sublayer
	params    []*nn.Param
}

func newModel(t testing.TB, c backbone.Config, vocab int) *model {
	t.Helper()
	m := &model{}
	var err error
	if m.embedding, err = nn.NewEmbedding("", c.Defaults().Embedding(vocab)); err != nil {
		t.Fatal(err)
	}
	if m.encoder, err = backbone.New(c, ""); err != nil {
		t.Fatal(err)
	}
	m.head = nn.NewLMHead("cls", m.embedding.Word, c.Hidden, 1e-12)
	m.chain = append([]nn.Sublayer{m.embedding}, m.encoder.Sublayers()...)
	m.chain = append(m.chain, m.head)
	for _, l := range m.chain {
		m.params = append(m.params, l.Params()...)
	}
	for _, p := range m.params {
		p.Init(7)
	}
	return m
}

var small = backbone.Config{
	Hidden: 32, Layers: 2, Heads: 2, Intermediate: 48, MaxPositions: 32, Types: 2,
	Dropout: 0.1, AttentionDropout: 0.1,
}

// fill makes the s-th batch of samples with the given lengths, padded to t.
func (m *model) fill(s uint64, t int, lengths ...int) *nn.Batch {
	b := &nn.Batch{B: len(lengths), T: t, Train: true}
	m.embedding.IDs = make([]int32, b.B*t)
	m.head.Positions, m.head.Targets = nil, nil
	for i, n := range lengths {
		b.Lengths = append(b.Lengths, int32(n))
		key := random.Mix(random.Key(1, "batch"), s*100+uint64(i))
		b.Keys = append(b.Keys, key)
		for j := range n {
			m.embedding.IDs[i*t+j] = int32(random.Mix(key, uint64(j)) % uint64(m.embedding.Word.Shape[0]))
		}
		for j := 0; j < n; j += 3 {
			m.head.Positions = append(m.head.Positions, int32(i*t+j))
			m.head.Targets = append(m.head.Targets, int32(random.Mix(key, uint64(j)+99)%uint64(m.embedding.Word.Shape[0])))
		}
	}
	return b
}

// grads returns the bits of all gradients.
func grads(params []*nn.Param) []uint32 {
	var bits []uint32
	for _, p := range params {
		for _, g := range p.Grad {
			bits = append(bits, math.Float32bits(g))
		}
	}
	return bits
}

type stepper interface {
	Step(*nn.Batch) (float32, error)
	Loss(*nn.Batch) (float32, error)
}

// TestGraphEqualsDirect holds the graph to the direct calls bit for bit, over growing, shrinking and causal batches, frozen parameters and
// numbers of workers.
func TestGraphEqualsDirect(t *testing.T) {
	t.Cleanup(func() { kernels.SetWorkers(0) })
	freezes := map[string]func(name string) bool{
		"all": func(string) bool { return false },
		"upper": func(name string) bool {
			return strings.Contains(name, "embeddings") || strings.Contains(name, "layer.0")
		},
		"head":      func(name string) bool { return !strings.HasPrefix(name, "cls") },
		"biases":    func(name string) bool { return !strings.HasSuffix(name, ".bias") },
		"embedding": func(name string) bool { return !strings.Contains(name, "embeddings") },
		"queries":   func(name string) bool { return !strings.Contains(name, "query") },
	}
	for _, norm := range []string{"post", "pre"} {
		c := small
		c.Norm = norm
		m := newModel(t, c, 50)
		direct, g := graph.Direct(m.chain...), graph.New(m.chain...)
		for name, frozen := range freezes {
			for _, p := range m.params {
				p.Frozen, p.Grad = frozen(p.Name), nil
			}
			seed := uint64(0)
			for _, workers := range []int{1, 2, 5} {
				kernels.SetWorkers(workers)
				for _, lengths := range [][]int{{5, 3}, {12, 12, 12}, {9, 1, 4, 2}, {5, 3}} {
					seed++
					b := m.fill(seed, slices.Max(lengths), lengths...)
					b.Causal = seed%3 == 0
					losses, bits := [2]float32{}, [2][]uint32{}
					for i, s := range []stepper{direct, g} {
						nn.ZeroGrad(m.params)
						var err error
						if losses[i], err = s.Step(b); err != nil {
							t.Fatal(err)
						}
						bits[i] = grads(m.params)
						if again, err := s.Loss(b); err != nil || again != losses[i] {
							t.Fatalf("%s %s: loss without gradients: got %g, %v, want %g", norm, name, again, err, losses[i])
						}
					}
					if losses[0] != losses[1] || !slices.Equal(bits[0], bits[1]) {
						t.Fatalf("%s %s %v, %d workers: graph differs from direct calls: losses %g and %g", norm, name, lengths, workers, losses[1], losses[0])
					}
					for _, p := range m.params {
						if p.Frozen && p.Grad != nil {
							t.Fatalf("%s %s: frozen %s has a gradient", norm, name, p.Name)
						}
					}
				}
			}
		}
	}
}

// TestPaddingAndWorkers: loss and gradients are the same to the bit whatever length a batch is padded to and however many
// workers there are.
func TestPaddingAndWorkers(t *testing.T) {
	t.Cleanup(func() { kernels.SetWorkers(0) })
	for _, norm := range []string{"post", "pre"} {
		for _, kind := range []string{"absolute", "rotary", "sinusoidal"} {
			c := small
			c.Norm, c.PositionKind, c.Causal = norm, kind, kind == "rotary"
			m := newModel(t, c, 50)
			var loss float32
			var want []uint32
			g := graph.New(m.chain...)
			for i, width := range []int{9, 10, 16, 31, 9} {
				kernels.SetWorkers([]int{1, 2, 5}[i%3])
				b := m.fill(1, width, 9, 2, 5)
				nn.ZeroGrad(m.params)
				got, err := g.Step(b)
				if err != nil {
					t.Fatal(err)
				}
				if i == 0 {
					loss, want = got, grads(m.params)
				} else if got != loss || !slices.Equal(grads(m.params), want) {
					t.Errorf("%s %s: padded to %d: loss %g or gradients differ from those without padding, loss %g", norm, kind, width, got, loss)
				}
			}
		}
	}
}

// boom is a loss that fails.
type boom struct{ how string }

func (*boom) Name() string          { return "boom" }
func (*boom) Params() []*nn.Param   { return nil }
func (*boom) Shape(*nn.Batch) []int { return []int{1} }
func (l *boom) Forward(y, _ []float32, _ *nn.Batch) error {
	switch l.how {
	case "panic":
		panic("something broke")
	case "error":
		return errBoom
	case "nan":
		y[0] = float32(math.NaN())
	}
	return nil
}

func (l *boom) Backward(dx, _, _, _ []float32, _ *nn.Batch) error {
	if l.how == "backward" {
		panic("something broke on the way back")
	}
	clear(dx)
	return nil
}

var errBoom = errors.New("boom")

func TestFailures(t *testing.T) {
	m := newModel(t, small, 50)
	loss := &boom{}
	chain := append(slices.Clone(m.chain[:len(m.chain)-1]), loss)
	g := graph.New(chain...)
	b := m.fill(1, 4, 4, 2)
	for _, c := range []struct{ how, want string }{
		{"panic", "graph: boom: panic: something broke"},
		{"backward", "graph: boom: panic: something broke on the way back"},
		{"error", "boom"},
	} {
		loss.how = c.how
		if _, err := g.Step(b); err == nil || err.Error() != c.want {
			t.Errorf("%s: got error %v, want %s", c.how, err, c.want)
		}
		if _, err := g.Step(b); c.how == "error" && !errors.Is(err, errBoom) {
			t.Errorf("got %v, want the sublayer's own error", err)
		}
		loss.how = ""
		if got, err := g.Step(b); err != nil || got != 0 {
			t.Errorf("after %s: got %g, %v, want 0", c.how, got, err)
		}
	}
	loss.how = "nan"
	if got, err := g.Step(b); err != nil || got == got {
		t.Errorf("non-finite loss: got %g, %v, want it as it is", got, err)
	}
	for _, p := range m.params {
		p.Frozen = true
	}
	if _, err := g.Step(b); err == nil || err.Error() != "graph: every parameter is frozen" {
		t.Errorf("got %v, want an error for frozen parameters", err)
	}
	if _, err := g.Loss(&nn.Batch{}); err == nil {
		t.Error("an empty batch passed")
	}
}

// TestManyShapes runs more shapes than a graph keeps.
func TestManyShapes(t *testing.T) {
	m := newModel(t, backbone.Config{Hidden: 8, Layers: 1, Heads: 1, MaxPositions: 80}, 10)
	g, direct := graph.New(m.chain...), graph.Direct(m.chain...)
	for _, start := range []int{70, 1} {
		for n := start; n <= 70; n++ {
			b := m.fill(uint64(n), n, n)
			got, err := g.Loss(b)
			if err != nil {
				t.Fatal(err)
			}
			if want, _ := direct.Loss(b); got != want {
				t.Fatalf("length %d: loss %g, want %g", n, got, want)
			}
		}
	}
}

// TestConcurrentGraphs builds and runs graphs of different models at the same time; for the race detector.
func TestConcurrentGraphs(t *testing.T) {
	for i := range 4 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			m := newModel(t, backbone.Config{Hidden: 8, Layers: 1, Heads: 1, MaxPositions: 16}, 10)
			g, direct := graph.New(m.chain...), graph.Direct(m.chain...)
			for n := 1; n < 10; n++ {
				b := m.fill(uint64(n), n, n, 1)
				got, err := g.Step(b)
				if err != nil {
					t.Fatal(err)
				}
				if want, _ := direct.Step(b); got != want {
					t.Fatalf("length %d: loss %g, want %g", n, got, want)
				}
			}
		})
	}
}
