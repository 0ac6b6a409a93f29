package graph_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/graph"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// muonTolerance is for float32 against float64: the iteration multiplies what is left of small singular values by up to 500.
const muonTolerance = 2e-4

// hidden returns a hidden matrix of the golden values' start, with a gradient.
func hidden(name string, rows, cols int) *nn.Param {
	p := nn.NewParam(name, rows, cols)
	p.Hidden = true
	for i := range p.Value {
		p.Value[i] = float32((i*5)%7-3) / 4
	}
	p.NeedGrad()
	return p
}

// slope sets the golden values' gradient of a step.
func slope(p *nn.Param, step int) {
	for i := range p.Grad {
		p.Grad[i] = float32(math.Sin(float64(step+i) * float64(i+3) * 0.37))
	}
}

// TestMuon holds a few steps of matrices of all forms to a float64 reference, and their bits to one another for any number of workers.
func TestMuon(t *testing.T) {
	t.Cleanup(func() { kernels.SetWorkers(0) })
	raw, err := os.ReadFile("testdata/muon.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Steps            int
		LR, Decay, Scale float32
		Cases            []struct {
			Rows, Cols int
			Values     []float64
		}
	}
	if err := json.Unmarshal(raw, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden.Cases) == 0 {
		t.Fatal("no golden values")
	}
	for _, c := range golden.Cases {
		var first []float32
		for _, workers := range []int{1, 2, 5} {
			kernels.SetWorkers(workers)
			p := hidden("w", c.Rows, c.Cols)
			opt := graph.NewMuon([]*nn.Param{p}, graph.MuonConfig{AdamW: graph.AdamWConfig{WeightDecay: golden.Decay}})
			for step := range golden.Steps {
				slope(p, step+1)
				if err := opt.Update(golden.LR, golden.Scale); err != nil {
					t.Fatal(err)
				}
			}
			if first == nil {
				first = p.Value
			} else if !slices.Equal(first, p.Value) {
				t.Errorf("%d x %d: %d workers give other bits", c.Rows, c.Cols, workers)
			}
		}
		for i, want := range c.Values {
			if math.Abs(float64(first[i])-want) > muonTolerance {
				t.Fatalf("%d x %d: value %d is %g, want %g", c.Rows, c.Cols, i, first[i], want)
			}
		}
	}
}

// several returns hidden matrices of many forms.
func several() (all []*nn.Param) {
	for i, shape := range [][2]int{{3, 5}, {40, 8}, {17, 17}, {8, 40}, {1, 6}, {33, 20}, {6, 1}, {20, 33}, {64, 16}, {16, 64}, {5, 3}, {150, 200}, {200, 150}} {
		all = append(all, hidden(fmt.Sprint(i), shape[0], shape[1]))
	}
	return all
}

// TestMuonTogether: matrices that are moved at the same time come to the bits of each by itself, for any number of workers.
func TestMuonTogether(t *testing.T) {
	t.Cleanup(func() { kernels.SetWorkers(0) })
	update := func(params []*nn.Param) {
		opt := graph.NewMuon(params, graph.MuonConfig{})
		for step := range 3 {
			for _, p := range params {
				slope(p, step)
			}
			if err := opt.Update(0.02, 0.5); err != nil {
				t.Fatal(err)
			}
		}
	}
	alone := several()
	for i := range alone {
		update(alone[i : i+1])
	}
	for _, workers := range []int{1, 2, 3, 5} {
		kernels.SetWorkers(workers)
		together := several()
		update(together)
		for i, p := range together {
			if !slices.Equal(p.Value, alone[i].Value) {
				t.Errorf("%d workers: matrix %v differs from itself alone", workers, p.Shape)
			}
		}
	}
}

// TestMuonMove: a move is a scaled matrix of singular values about 1, whatever those of the gradient are, and none where there is no gradient.
func TestMuonMove(t *testing.T) {
	const rows, cols, lr = 4, 6, 0.5
	p := hidden("w", rows, cols)
	before := slices.Clone(p.Value)
	for i := range rows { // singular values of 1, 0.1, 0.01 and 0.001
		p.Grad[i*cols+i] = float32(math.Pow(10, -float64(i)))
	}
	opt := graph.NewMuon([]*nn.Param{p}, graph.MuonConfig{})
	if err := opt.Update(lr, 1); err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		for j := range cols {
			move := float64(before[i*cols+j]-p.Value[i*cols+j]) / (lr * 0.2 * math.Sqrt(cols))
			switch {
			case i != j && math.Abs(move) > 1e-6:
				t.Errorf("off the diagonal at %d, %d: moved by %g", i, j, move)
			case i == j && i < 3 && (move < 0.6 || move > 1.3), i == j && i == 3 && move < 0.3:
				t.Errorf("singular value %d of the move: got %g, want about 1", i, move)
			}
		}
	}
	still := hidden("still", 3, 3)
	before = slices.Clone(still.Value)
	if err := graph.NewMuon([]*nn.Param{still}, graph.MuonConfig{}).Update(lr, 1); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(before, still.Value) {
		t.Errorf("no gradient: got %v, want %v", still.Value, before)
	}
}

// mixture is a hidden matrix, one that isn't, a bias, and a frozen hidden matrix.
func mixture() []*nn.Param {
	table, bias, frozen := hidden("table", 5, 4), nn.NewParam("bias", 4), hidden("frozen", 4, 4)
	table.Hidden, bias.Hidden = false, true
	bias.NeedGrad()
	return []*nn.Param{hidden("w", 4, 6), table, bias, frozen}
}

