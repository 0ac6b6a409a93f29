package graph

import (
	"fmt"
	"math"
	"sync"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"gorgonia.org/gorgonia"
)

// MuonConfig holds the settings of Muon; a zero Momentum means the default.
type MuonConfig struct {
	Momentum float32     // default 0.95
	AdamW    AdamWConfig // of all parameters but hidden matrices; its weight decay is that of both
}

// Muon moves every hidden matrix (nn.Param.Hidden) by its momentum, with Nesterov's look ahead, made orthogonal (Jordan et al., 2024), and everything else by
// AdamW. The move is scaled by 0.2 sqrt(max(rows, columns)), so that its elements are as large as AdamW's and one learning rate serves both (Liu et al.,
// "Muon is scalable for LLM training", 2025).
type Muon struct {
	config  MuonConfig
	params  []*nn.Param
	model   []gorgonia.ValueGrad
	moments [][]float32 // by parameter, nil: it is AdamW's
	adamw   *AdamW
	others  []gorgonia.ValueGrad // AdamW's, of the current step

	lr, gradScale float32
	moves         []move // of the current step
	lock          sync.Mutex
	spaces        []*space // that no worker holds
}

// A move is what one matrix [R, C] needs to be moved.
type move struct {
	value, grad, moment []float32
	lr                  float32
	r, c                int
}

// A space is what a worker moves a matrix in.
type space struct {
	move, product []float32 // [R, C]
	gram, square  []float32 // [K, K], K the smaller of R and C
}

var (
	_ Optimizer = (*AdamW)(nil)
	_ Optimizer = (*Muon)(nil)
)

// NewMuon returns a solver for params with moments of zero. A parameter that is frozen later is left alone.
func NewMuon(params []*nn.Param, c MuonConfig) *Muon {
	if c.Momentum == 0 {
		c.Momentum = 0.95
	}
	m := &Muon{config: c, params: params, moments: make([][]float32, len(params)), gradScale: 1}
	var rest []*nn.Param
	for i, p := range params {
		m.model = append(m.model, &paramNode{param: p})
		if p.Hidden && len(p.Shape) == 2 {
			m.moments[i] = kernels.Make[float32](len(p.Value))
		} else {
			rest = append(rest, p)
		}
	}
	m.adamw = NewAdamW(rest, c.AdamW)
	return m
}

// Update implements Optimizer.
func (m *Muon) Update(lr, gradScale float32) error {
	m.lr, m.gradScale = lr, gradScale
	m.adamw.lr, m.adamw.gradScale = lr, gradScale
	return m.Step(m.model)
}

// Moments implements Optimizer.
func (m *Muon) Moments() []Moment {
	all := m.adamw.Moments()
	for i, v := range m.moments {
		if v != nil {
			all = append(all, Moment{"momentum_buffer." + m.params[i].Name, m.params[i], v})
		}
	}
	return all
}

// SetT implements Optimizer.
func (m *Muon) SetT(t int) { m.adamw.SetT(t) }

// Model returns the parameters as Gorgonia sees them.
func (m *Muon) Model() []gorgonia.ValueGrad { return m.model }

// Step implements gorgonia.Solver, at the learning rate of the last Update. model holds the parameters of NewMuon in their order, as
// Model returns them, or values of the same sizes.
func (m *Muon) Step(model []gorgonia.ValueGrad) error {
	if len(model) != len(m.params) {
		return fmt.Errorf("graph: muon: got %d parameters, want %d", len(model), len(m.params))
	}
	m.others, m.moves = m.others[:0], m.moves[:0]
	for i, n := range model {
		p := m.params[i]
		if m.moments[i] == nil {
			m.others = append(m.others, n)
			continue
		}
		if p.Frozen {
			continue
		}
		value, grad, err := slices(n)
		if err != nil {
			return fmt.Errorf("graph: muon: %s: %w", p.Name, err)
		}
		if len(value) != len(m.moments[i]) || len(grad) != len(value) {
			return fmt.Errorf("graph: muon: %s: got %d values and %d gradients, want %d", p.Name, len(value), len(grad), len(m.moments[i]))
		}
		m.moves = append(m.moves, move{value, grad, m.moments[i], p.LR(m.lr), p.Shape[0], p.Shape[1]})
	}
	if len(m.moves) >= 2*kernels.Workers() {
		kernels.Parallel(len(m.moves), m) // a worker has a matrix to itself
	} else {
		for i := range m.moves {
			m.Run(i) // a matrix is shared among the workers
		}
	}
	clear(m.moves)
	return m.adamw.Step(m.others)
}

// Run moves one matrix of the current step. It is a kernels.Task.
func (m *Muon) Run(part int) {
	m.lock.Lock()
	var s *space
	if n := len(m.spaces); n > 0 {
		s, m.spaces = m.spaces[n-1], m.spaces[:n-1]
	} else {
		s = &space{}
	}
	m.lock.Unlock()
	m.step(s, &m.moves[part])
	m.lock.Lock()
	m.spaces = append(m.spaces, s)
	m.lock.Unlock()
}

// step moves one matrix.
func (m *Muon) step(s *space, x *move) {
	mu := m.config.Momentum
	fresh := float32(float64(1-float64(mu)) * float64(m.gradScale)) // weight of the gradient
	kernels.Scale(x.moment, mu)
	kernels.AddScaled(x.moment, x.grad, fresh)
	to := kernels.Grow(&s.move, x.r*x.c)
	copy(to, x.grad)
	kernels.Scale(to, fresh)
	kernels.AddScaled(to, x.moment, mu)
	to = s.orthogonal(to, x.r, x.c)
	kernels.Scale(x.value, float32(1-float64(float64(x.lr)*float64(m.adamw.config.WeightDecay))))
	kernels.AddScaled(x.value, to, float32(-float64(x.lr)*0.2*math.Sqrt(float64(max(x.r, x.c)))))
}

// The coefficients of Muon's Newton-Schulz iteration, tuned for a steep slope at zero: singular values come to lie between 0.7 and 1.2.
const (
	newtonA, newtonB, newtonC = 3.4445, -4.7750, 2.0315
	newtonSteps               = 5
)

// orthogonal returns about U Vᵀ for x = U S Vᵀ [R, C], which it uses up: five times x = a x + (b G + c G²) x with G = x xᵀ, or its mirror image for a tall
// x, after scaling x so that no singular value exceeds 1. The result lies in a buffer of s.
func (s *space) orthogonal(x []float32, r, c int) []float32 {
	k := min(r, c)
	y, gram, square := kernels.Grow(&s.product, r*c), kernels.Grow(&s.gram, k*k), kernels.Grow(&s.square, k*k)
	kernels.Scale(x, float32(1/max(math.Sqrt(kernels.SumSquares(x)), 1e-7)))
	for range newtonSteps {
		if r <= c {
			kernels.Gram(gram, x, r, c)
		} else {
			kernels.GramT(gram, x, c, r)
		}
		kernels.Gram(square, gram, k, k)
		kernels.Scale(square, newtonC)
		kernels.AddScaled(square, gram, newtonB)
		if r <= c {
			kernels.MatMul(y, square, x, r, c, r, false)
		} else {
			kernels.MatMul(y, x, square, r, c, c, false)
		}
		kernels.AddScaled(y, x, newtonA)
		x, y = y, x
	}
	return x
}
