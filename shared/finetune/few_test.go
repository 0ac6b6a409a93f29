package finetune

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/peft"
)

// tower is a base of three blocks on one vector of width 8 for every token, with a count of the backward passes of each sublayer.
type tower struct {
	encoder   *backbone.Encoder
	embedding *nn.Param
	backward  map[string]int
	asked     map[string]bool // whether the gradient of the input was
}

func newTower(t *testing.T) *tower {
	t.Helper()
	e, err := backbone.New(backbone.Config{Hidden: 8, Layers: 3, Heads: 2, Intermediate: 12, MaxPositions: 16, Norm: "pre"}, "bert.")
	if err != nil {
		t.Fatal(err)
	}
	e.Init(1)
	m := &tower{e, nn.NewParam("embedding", 8), map[string]int{}, map[string]bool{}}
	nn.InitNormal(m.embedding, 1)
	return m
}

func (m *tower) Fingerprint() string          { return "sha256:tower" }
func (m *tower) Clone() (*tower, error)       { return m, nil } // so that the test sees what is trained
func (m *tower) Params() []*nn.Param          { return append([]*nn.Param{m.embedding}, m.encoder.Params()...) }
func (m *tower) Fresh(uint64) (*tower, error) { return m, nil }
func (m *tower) Identity() adapter.Base       { return adapter.Base{Name: "tower"} }
func (m *tower) Width() int                   { return 8 }
func (m *tower) Backbone() *backbone.Encoder  { return m.encoder }
func (m *tower) Name() string                 { return "embedding" }
func (m *tower) Shape(b *nn.Batch) []int      { return []int{b.B, b.T, 8} }
func (m *tower) Forward(y, _ []float32, _ *nn.Batch) error {
	for i := range y {
		y[i] = m.embedding.Value[i%8] + float32(i%5)
	}
	return nil
}

func (m *tower) Backward(_, _, _, _ []float32, _ *nn.Batch) error {
	m.backward["embedding"]++
	return nil
}

// towerSource is the tower's embedding as a sublayer.
type towerSource struct{ *tower }

func (s towerSource) Params() []*nn.Param { return []*nn.Param{s.embedding} }

// counted is a sublayer that counts.
type counted struct {
	nn.Sublayer
	m *tower
}

func (c counted) Backward(dx, dy, x, y []float32, b *nn.Batch) error {
	c.m.backward[c.Name()]++
	c.m.asked[c.Name()] = dx != nil
	return c.Sublayer.Backward(dx, dy, x, y, b)
}

func (m *tower) Freeze()       {}
func (m *tower) Frozen() bool  { return false }
func (m *tower) Share() *tower { return m }

type towerRows struct{}

func (towerRows) Lengths() []int32 { return []int32{3, 3, 3, 3} }

func (towerRows) Varied() bool { return false }

func (towerRows) Lay(l *nn.Batch, rows []int32) ([]int32, error) {
	l.T = 3
	return rows, nil
}

func (towerRows) Chain(m *tower) ([]nn.Sublayer, func([]int32)) {
	chain := []nn.Sublayer{towerSource{m}}
	for _, l := range m.encoder.Sublayers() {
		chain = append(chain, counted{l, m})
	}
	return chain, func([]int32) {}
}

func (towerRows) Encoder(m *tower) func(y []float32, rows []int32, l *nn.Batch) error {
	s := m.encoder.Snapshot()
	return func(y []float32, _ []int32, l *nn.Batch) error {
		if err := m.Forward(y, nil, l); err != nil {
			return err
		}
		return s.Forward(y, y, l)
	}
}

