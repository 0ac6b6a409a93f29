package graph_test

import (
	"math"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/graph"
	"github.com/fmkit/fmkit/shared/nn"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// adamTolerance is for float32 arithmetic against float64 over 50 steps of moves of up to 0.01.
const adamTolerance = 1e-5

func TestAdamW(t *testing.T) {
	w, bias := nn.NewParam("w", 3, 5), nn.NewParam("bias", 5)
	frozen := nn.NewParam("frozen", 2)
	params := []*nn.Param{w, bias, frozen}
	opt := graph.NewAdamW(params, graph.AdamWConfig{WeightDecay: 0.1})
	frozen.Frozen = true
	want, m, v := map[string][]float64{}, map[string][]float64{}, map[string][]float64{}
	for _, p := range params {
		p.NeedGrad()
		for i := range p.Value {
			p.Value[i] = float32(i) - 2
		}
		m[p.Name], v[p.Name] = make([]float64, len(p.Value)), make([]float64, len(p.Value))
		for _, x := range p.Value {
			want[p.Name] = append(want[p.Name], float64(x))
		}
	}
	for s := 1; s <= 50; s++ {
		const lr, scale = 0.01, 0.5
		for _, p := range params {
			for i := range p.Grad {
				p.Grad[i] = float32(math.Sin(float64(s * (i + 1))))
				if p.Frozen {
					continue
				}
				g := scale * float64(p.Grad[i])
				x, m, v := &want[p.Name][i], &m[p.Name][i], &v[p.Name][i]
				if len(p.Shape) > 1 {
					*x -= lr * 0.1 * *x
				}
				*m, *v = 0.9**m+0.1*g, 0.999**v+0.001*g*g
				*x -= lr * (*m / (1 - math.Pow(0.9, float64(s)))) / (math.Sqrt(*v/(1-math.Pow(0.999, float64(s)))) + 1e-8)
			}
		}
		if err := opt.Update(lr, scale); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range params {
		for i, x := range want[p.Name] {
			if math.Abs(float64(p.Value[i])-x) > adamTolerance*max(1, math.Abs(x)) {
				t.Errorf("%s[%d]: got %g, want %g", p.Name, i, p.Value[i], x)
			}
		}
	}
	if opt.T != 50 {
		t.Errorf("T: got %d, want 50", opt.T)
	}
}

// TestAdamWResumes: moments and the number of steps are the whole state.
func TestAdamWResumes(t *testing.T) {
	run := func(steps int, from *nn.Param, opt *graph.AdamW) {
		for range steps {
			for i := range from.Grad {
				from.Grad[i] = float32(math.Sin(float64(opt.T*7 + i)))
			}
			if err := opt.Update(1e-2, 1); err != nil {
				t.Fatal(err)
			}
		}
	}
	fresh := func() (*nn.Param, *graph.AdamW) {
		p := nn.NewParam("p", 4, 4)
		p.NeedGrad()
		return p, graph.NewAdamW([]*nn.Param{p}, graph.AdamWConfig{WeightDecay: 0.01})
	}
	whole, opt := fresh()
	run(9, whole, opt)
	first, before := fresh()
	run(4, first, before)
	second, after := fresh()
	copy(second.Value, first.Value)
	for i, m := range before.Moments() {
		copy(after.Moments()[i].Values, m.Values)
	}
	after.SetT(before.T)
	run(5, second, after)
	if !slices.Equal(whole.Value, second.Value) {
		t.Errorf("resumed: got %v, want %v", second.Value, whole.Value)
	}
}

// foreign is a ValueGrad that isn't ours.
type foreign struct{ value, grad *tensor.Dense }

func (f *foreign) Value() gorgonia.Value         { return f.value }
func (f *foreign) Grad() (gorgonia.Value, error) { return f.grad, nil }

// TestSolver drives AdamW as any Gorgonia solver.
func TestSolver(t *testing.T) {
	p := nn.NewParam("p", 2, 2)
	p.NeedGrad()
	copy(p.Grad, []float32{1, -2, 3, 0})
	opt := graph.NewAdamW([]*nn.Param{p}, graph.AdamWConfig{})
	if err := opt.Update(0.1, 1); err != nil {
		t.Fatal(err)
	}
	other := graph.NewAdamW([]*nn.Param{nn.NewParam("q", 2, 2)}, graph.AdamWConfig{})
	if err := other.Update(0.1, 1); err == nil {
		t.Error("an update without gradients passed")
	}
	f := &foreign{
		tensor.New(tensor.WithShape(2, 2), tensor.Of(tensor.Float32)),
		tensor.New(tensor.WithShape(2, 2), tensor.WithBacking(slices.Clone(p.Grad))),
	}
	var solver gorgonia.Solver = other
	if err := solver.Step([]gorgonia.ValueGrad{f}); err != nil {
		t.Fatal(err)
	}
	if got := f.value.Data().([]float32); !slices.Equal(got, p.Value) {
		t.Errorf("got %v, want %v", got, p.Value)
	}
	v, err := opt.Model()[0].Grad()
	if err != nil || !opt.Model()[0].Value().Shape().Eq(tensor.Shape{2, 2}) || v.Data().([]float32)[1] != -2 {
		t.Errorf("as Gorgonia sees it: got %v and gradient %v, %v", opt.Model()[0].Value(), v, err)
	}
	if err := solver.Step(nil); err == nil {
		t.Error("a model of another size passed")
	}
}

func TestClipScale(t *testing.T) {
	p, q := nn.NewParam("p", 2), nn.NewParam("q", 1)
	p.NeedGrad()
	q.NeedGrad()
	copy(p.Grad, []float32{3, 0})
	q.Grad[0] = 4
	params := []*nn.Param{p, q}
	for _, c := range []struct {
		scale       float32
		limit, norm float64
		want        float32
	}{{1, 10, 5, 1}, {1, 1, 5, 0.2}, {0.5, 5, 2.5, 0.5}, {0.5, 1, 2.5, 0.2}, {1, 0, 5, 1}} {
		if got, norm := graph.ClipScale(params, c.scale, c.limit); got != c.want || norm != c.norm {
			t.Errorf("scale %g, limit %g: got %g and norm %g, want %g and %g", c.scale, c.limit, got, norm, c.want, c.norm)
		}
	}
	q.Frozen = true
	if got := nn.GradNorm(params); got != 3 {
		t.Errorf("norm with a frozen parameter: got %g, want 3", got)
	}
}

// TestRates: a parameter whose rate is half the step's moves as one in a step at half the rate, by either optimizer, to the bit.
func TestRates(t *testing.T) {
	for name, optimizer := range map[string]func(p []*nn.Param) graph.Optimizer{
		"adamw": func(p []*nn.Param) graph.Optimizer { return graph.NewAdamW(p, graph.AdamWConfig{WeightDecay: 0.1}) },
		"muon":  func(p []*nn.Param) graph.Optimizer { return graph.NewMuon(p, graph.MuonConfig{}) },
	} {
		for _, hidden := range []bool{false, true} {
			after := func(rate, lr float32) []float32 {
				p := nn.NewParam("p", 3, 4)
				p.NeedGrad()
				p.Rate, p.Hidden = rate, hidden
				nn.InitNormal(p, 1)
				copy(p.Grad, []float32{1, -2, 3, 0.5, 4, -1})
				o := optimizer([]*nn.Param{p})
				for range 3 {
					if err := o.Update(lr, 1); err != nil {
						t.Fatal(err)
					}
				}
				return p.Value
			}
			if half, whole := after(0, 0.5e-2), after(0.5, 1e-2); !slices.Equal(half, whole) || slices.Equal(whole, after(0, 1e-2)) {
				t.Errorf("%s, hidden %v: got %v, want %v", name, hidden, whole, half)
			}
		}
	}
}
