package peft

import (
	"fmt"
	"math"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

// A LoRAConfig is PEFT's LoraConfig, as far as encoders need it.
type LoRAConfig struct {
	Rank    int      `json:"r"`
	Alpha   float64  `json:"lora_alpha"`     // the change is scaled by Alpha/Rank
	Dropout float64  `json:"lora_dropout"`   // of what goes into the change, while training
	RSLoRA  bool     `json:"use_rslora"`     // scale by Alpha/sqrt(Rank) (Kalajdzievski, "A Rank Stabilization Scaling Factor for Fine-Tuning with LoRA", 2023)
	Targets []string `json:"target_modules"` // ends of the names of the layers to change, such as query, or all-linear for every one inside the blocks
}

// maxRank bounds the rank, so that a file from a stranger can't ask for more memory than a machine has.
const maxRank = 256

// validate implements method.
func (c *LoRAConfig) validate() error {
	switch {
	case c.Rank < 1 || c.Rank > maxRank:
		return fmt.Errorf("%w: r: got %d, want 1 to %d", ErrConfig, c.Rank, maxRank)
	case !(c.Alpha > 0 && c.Alpha <= 1e4):
		return fmt.Errorf("%w: lora_alpha: got %g, want above 0 and at most 10000", ErrConfig, c.Alpha)
	case !(c.Dropout >= 0 && c.Dropout < 1):
		return fmt.Errorf("%w: lora_dropout: got %g, want at least 0 and below 1", ErrConfig, c.Dropout)
	}
	return targets(c.Targets).validate("target_modules")
}

// scale is what the low-rank product is multiplied by.
func (c *LoRAConfig) scale() float32 {
	if c.RSLoRA {
		return float32(c.Alpha / math.Sqrt(float64(c.Rank)))
	}
	return float32(c.Alpha / float64(c.Rank))
}

// plan implements method.
func (c *LoRAConfig) plan(e *backbone.Encoder, seed uint64) (*Change, error) {
	on, err := targets(c.Targets).layers(e, "target_modules")
	if err != nil {
		return nil, err
	}
	named := *c
	named.Targets = targets(c.Targets).modules(e)
	change := &Change{Config: Config{LoRA: &named}}
	var all []*LoRA
	for _, l := range on {
		name := moduleName(l)
		if most := min(l.In(), l.Out()); c.Rank > most {
			return nil, fmt.Errorf("%w: r: got %d, want at most the %d of %s", ErrConfig, c.Rank, most, name)
		}
		d := newLoRA(name, l, c)
		d.Init(seed)
		all, change.params = append(all, d), append(change.params, d.Params()...)
	}
	change.put = func() {
		for i, l := range on {
			push(l, all[i])
		}
	}
	change.take = func() {
		for i, l := range on {
			pull(l, all[i])
		}
	}
	return change, nil
}

// A LoRA adds a low-rank product to the output of a linear layer: y += scale B A Dropout(x) (Hu et al., "LoRA: Low-Rank Adaptation of Large
// Language Models", 2021). It implements nn.Delta.
type LoRA struct {
	A, B *nn.Param // [R, In], [Out, R]

	scale, dropout float32
	site           uint64 // of the dropout
	rows           nn.Rows
	dropped        []float32 // [N, In], with dropout only
	inner          []float32 // [N, R] scale A x
	back           []float32 // [N, R] gradient of A x
	turned         []float32 // [R, Out] gradient of B
}

// newLoRA returns a change for layer l of the given name, of zeros.
func newLoRA(name string, l *nn.Linear, c *LoRAConfig) *LoRA {
	return &LoRA{
		A: nn.NewParam(name+".lora_A.weight", c.Rank, l.In()), B: nn.NewParam(name+".lora_B.weight", l.Out(), c.Rank),
		scale: c.scale(), dropout: float32(c.Dropout), site: random.Key(0, name+".lora_dropout"),
	}
}

// Init draws A by seed and name from the uniform distribution of PyTorch's linear layers, between -1/sqrt(In) and 1/sqrt(In), and sets B to zeros, so that the
// change begins as none.
func (l *LoRA) Init(seed uint64) {
	s, bound := random.New(random.Key(seed, l.A.Name)), 1/math.Sqrt(float64(l.A.Shape[1]))
	for i := range l.A.Value {
		l.A.Value[i] = float32(float64(float64(2*s.Float64())-1) * bound)
	}
	clear(l.B.Value)
}

// Params implements nn.Delta.
func (l *LoRA) Params() []*nn.Param { return []*nn.Param{l.A, l.B} }

// Adds implements nn.Adder.
func (l *LoRA) Adds() bool { return true }

// LowRank returns A [R, In], B [Out, R] and what their product is multiplied by, for inference beside weights that others share.
func (l *LoRA) LowRank() (a, b *nn.Param, scale float32) { return l.A, l.B, l.scale }

// Forward implements nn.Delta.
func (l *LoRA) Forward(y, x []float32, n int, b *nn.Batch) error {
	u, v, r, err := l.Inner(x, n, b)
	if err != nil {
		return err
	}
	kernels.MatMulNT(y, u, v, n, l.B.Shape[0], r, true)
	return nil
}

// Inner implements nn.LowRank.
func (l *LoRA) Inner(x []float32, n int, b *nn.Batch) (u, v []float32, r int, err error) {
	r, in := l.A.Shape[0], l.A.Shape[1]
	if l.dropout > 0 && b.Train {
		dropped := kernels.Grow(&l.dropped, n*in)
		if err := l.drop(dropped, x, n, b); err != nil {
			return nil, nil, 0, err
		}
		x = dropped
	}
	inner := kernels.Grow(&l.inner, n*r)
	kernels.MatMulNT(inner, x, l.A.Value, n, r, in, false)
	kernels.Scale(inner, l.scale)
	return inner, l.B.Value, r, nil
}

// InnerBackward implements nn.LowRank. With dropout, which the gradient of x goes through, it is Backward that is called.
func (l *LoRA) InnerBackward(dy, x []float32, n int, b *nn.Batch) (u, v []float32, r int, ok bool) {
	if l.dropout > 0 && b.Train {
		return nil, nil, 0, false
	}
	return l.backward(dy, x, n), l.A.Value, l.A.Shape[0], true
}

// Backward implements nn.Delta.
func (l *LoRA) Backward(dx, dy, x []float32, n int, b *nn.Batch) error {
	r, in, dropping := l.A.Shape[0], l.A.Shape[1], l.dropout > 0 && b.Train
	if dropping {
		x = l.dropped[:n*in]
	}
	back := l.backward(dy, x, n)
	if dx == nil {
		return nil
	}
	if !dropping {
		kernels.MatMul(dx, back, l.A.Value, n, in, r, true)
		return nil
	}
	dropped := l.dropped[:n*in] // not needed any more
	kernels.MatMul(dropped, back, l.A.Value, n, in, r, false)
	if err := l.drop(dropped, dropped, n, b); err != nil {
		return err
	}
	kernels.Add(dx[:n*in], dropped)
	return nil
}

// backward adds to the gradients of A and B, from dy and what A was given, and returns the gradient of A x [N, R].
func (l *LoRA) backward(dy, x []float32, n int) []float32 {
	r, in, out := l.A.Shape[0], l.A.Shape[1], l.B.Shape[0]
	if !l.B.Frozen {
		l.B.NeedGrad()
		l.backwardB(dy, n)
	}
	back := kernels.Grow(&l.back, n*r)
	kernels.MatMul(back, dy, l.B.Value, n, r, out, false)
	kernels.Scale(back, l.scale)
	if !l.A.Frozen {
		l.A.NeedGrad()
		kernels.MatMulTN(l.A.Grad, back, x, r, in, n, true)
	}
	return back
}

// backwardB adds dyᵀ inner to the gradient of B [Out, R]. It works on the transpose, whose long side lies along the vector registers: the same chains, so the same
// bits, in about two thirds of the time where R is 8 (BenchmarkGradientOfB).
func (l *LoRA) backwardB(dy []float32, n int) {
	r, out := l.A.Shape[0], l.B.Shape[0]
	turned := kernels.Grow(&l.turned, r*out) // [R, Out]
	for o := range out {
		for i := range r {
			turned[i*out+o] = l.B.Grad[o*r+i]
		}
	}
	kernels.MatMulTN(turned, l.inner[:n*r], dy, r, out, n, true)
	for o := range out {
		for i := range r {
			l.B.Grad[o*r+i] = turned[i*out+o]
		}
	}
}

// drop sets y [N, In] to x, dropped; y may be x.
func (l *LoRA) drop(y, x []float32, n int, b *nn.Batch) error {
	if err := l.rows.Set(b); err != nil {
		return err
	}
	if l.rows.N != n {
		return fmt.Errorf("peft: %s: dropout: got %d rows, want the %d of the batch", l.A.Name, n, l.rows.N)
	}
	keys, err := l.rows.Keys(l.site)
	if err != nil {
		return err
	}
	kernels.Dropout(y, x, keys, l.dropout, n, l.A.Shape[1])
	return nil
}

// Merge implements nn.Delta: w += scale B A.
func (l *LoRA) Merge(w, _ []float32) {
	r, in, out := l.A.Shape[0], l.A.Shape[1], l.B.Shape[0]
	scaled := append([]float32(nil), l.B.Value...)
	kernels.Scale(scaled, l.scale)
	kernels.MatMul(w, scaled, l.A.Value, out, in, r, true)
}