// TestFrozenCostsNothing: what is frozen gets no gradient and has nothing in the optimizer, and no backward pass goes below the lowest thing that is trained.
func TestFrozenCostsNothing(t *testing.T) {
	const steps = 2
	lowest := "bert.encoder.layer.0.attention"
	for _, c := range []struct {
		method string
		with   peft.Config
		stops  string // the lowest sublayer that is differentiated, "": the embedding
		grads  string // what the names of the model's parameters with gradients match
	}{
		{adapter.Full, peft.Config{}, "", "."},
		{adapter.Head, peft.Config{}, "classifier", "^$"},
		{adapter.LoRA, peft.Config{LoRA: &peft.LoRAConfig{Rank: 2, Alpha: 2, Targets: []string{"query"}}}, lowest, "^$"},
		{adapter.LoRA, peft.Config{LoRA: &peft.LoRAConfig{Rank: 2, Alpha: 2, Targets: []string{"2.output.dense"}}}, "bert.encoder.layer.2.output", "^$"},
		{adapter.IA3, peft.Config{}, lowest, "^$"},
		{adapter.Prefix, peft.Config{}, lowest, `\.prefix$`},
		{adapter.Bottleneck, peft.Config{Bottleneck: &peft.BottleneckConfig{Size: 2, Activation: "relu"}}, "bert.encoder.layer.0.output", `\.adapter\.`},
		{adapter.BitFit, peft.Config{}, lowest, `^bert.*\.bias$`},
		{adapter.LastK, peft.Config{LastK: &peft.LastKConfig{Layers: 1}}, "bert.encoder.layer.2.attention", `layer\.2\.|encoder\.LayerNorm`},
	} {
		m := newTower(t)
		loss := nn.NewClassifierLoss("classifier", 8, 2, 0)
		head := Head{Pooling: nn.PoolMean, Layers: []nn.Sublayer{loss}, Target: func(rows []int32) {
			loss.Labels = loss.Labels[:0]
			for _, r := range rows {
				loss.Labels = append(loss.Labels, r%2)
			}
		}}
		config := Defaults()
		config.Method, config.Config, config.Steps = c.method, c.with, steps
		run := t.TempDir()
		f, err := Fit(context.Background(), m, head, towerRows{}, config, Options{Run: run})
		if err != nil {
			t.Fatalf("%s: %v", c.method, err)
		}
		below := c.stops != ""
		for _, l := range (towerRows{}).chain(m) {
			name := l.Name()
			if name == c.stops {
				below = false
				if m.asked[name] {
					t.Errorf("%s: %s is asked for the gradient of its input", c.method, name)
				}
			}
			want := steps
			if below {
				want = 0
			}
			if got := m.backward[name]; got != want {
				t.Errorf("%s: %s: got %d backward passes, want %d", c.method, name, got, want)
			}
		}
		trained := 0
		for _, p := range m.Params() {
			if has := p.Grad != nil; p != m.embedding && has != regexp.MustCompile(c.grads).MatchString(p.Name) {
				t.Errorf("%s: %s: has a gradient: %v", c.method, p.Name, has)
			}
		}
		for _, p := range f.Params {
			trained += len(p.Value)
		}
		if got := moments(t, run); got != 2*trained {
			t.Errorf("%s: got %d values in the optimizer, want two for each of the %d trained", c.method, got, trained)
		}
	}
}

func (towerRows) chain(m *tower) []nn.Sublayer {
	layers, _ := towerRows{}.Chain(m)
	return layers
}

// moments counts what the optimizer of a run has kept.
func moments(t *testing.T, run string) (n int) {
	t.Helper()
	dirs, err := os.ReadDir(run)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(dirs, func(d os.DirEntry) bool { return strings.HasPrefix(d.Name(), "checkpoint-") })
	f, err := checkpoint.Open(filepath.Join(run, dirs[at].Name(), "optimizer.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	tensors, err := f.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range tensors {
		n += len(x.Data)
	}
	return n
}

// TestLayerRates: a block learns at decay to the power of the blocks above it and one, the embedding below all, the norm behind the blocks as the head does.
func TestLayerRates(t *testing.T) {
	m := newTower(t)
	layerRates(m, 0.5)
	for _, p := range m.Params() {
		want := float32(0) // the head's
		switch {
		case p == m.embedding:
			want = 0.0625
		case strings.Contains(p.Name, "layer.0."):
			want = 0.125
		case strings.Contains(p.Name, "layer.1."):
			want = 0.25
		case strings.Contains(p.Name, "layer.2."):
			want = 0.5
		}
		if p.Rate != want {
			t.Errorf("%s: got %g, want %g", p.Name, p.Rate, want)
		}
	}
}
