package backbone_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/graph"
	"github.com/fmkit/fmkit/shared/nn"
)

// The golden file is float64 arithmetic rounded to float32; ours is float32 throughout.
const (
	// gradTolerance bounds the error of a gradient relative to the largest element of its parameter's gradient, or to a thousandth of the
	// largest of all where that is more: the gradient of a key bias is zero in exact arithmetic.
	gradTolerance = 1e-4
	lossTolerance = 1e-4
	// stepTolerance bounds the relative error of a loss after some steps: Adam divides by the gradient's size, which
	// enlarges the error of small gradients.
	stepTolerance = 1e-3
)

type goldenCase struct {
	Norm      string
	Causal    bool
	IDs       []int32
	Types     []int32
	Lengths   []int32
	Positions []int32
	Targets   []int32
}

type golden struct {
	Hidden, Heads, Intermediate, Layers, Vocab, Positions, Types, B, T int

	Eps, LR, Decay float32
	Cases          map[string]goldenCase
	Torch          string

	file *checkpoint.File
}

func openGolden(t *testing.T) *golden {
	t.Helper()
	f, err := checkpoint.Open("testdata/encoder.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	g := &golden{file: f}
	if err := json.Unmarshal([]byte(f.Metadata()["golden"]), g); err != nil {
		t.Fatal(err)
	}
	return g
}

func (g *golden) read(t *testing.T, name string, dst []float32) {
	t.Helper()
	if err := g.file.Read(name, dst); err != nil {
		t.Fatal(err)
	}
}

// model is a masked-language model over a chain of sublayers.
type model struct {
	embedding *nn.Embedding
	encoder   *backbone.Encoder
	head      *nn.LMHead
	params    []*nn.Param
}

func newModel(t testing.TB, c backbone.Config, vocab int) *model {
	t.Helper()
	m := &model{}
	var err error
	if m.embedding, err = nn.NewEmbedding("bert.", c.Defaults().Embedding(vocab)); err != nil {
		t.Fatal(err)
	}
	if m.encoder, err = backbone.New(c, "bert."); err != nil {
		t.Fatal(err)
	}
	m.head = nn.NewLMHead("cls.predictions", m.embedding.Word, c.Hidden, c.Defaults().Eps)
	for _, l := range m.chain() {
		m.params = append(m.params, l.Params()...)
	}
	for _, p := range m.params {
		p.Init(1)
	}
	return m
}

func (m *model) chain() []nn.Sublayer {
	chain := append([]nn.Sublayer{m.embedding}, m.encoder.Sublayers()...)
	return append(chain, m.head)
}

func (g *golden) model(t *testing.T, c goldenCase) *model {
	m := newModel(t, backbone.Config{
		Hidden: g.Hidden, Heads: g.Heads, Intermediate: g.Intermediate, Layers: g.Layers, MaxPositions: g.Positions, Types: g.Types,
		Eps: g.Eps, Norm: c.Norm, Causal: c.Causal,
	}, g.Vocab)
	for _, p := range m.params {
		g.read(t, "weight/"+p.Name, p.Value)
	}
	m.embedding.IDs, m.embedding.TypeIDs = c.IDs, c.Types
	m.head.Positions, m.head.Targets = c.Positions, c.Targets
	return m
}

func largest(x []float32) float64 {
	var m float64
	for _, v := range x {
		m = max(m, math.Abs(float64(v)))
	}
	return m
}

func TestPyTorch(t *testing.T) {
	g := openGolden(t)
	for name, c := range g.Cases {
		t.Run(name, func(t *testing.T) {
			m := g.model(t, c)
			b := &nn.Batch{B: g.B, T: g.T, Lengths: c.Lengths}
			run := graph.New(m.chain()...)
			losses := make([]float32, 20)
			g.read(t, name+"/losses", losses)
			opt := graph.NewAdamW(m.params, graph.AdamWConfig{WeightDecay: g.Decay})
			for step, want := range losses {
				nn.ZeroGrad(m.params)
				got, err := run.Step(b)
				if err != nil {
					t.Fatal(err)
				}
				tolerance := stepTolerance
				if step == 0 {
					tolerance = lossTolerance
					g.checkGrads(t, name, m.params)
				}
				if e := math.Abs(float64(got-want)) / float64(want); !(e <= tolerance) {
					t.Errorf("step %d: loss %g, PyTorch %g, relative error %.1e", step, got, want, e)
				}
				if err := opt.Update(g.LR, 1); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	if len(g.Cases) != 6 {
		t.Errorf("got %d cases, want 6", len(g.Cases))
	}
}

func (g *golden) checkGrads(t *testing.T, name string, params []*nn.Param) {
	t.Helper()
	wants, all, worst := make([][]float32, len(params)), 0.0, 0.0
	for i, p := range params {
		wants[i] = make([]float32, len(p.Value))
		g.read(t, name+"/"+p.Name, wants[i])
		all = max(all, largest(wants[i]))
	}
	for i, p := range params {
		scale := max(largest(wants[i]), 1e-3*all)
		for j, want := range wants[i] {
			e := math.Abs(float64(p.Grad[j])-float64(want)) / scale
			worst = max(worst, e)
			if !(e <= gradTolerance) {
				t.Errorf("%s[%d]: gradient %g, PyTorch %g, relative error %.1e", p.Name, j, p.Grad[j], want, e)
				break
			}
		}
	}
	t.Logf("largest relative error of a gradient: %.1e", worst)
}
