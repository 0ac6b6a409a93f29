package kernels

// AdamWStep holds the scalars of one step of AdamW.
type AdamWStep struct {
	LR, Beta1, Beta2, Eps, WeightDecay float32

	// Correction1 and Correction2 are 1 - Beta1^t and 1 - Beta2^t for step t = 1, 2, ...; take the powers of the float32
	// betas, in float64.
	Correction1, Correction2 float32

	GradScale float32 // multiplies the gradient first: clipping, accumulation, loss scale
}

// AdamW makes one step for the parameters p with first and second moments m and v and gradient g, in the order of
// PyTorch's AdamW: the decay p -= LR WeightDecay p, the moments, then
//
//	p -= LR/Correction1 * m / (sqrt(v)/sqrt(Correction2) + Eps)
//
// Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019.
func AdamW(p, m, v, g []float32, s AdamWStep) {
	if len(m) < len(p) || len(v) < len(p) || len(g) < len(p) {
		panic("kernels: AdamW: slice too short")
	}
	f := adamWFactors{
		decay: float32(1 - float64(float64(s.LR)*float64(s.WeightDecay))),
		grad:  s.GradScale,
		rest1: float32(1 - float64(s.Beta1)),
		beta2: s.Beta2,
		rest2: float32(1 - float64(s.Beta2)),
		root:  1 / sqrt(s.Correction2),
		eps:   s.Eps,
		step:  float32(-float64(s.LR) / float64(s.Correction1)),
	}
	adamWs.run(adamWRange, adamWArgs{p, m, v, g, f}, len(p), 2, elementStep)
}

// adamWFactors are the scalars as the loop uses them.
type adamWFactors struct {
	decay, grad, rest1, beta2, rest2, root, eps, step float32
}

type adamWArgs struct {
	p, m, v, g []float32
	f          adamWFactors
}

var adamWs ranger[adamWArgs]

func adamWRange(a *adamWArgs, lo, hi int) {
	adamW(a.p[lo:hi], a.m[lo:hi], a.v[lo:hi], a.g[lo:hi], &a.f)
}

// adamWPlain is adamW in plain Go.
func adamWPlain(p, m, v, g []float32, f *adamWFactors) {
	for i := range p {
		d := float32(g[i] * f.grad)
		m[i] = fma32(d-m[i], f.rest1, m[i])
		v[i] = fma32(float32(d*d), f.rest2, float32(v[i]*f.beta2))
		q := m[i] / fma32(sqrt(v[i]), f.root, f.eps)
		p[i] = fma32(q, f.step, float32(p[i]*f.decay))
	}
}
