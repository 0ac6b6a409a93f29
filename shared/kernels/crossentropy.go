package kernels

// IgnoreTarget is the target of a row that has none: it gives loss 0 and gradient 0.
const IgnoreTarget = -100

// CrossEntropy sets loss[i], for each row of logits [N, C], to log(sum of exp(logits)) - logits[targets[i]], and unless
// dlogits [N, C] is nil sets it to (softmax(logits) - onehot(target)) * scale, the gradient of scale times the sum of the
// losses. Both are 0 for a target of IgnoreTarget. dlogits may be logits. It panics when another target is outside [0, C).
func CrossEntropy(dlogits, loss, logits []float32, targets []int32, scale float32, n, c int) {
	if dlogits != nil && len(dlogits) < n*c || len(loss) < n || len(logits) < n*c || len(targets) < n {
		panic("kernels: CrossEntropy: slice too short")
	}
	for _, t := range targets[:n] {
		if (t < 0 || int(t) >= c) && t != IgnoreTarget {
			panic("kernels: CrossEntropy: target out of range")
		}
	}
	crossEntropies.run(crossEntropyRows, crossEntropyArgs{dlogits, loss, logits, targets, scale, c}, n, 4*c, 1)
}

type crossEntropyArgs struct {
	dlogits, loss, logits []float32
	targets               []int32
	scale                 float32
	c                     int
}

var crossEntropies ranger[crossEntropyArgs]

func crossEntropyRows(a *crossEntropyArgs, lo, hi int) {
	for i := lo; i < hi; i++ {
		x, t := a.logits[i*a.c:(i+1)*a.c], a.targets[i]
		var d []float32
		if a.dlogits != nil {
			d = a.dlogits[i*a.c : (i+1)*a.c]
		}
		if t == IgnoreTarget {
			a.loss[i] = 0
			clear(d)
			continue
		}
		m, z := rowMax(x), x[t]
		var sum float32
		if d == nil {
			sum = expSumOnly(x, m)
		} else {
			sum = expSum(d, x, m)
			e, f := d[t], a.scale/sum
			scale(d, f)
			d[t] = fma32(e, f, -a.scale)
		}
		a.loss[i] = Log(sum) + (m - z)
	}
}

// expSumOnlyPlain is expSumPlain that keeps the sum only. It is expSumOnly in plain Go.
func expSumOnlyPlain(x []float32, m float32) float32 {
	var s lanes
	for j, v := range x {
		s[j%16] += Exp(v - m)
	}
	return s.sum()
}
