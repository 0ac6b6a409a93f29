package nn

import "github.com/fmkit/fmkit/shared/kernels"

// A LayerNorm brings each row [D] to mean 0 and variance 1, then scales and shifts it (Ba et al., 2016). It keeps the row statistics
// of its last forward.
type LayerNorm struct {
	Gamma, Beta *Param // [D]; Beta nil: no shift
	Eps         float32

	mean, rstd []float32 // [N]
}

// NewLayerNorm returns a norm with parameters name.weight and name.bias.
func NewLayerNorm(name string, d int, eps float32) *LayerNorm {
	return &LayerNorm{Gamma: newInit(initOnes, name+".weight", d), Beta: newInit(initZeros, name+".bias", d), Eps: eps}
}

// Params returns the scale and the shift.
func (l *LayerNorm) Params() []*Param {
	if l.Beta == nil {
		return []*Param{l.Gamma}
	}
	return []*Param{l.Gamma, l.Beta}
}

// shift returns the values of Beta, nil for none.
func (l *LayerNorm) shift() []float32 {
	if l.Beta == nil {
		return nil
	}
	return l.Beta.Value
}

// Forward sets y [N, D] to the normed x [N, D]; y may be x unless a Backward follows.
func (l *LayerNorm) Forward(y, x []float32, n int) {
	kernels.LayerNorm(y, kernels.Grow(&l.mean, n), kernels.Grow(&l.rstd, n), x, l.Gamma.Value, l.shift(), n, len(l.Gamma.Value), l.Eps)
}

// forwardSum sets sum = x + r and y to the normed sum, all [N, D].
func (l *LayerNorm) forwardSum(y, sum, x, r []float32, n int) {
	mean, rstd := kernels.Grow(&l.mean, n), kernels.Grow(&l.rstd, n)
	kernels.AddLayerNorm(y, sum, mean, rstd, x, r, l.Gamma.Value, l.shift(), n, len(l.Gamma.Value), l.Eps)
}

// Infer sets y [N, D] to the normed x [N, D], which may be y. It keeps nothing and is safe for concurrent use.
func (l *LayerNorm) Infer(y, x []float32, n int) {
	kernels.LayerNorm(y, nil, nil, x, l.Gamma.Value, l.shift(), n, len(l.Gamma.Value), l.Eps)
}

// Clone returns a norm with copies of the values, for inference that training doesn't disturb.
func (l *LayerNorm) Clone() *LayerNorm {
	return &LayerNorm{Gamma: l.Gamma.clone(), Beta: l.Beta.clone(), Eps: l.Eps}
}

// Backward sets dx [N, D] from dy [N, D] and the x [N, D] of the forward, or adds to it; dx may be dy when it doesn't add.
func (l *LayerNorm) Backward(dx, dy, x []float32, n int, acc bool) {
	kernels.LayerNormBackward(dx, l.Gamma.wanted(), l.Beta.wanted(), dy, x, l.Gamma.Value, l.mean, l.rstd, n, len(l.Gamma.Value), acc)
}
