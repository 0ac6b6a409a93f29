package pretrain

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/shared/graph"
	"github.com/fmkit/fmkit/shared/nn"
)

// A golden case is a question about two windows of three steps, as testdata/golden.py asks it: pairs of a token's row and of a step, over all windows.
type goldenCase struct {
	Causal       bool
	Lengths      []int32
	Hidden       []bool
	Returns      [][2]int32
	Observations [][2]int32
	Actions      [][2]int32
	Environment  int
	Loss         float64
	Gradients    map[string][]float32
}

type golden struct {
	Environments []rl.Environment
	Weights      map[string][]float32
	Windows      []struct{ Returns, Observations, Actions []float32 }
	Cases        []goldenCase
}

func readGolden(t *testing.T) (*golden, *rl.Model) {
	t.Helper()
	raw, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	c := rl.Config{Context: 3, Environments: g.Environments}
	c.Hidden, c.Layers, c.Heads, c.Intermediate = 8, 1, 2, 12
	m, err := rl.New(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range m.Params() {
		if copy(p.Value, g.Weights[p.Name]) != len(p.Value) {
			t.Fatalf("%s: %d weights, want %d", p.Name, len(g.Weights[p.Name]), len(p.Value))
		}
	}
	return &g, m
}

// chain makes the training chain of a case, whose batch is laid as a maker lays it.
func (g *golden) chain(t *testing.T, m *rl.Model, x *goldenCase) ([]nn.Sublayer, *batch) {
	t.Helper()
	const b, k = 2, 3
	e, from := &m.Config.Environments[x.Environment], g.Windows[x.Environment]
	c := Config{Model: m.Config, Loss: Weights{Returns: 0.5, Observations: 1, Actions: 2}}
	all := &batch{
		nn:          nn.Batch{B: b, T: 3 * k, Lengths: x.Lengths, Causal: x.Causal, Train: true},
		environment: x.Environment, samples: make([]sample, b),
		window: rl.Window{Parts: c.parts(), K: k, Returns: from.Returns, Observations: from.Observations, Actions: from.Actions, Hidden: x.Hidden},
	}
	for kind, pairs := range [][][2]int32{x.Returns, x.Observations, x.Actions} {
		for _, p := range pairs {
			s := &all.samples[p[1]/k].mask
			s.targets[kind] = append(s.targets[kind], target{p[0] % (3 * k), p[1] % k})
		}
	}
	all.gather(e)
	embed, err := newEmbeddings(m, c.parts())
	if err != nil {
		t.Fatal(err)
	}
	losses := newPredictions(m, &c)
	losses.batch, embed.current = all, x.Environment
	embed.all[x.Environment].Window = all.window
	return append(append([]nn.Sublayer{embed}, m.Encoder.Sublayers()...), losses), all
}

// TestGolden compares loss and gradients with those of testdata/golden.py, which computes them in float64.
func TestGolden(t *testing.T) {
	g, _ := readGolden(t)
	for i := range g.Cases {
		x := &g.Cases[i]
		_, m := readGolden(t)
		chain, b := g.chain(t, m, x)
		loss, err := graph.New(chain...).Step(&b.nn)
		if err != nil {
			t.Fatal(err)
		}
		if e := math.Abs(float64(loss) - x.Loss); !(e <= 2e-6*x.Loss) {
			t.Errorf("case %d: loss: got %g, want %g", i, loss, x.Loss)
		}
		for _, p := range m.Params() {
			want, largest := x.Gradients[p.Name], 1e-2
			for _, v := range want {
				largest = max(largest, math.Abs(float64(v)))
			}
			for j, got := range p.Grad {
				w := 0.0 // of what has no part in it
				if want != nil {
					w = float64(want[j])
				}
				if e := math.Abs(float64(got) - w); !(e <= 2e-5*largest) {
					t.Errorf("case %d: %s: gradient %d: got %g, want %g", i, p.Name, j, got, w)
					break
				}
			}
			if p.Grad == nil && want != nil {
				t.Errorf("case %d: %s: got no gradient", i, p.Name)
			}
		}
	}
}

// TestDifferences holds the gradients against differences of the loss along random directions of every parameter.
func TestDifferences(t *testing.T) {
	g, _ := readGolden(t)
	for i := range g.Cases {
		_, m := readGolden(t)
		chain, b := g.chain(t, m, &g.Cases[i])
		d := graph.Direct(chain...)
		if _, err := d.Step(&b.nn); err != nil {
			t.Fatal(err)
		}
		at := func() float64 {
			loss, err := d.Loss(&b.nn)
			if err != nil {
				t.Fatal(err)
			}
			return float64(loss)
		}
		for _, p := range m.Params() {
			if p.Grad == nil {
				continue
			}
			const step = 4e-3 // float32 losses: the error is about 1e-7 / step and step²
			slope := 0.0
			was := append([]float32(nil), p.Value...)
			along := make([]float32, len(was))
			for j := range along {
				along[j] = float32(1-2*(j*7/3%2)) / float32(math.Sqrt(float64(len(was))))
				slope += float64(p.Grad[j]) * float64(along[j])
			}
			move := func(by float32) float64 {
				for j := range p.Value {
					p.Value[j] = was[j] + by*along[j]
				}
				return at()
			}
			got := (move(step) - move(-step)) / (2 * step)
			copy(p.Value, was)
			if math.Abs(got-slope) > 1e-2*max(0.1, math.Abs(slope)) {
				t.Errorf("case %d: %s: slope: got %g by differences, %g by gradients", i, p.Name, got, slope)
			}
		}
	}
}
