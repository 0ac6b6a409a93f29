package nn

import (
	"math"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/random"
)

// A Param is a named tensor that training changes. Fill Value in place and never replace it: several parameters may be
// views of one array, as the query, key and value weights of an attention are.
type Param struct {
	Name   string
	Shape  []int
	Value  []float32 // all elements, last axis fastest
	Grad   []float32 // as Value; nil until NeedGrad
	Frozen bool      // Backward leaves Grad alone
	Hidden bool      // a matrix between hidden vectors, inside a block: optimizers may treat it as a whole
	Vector bool      // a vector that files have as a matrix of one row or column
	Rate   float32   // learning rate as a share of the step's; 0: all of it

	fused *fused // the array that Grad is a view of, nil: its own
	at    int    // where the view starts
	init  initKind
}

// fused is the gradient of parameters whose values lie side by side in one array.
type fused struct {
	size int
	grad []float32
}

type initKind uint8

const (
	initZeros initKind = iota
	initOnes
	initNormal
	initHe
	initKept // Init leaves the value alone
)

// NewParam returns a parameter of zeros.
func NewParam(name string, shape ...int) *Param {
	p := &Param{Name: name, Shape: append([]int(nil), shape...)}
	p.Value = kernels.Make[float32](size(shape))
	return p
}

func newInit(kind initKind, name string, shape ...int) *Param {
	p := NewParam(name, shape...)
	p.init = kind
	if kind == initOnes {
		p.Init(0)
	}
	return p
}

// newFused returns parameters of one shape that are views of one array, and that array.
func newFused(kind initKind, names []string, shape ...int) ([]*Param, []float32, *fused) {
	n := size(shape)
	value, group := kernels.Make[float32](n*len(names)), &fused{size: n * len(names)}
	params := make([]*Param, len(names))
	for i, name := range names {
		params[i] = &Param{
			Name: name, Shape: append([]int(nil), shape...), Value: value[i*n : (i+1)*n : (i+1)*n],
			fused: group, at: i * n, init: kind,
		}
	}
	return params, value, group
}

func size(shape []int) int {
	n := 1
	for _, s := range shape {
		n *= s
	}
	return n
}

// NeedGrad makes Grad, of zeros, if there is none.
func (p *Param) NeedGrad() {
	switch {
	case p.Grad != nil:
	case p.fused == nil:
		p.Grad = kernels.Make[float32](len(p.Value))
	default:
		n := len(p.Value)
		p.Grad = p.fused.all()[p.at : p.at+n : p.at+n]
		clear(p.Grad) // of an earlier Grad that was dropped
	}
}

func (f *fused) all() []float32 {
	if f.grad == nil {
		f.grad = kernels.Make[float32](f.size)
	}
	return f.grad
}

// wanted returns the gradient to add into, nil for a frozen parameter or none at all.
func (p *Param) wanted() []float32 {
	if p == nil || p.Frozen {
		return nil
	}
	p.NeedGrad()
	return p.Grad
}

// Decays says that weight decay applies: to matrices, not to biases and norms.
func (p *Param) Decays() bool { return len(p.Shape) > 1 && !p.Vector }

// LR is the parameter's learning rate in a step at rate lr.
func (p *Param) LR(lr float32) float32 {
	if p.Rate == 0 {
		return lr
	}
	return float32(float64(lr) * float64(p.Rate))
}

// Init sets the initial value: ones and zeros for norms and biases; for kernels of convolutions as InitNormal, but of variance 2 over the inputs (He et al., 2015); else InitNormal. A fixed table stays as it is.
func (p *Param) Init(seed uint64) {
	switch p.init {
	case initKept:
	case initNormal:
		InitNormal(p, seed)
	case initHe:
		draw(p, seed, math.Sqrt(2/float64(p.Shape[1])))
	case initOnes:
		for i := range p.Value {
			p.Value[i] = 1
		}
	default:
		clear(p.Value)
	}
}

// initStd is the standard deviation of initial weights before truncation (Devlin et al., 2018, appendix A.2, as released).
const initStd = 0.02

// InitNormal draws p from the normal distribution of standard deviation 0.02 truncated at two deviations, by seed and the
// name of p alone.
func InitNormal(p *Param, seed uint64) { draw(p, seed, initStd) }

func draw(p *Param, seed uint64, std float64) {
	s := random.New(random.Key(seed, p.Name))
	for i := range p.Value {
		v := s.Normal()
		for v < -2 || v > 2 {
			v = s.Normal()
		}
		p.Value[i] = float32(std * v)
	}
}

// ZeroGrad clears the gradients that exist.
func ZeroGrad(params []*Param) {
	for _, p := range params {
		clear(p.Grad)
	}
}

// GradNorm returns the Euclidean norm of all gradients together, added up in the order of params. A frozen parameter and one without
// a gradient count as zero.
func GradNorm(params []*Param) float64 {
	total := 0.0
	for _, p := range params {
		if !p.Frozen && p.Grad != nil {
			total += kernels.SumSquares(p.Grad)
		}
	}
	return math.Sqrt(total)
}

// clone returns a parameter with a copy of the value and no gradient; nil for nil.
func (p *Param) clone() *Param {
	if p == nil {
		return nil
	}
	c := NewParam(p.Name, p.Shape...)
	copy(c.Value, p.Value)
	c.Frozen, c.Hidden, c.Vector, c.Rate, c.init = p.Frozen, p.Hidden, p.Vector, p.Rate, p.init
	return c
}
