package graph

import (
	"fmt"
	"math"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// AdamWConfig holds the settings of AdamW; zero betas and Eps mean the defaults.
type AdamWConfig struct {
	Beta1, Beta2 float32 // default 0.9 and 0.999
	Eps          float32 // default 1e-8
	WeightDecay  float32 // of matrices; biases and norms don't decay
}

// AdamW is Adam with decoupled weight decay (Loshchilov and Hutter, 2019), with PyTorch's arithmetic, as a
// gorgonia.Solver. Its parameters are in two groups: matrices decay, biases and norms don't.
type AdamW struct {
	T int // steps done

	config        AdamWConfig
	params        []*nn.Param
	model         []gorgonia.ValueGrad
	m, v          [][]float32
	lr, gradScale float32
}

// NewAdamW returns a solver for params with moments of zero. A parameter that is frozen later is left alone.
func NewAdamW(params []*nn.Param, c AdamWConfig) *AdamW {
	if c.Beta1 == 0 {
		c.Beta1 = 0.9
	}
	if c.Beta2 == 0 {
		c.Beta2 = 0.999
	}
	if c.Eps == 0 {
		c.Eps = 1e-8
	}
	a := &AdamW{config: c, params: params, gradScale: 1}
	for _, p := range params {
		a.model = append(a.model, &paramNode{param: p})
		a.m, a.v = append(a.m, kernels.Make[float32](len(p.Value))), append(a.v, kernels.Make[float32](len(p.Value)))
	}
	return a
}

// Update implements Optimizer.
func (a *AdamW) Update(lr, gradScale float32) error {
	a.lr, a.gradScale = lr, gradScale
	return a.Step(a.model)
}

// Moments implements Optimizer: the first and the second moment of each parameter in turn.
func (a *AdamW) Moments() []Moment {
	all := make([]Moment, 0, 2*len(a.params))
	for i, p := range a.params {
		all = append(all, Moment{"exp_avg." + p.Name, p, a.m[i]}, Moment{"exp_avg_sq." + p.Name, p, a.v[i]})
	}
	return all
}

// SetT implements Optimizer.
func (a *AdamW) SetT(t int) { a.T = t }

// Step implements gorgonia.Solver, at the learning rate of the last Update. model holds the parameters of NewAdamW in their order, as
// Model returns them, or values of the same sizes.
func (a *AdamW) Step(model []gorgonia.ValueGrad) error {
	if len(model) != len(a.params) {
		return fmt.Errorf("graph: adamw: got %d parameters, want %d", len(model), len(a.params))
	}
	t := a.T + 1
	s := kernels.AdamWStep{
		Beta1: a.config.Beta1, Beta2: a.config.Beta2, Eps: a.config.Eps, GradScale: a.gradScale,
		Correction1: correction(a.config.Beta1, t), Correction2: correction(a.config.Beta2, t),
	}
	for i, n := range model {
		if a.params[i].Frozen {
			continue
		}
		value, grad, err := slices(n)
		if err != nil {
			return fmt.Errorf("graph: adamw: %s: %w", a.params[i].Name, err)
		}
		if len(value) != len(a.m[i]) || len(grad) != len(value) {
			return fmt.Errorf("graph: adamw: %s: got %d values and %d gradients, want %d", a.params[i].Name, len(value), len(grad), len(a.m[i]))
		}
		s.LR, s.WeightDecay = a.params[i].LR(a.lr), 0
		if a.params[i].Decays() {
			s.WeightDecay = a.config.WeightDecay
		}
		kernels.AdamW(value, a.m[i], a.v[i], grad, s)
	}
	a.T = t
	return nil
}

// Model returns the parameters as Gorgonia sees them.
func (a *AdamW) Model() []gorgonia.ValueGrad { return a.model }

// correction is 1 - beta^t. The power is by squaring in float64, each product rounded, so every machine agrees.
func correction(beta float32, t int) float32 {
	power, square := 1.0, float64(beta)
	for ; t > 0; t >>= 1 {
		if t&1 == 1 {
			power = float64(power * square)
		}
		square = float64(square * square)
	}
	return float32(1 - power)
}

// ClipScale returns what the gradients of params, once multiplied by scale, are to be multiplied by so that their global
// norm is at most limit (Pascanu et al., 2013), together with that norm before clipping: Update's gradScale. No limit: limit <= 0.
func ClipScale(params []*nn.Param, scale float32, limit float64) (gradScale float32, norm float64) {
	norm = nn.GradNorm(params) * math.Abs(float64(scale))
	if limit > 0 && norm > limit {
		return float32(float64(scale) * (limit / norm)), norm
	}
	return scale, norm
}

// paramNode is a parameter as Gorgonia sees it: a value and a gradient that share the parameter's arrays.
type paramNode struct {
	param       *nn.Param
	value, grad *tensor.Dense
}

// Value implements gorgonia.Valuer.
func (n *paramNode) Value() gorgonia.Value {
	if n.value == nil {
		n.value = tensor.New(tensor.WithShape(n.param.Shape...), tensor.WithBacking(n.param.Value))
	}
	return n.value
}

// Grad implements gorgonia.ValueGrad.
func (n *paramNode) Grad() (gorgonia.Value, error) {
	if n.param.Grad == nil {
		return nil, fmt.Errorf("got no gradient, want one from a step before the update")
	}
	if n.grad == nil {
		n.grad = tensor.New(tensor.WithShape(n.param.Shape...), tensor.WithBacking(n.param.Grad))
	}
	return n.grad, nil
}

// slices returns the arrays behind a value and its gradient.
func slices(n gorgonia.ValueGrad) (value, grad []float32, err error) {
	if p, ok := n.(*paramNode); ok && p.param.Grad != nil {
		return p.param.Value, p.param.Grad, nil // Data of a tensor makes garbage
	}
	g, err := n.Grad()
	if err != nil {
		return nil, nil, err
	}
	value, okValue := n.Value().Data().([]float32)
	grad, okGrad := g.Data().([]float32)
	if !okValue || !okGrad {
		return nil, nil, fmt.Errorf("got %T and %T, want []float32", n.Value().Data(), g.Data())
	}
	return value, grad, nil
}