// TestMuonLeavesTheRestToAdamW: what is no hidden matrix moves as by AdamW alone, to the bit; what is frozen stays.
func TestMuonLeavesTheRestToAdamW(t *testing.T) {
	config := graph.AdamWConfig{WeightDecay: 0.1, Beta2: 0.98}
	muon, adamw := mixture(), mixture()
	a, b := graph.NewMuon(muon, graph.MuonConfig{AdamW: config}), graph.NewAdamW(adamw, config)
	muon[3].Frozen, adamw[3].Frozen = true, true
	for step := range 5 {
		for i := range muon {
			slope(muon[i], step)
			slope(adamw[i], step)
		}
		for _, opt := range []graph.Optimizer{a, b} {
			if err := opt.Update(0.01, 0.5); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i, p := range muon {
		if same := slices.Equal(p.Value, adamw[i].Value); same != (i > 0) {
			t.Errorf("%s: as by AdamW: %t", p.Name, same)
		}
	}
	if !slices.Equal(muon[3].Value, hidden("", 4, 4).Value) {
		t.Error("a frozen matrix moved")
	}
	var names []string
	for _, m := range a.Moments() {
		names = append(names, m.Name)
		if len(m.Values) != len(m.Param.Value) {
			t.Errorf("%s: got %d values, want %d", m.Name, len(m.Values), len(m.Param.Value))
		}
	}
	want := []string{"exp_avg.table", "exp_avg_sq.table", "exp_avg.bias", "exp_avg_sq.bias", "momentum_buffer.w", "momentum_buffer.frozen"}
	if !slices.Equal(names, want) {
		t.Errorf("moments: got %q, want %q", names, want)
	}
}

// TestMuonResumes: moments and the number of steps are the whole state.
func TestMuonResumes(t *testing.T) {
	run := func(params []*nn.Param, opt graph.Optimizer, from, to int) {
		for step := from; step < to; step++ {
			for _, p := range params {
				slope(p, step)
			}
			if err := opt.Update(1e-2, 1); err != nil {
				t.Fatal(err)
			}
		}
	}
	fresh := func() ([]*nn.Param, graph.Optimizer) {
		params := mixture()
		return params, graph.NewMuon(params, graph.MuonConfig{AdamW: graph.AdamWConfig{WeightDecay: 0.01}})
	}
	whole, opt := fresh()
	run(whole, opt, 0, 9)
	first, before := fresh()
	run(first, before, 0, 4)
	second, after := fresh()
	for i, p := range first {
		copy(second[i].Value, p.Value)
	}
	for i, m := range before.Moments() {
		copy(after.Moments()[i].Values, m.Values)
	}
	after.SetT(4)
	run(second, after, 4, 9)
	for i, p := range whole {
		if !slices.Equal(p.Value, second[i].Value) {
			t.Errorf("%s: resumed: got %v, want %v", p.Name, second[i].Value, p.Value)
		}
	}
}

// TestMuonSolver drives Muon as any Gorgonia solver, and wrongly.
func TestMuonSolver(t *testing.T) {
	p := hidden("p", 2, 2)
	slope(p, 1)
	opt, other := graph.NewMuon([]*nn.Param{p}, graph.MuonConfig{}), graph.NewMuon([]*nn.Param{hidden("q", 2, 2)}, graph.MuonConfig{})
	f := &foreign{tensor.New(tensor.WithShape(2, 2), tensor.WithBacking(slices.Clone(p.Value))), tensor.New(tensor.WithShape(2, 2), tensor.WithBacking(slices.Clone(p.Grad)))}
	if err := other.Update(0.1, 1); err != nil { // sets the rate
		t.Fatal(err)
	}
	other.Moments()[0].Values[0] = 0
	if err := opt.Update(0.1, 1); err != nil {
		t.Fatal(err)
	}
	var solver gorgonia.Solver = other
	if err := solver.Step([]gorgonia.ValueGrad{f}); err != nil {
		t.Fatal(err)
	}
	if got := f.value.Data().([]float32); !slices.Equal(got, p.Value) {
		t.Errorf("got %v, want %v", got, p.Value)
	}
	if err := solver.Step(nil); err == nil {
		t.Error("a model of another size passed")
	}
	f.grad = tensor.New(tensor.WithShape(3), tensor.Of(tensor.Float32))
	if err := solver.Step([]gorgonia.ValueGrad{f}); err == nil {
		t.Error("a gradient of another size passed")
	}
	bare := nn.NewParam("bare", 2, 2)
	bare.Hidden = true
	if err := graph.NewMuon([]*nn.Param{bare}, graph.MuonConfig{}).Update(0.1, 1); err == nil {
		t.Error("an update without gradients passed")
	}
}

func ExampleMuon() {
	w := nn.NewParam("w", 2, 2)
	w.Hidden = true
	w.NeedGrad()
	copy(w.Grad, []float32{100, 0, 0, 0.01}) // one direction has nearly all of the slope
	opt := graph.NewMuon([]*nn.Param{w}, graph.MuonConfig{})
	err := opt.Update(0.1, 1)
	fmt.Printf("%.3f %v\n", w.Value, err)
	// Output: [-0.020 0.000 0.000 -0.001] <nil>
}

// BenchmarkMuon is a step of the matrices of mini.
func BenchmarkMuon(b *testing.B) {
	var params []*nn.Param
	for range 4 {
		for _, shape := range [][2]int{{256, 256}, {256, 256}, {256, 256}, {256, 256}, {1024, 256}, {256, 1024}} {
			params = append(params, hidden("", shape[0], shape[1]))
		}
	}
	for _, p := range params {
		slope(p, 1)
	}
	opt := graph.NewMuon(params, graph.MuonConfig{})
	b.ReportAllocs()
	for b.Loop() {
		if err := opt.Update(1e-9, 1); err != nil {
			b.Fatal(err)
		}
	}
}
