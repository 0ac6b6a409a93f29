package nn_test

import (
	"math"

	"github.com/fmkit/fmkit/shared/nn"
)

// reference is a one-block model in float64, forward only: every gradient in this package is held against its numerical
// derivatives.
type reference struct {
	d, heads   int
	pre        bool
	causal     bool
	kind       string // of positions
	act        nn.Activation
	head       string // lm, discriminator, or a pooling
	external   string // "", shared, each
	gated      bool
	bare       bool // no biases, no shifts, no first norm
	window     int
	inner      int // width of the embedding tables, 0: d
	offset     int // row of the table of positions that position 0 has
	eps        float64
	b          *nn.Batch
	ids, types []int32
	positions  []int32 // chosen by the lm head
	targets    []int32
	replaced   []bool  // of the discriminator
	weight     float64 // of its loss
	smoothing  float64 // of the classifier's targets
}

// values are the parameters by name.
type values map[string][]float64

type matrix [][]float64

func newMatrix(n, d int) matrix {
	m := make(matrix, n)
	for i := range m {
		m[i] = make([]float64, d)
	}
	return m
}

func (m matrix) plus(o matrix) matrix {
	sum := newMatrix(len(m), len(m[0]))
	for i := range m {
		for j := range m[i] {
			sum[i][j] = m[i][j] + o[i][j]
		}
	}
	return sum
}

// linear is x Wᵀ + b, with a low-rank or scaling change where v has its parameters.
func (v values) linear(x matrix, name string) matrix {
	w, bias := v[name+".weight"], v[name+".bias"]
	in := len(x[0])
	out := len(w) / in
	y := newMatrix(len(x), out)
	for i, row := range x {
		for o := range out {
			if bias != nil {
				y[i][o] = bias[o]
			}
			input := v[name+".input"]
			for j, e := range row {
				if input != nil {
					e *= input[j]
				}
				y[i][o] += e * w[o*in+j]
			}
			if a, b := v[name+".a"], v[name+".b"]; a != nil {
				rank := len(a) / in
				for r := range rank {
					for j, e := range row {
						y[i][o] += b[o*rank+r] * a[r*in+j] * e
					}
				}
			}
			if s := v[name+".scale"]; s != nil {
				y[i][o] *= s[o]
			}
		}
	}
	return y
}

func (v values) norm(x matrix, name string, eps float64) matrix {
	y := newMatrix(len(x), len(x[0]))
	for i, row := range x {
		var mean, variance float64
		for _, e := range row {
			mean += e / float64(len(row))
		}
		for _, e := range row {
			variance += (e - mean) * (e - mean) / float64(len(row))
		}
		for j, e := range row {
			y[i][j] = (e - mean) / math.Sqrt(variance+eps) * v[name+".weight"][j]
			if b := v[name+".bias"]; b != nil {
				y[i][j] += b[j]
			}
		}
	}
	return y
}

func activate(x matrix, act nn.Activation) matrix {
	y := newMatrix(len(x), len(x[0]))
	for i := range x {
		for j, e := range x[i] {
			switch act {
			case nn.GELU:
				y[i][j] = e / 2 * (1 + math.Erf(e/math.Sqrt2))
			case nn.GELUTanh:
				y[i][j] = e / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(e+0.044715*e*e*e)))
			case nn.ReLU:
				y[i][j] = max(e, 0)
			case nn.SiLU:
				y[i][j] = e / (1 + math.Exp(-e))
			}
		}
	}
	return y
}

// frequency is the angle per position of pair j of n pairs.
func frequency(j, n int) float64 { return math.Pow(10000, -float64(j)/float64(n)) }

func (r *reference) embed(v values, sample int) matrix {
	n, d := r.b.Length(sample), r.d
	if r.inner > 0 {
		d = r.inner
	}
	x := newMatrix(n, d)
	for t := range x {
		at := sample*r.b.T + t
		for j := range x[t] {
			x[t][j] = v["embeddings.word_embeddings.weight"][int(r.ids[at])*d+j] + v["embeddings.token_type_embeddings.weight"][int(r.types[at])*d+j]
			switch angle := float64(r.position(at, t)) * frequency(j/2, d/2); {
			case r.kind == "absolute":
				x[t][j] += v["embeddings.position_embeddings.weight"][(r.offset+r.position(at, t))*d+j]
			case r.kind == "sinusoidal" && j%2 == 0:
				x[t][j] += math.Sin(angle)
			case r.kind == "sinusoidal":
				x[t][j] += math.Cos(angle)
			}
		}
	}
	x = v.norm(x, "embeddings.LayerNorm", r.eps)
	if r.inner > 0 {
		x = v.linear(x, "embeddings_project")
	}
	return x
}

func (r *reference) position(at, t int) int {
	if r.b.Positions != nil {
		return int(r.b.Positions[at])
	}
	return t
}

// rotate turns pairs (j, j+K/2) of each head.
func (r *reference) rotate(x matrix, sample int) {
	k := r.d / r.heads
	for t := range x {
		for h := range r.heads {
			for j := range k / 2 {
				s, c := math.Sincos(float64(r.position(sample*r.b.T+t, t)) * frequency(j, k/2))
				p, q := &x[t][h*k+j], &x[t][h*k+j+k/2]
				*p, *q = *p*c-*q*s, *q*c+*p*s
			}
		}
	}
}

func (r *reference) attention(v values, x matrix, sample int) matrix {
	q, k, val := v.linear(x, "att.query"), v.linear(x, "att.key"), v.linear(x, "att.value")
	if r.kind == "rotary" {
		r.rotate(q, sample)
		r.rotate(k, sample)
	}
	var outsideK, outsideV matrix
	if r.external != "" {
		from := 0
		if r.external == "each" {
			from = sample * externals * r.d
		}
		for s := range externals {
			at := from + s*r.d
			outsideK, outsideV = append(outsideK, v["ext.key"][at:at+r.d]), append(outsideV, v["ext.value"][at:at+r.d])
		}
	}
	k, val = append(outsideK, k...), append(outsideV, val...)
	size := r.d / r.heads
	o := newMatrix(len(x), r.d)
	for i := range x {
		for h := range r.heads {
			p, sum := make([]float64, len(k)), 0.0
			for j := range k {
				if (r.causal || r.b.Causal) && j > i+len(outsideK) || r.window > 0 && (j > i+r.window/2 || i > j+r.window/2) {
					continue
				}
				dot := 0.0
				for e := h * size; e < (h+1)*size; e++ {
					dot += q[i][e] * k[j][e]
				}
				p[j] = math.Exp(dot / math.Sqrt(float64(size)))
				sum += p[j]
			}
			for j := range k {
				for e := h * size; e < (h+1)*size; e++ {
					o[i][e] += p[j] / sum * val[j][e]
				}
			}
		}
	}
	return v.linear(o, "att.out")
}

func (r *reference) feed(v values, x matrix) matrix {
	h := activate(v.linear(x, "ffn.up"), r.act)
	if r.gated {
		for i, row := range v.linear(x, "ffn.gate") {
			for j, g := range row {
				h[i][j] *= g
			}
		}
	}
	return v.linear(h, "ffn.down")
}

// adapted is x with what a bottleneck makes of it, where v has one of the name.
func (r *reference) adapted(v values, x matrix, name string) matrix {
	if v[name+".down.weight"] == nil {
		return x
	}
	return x.plus(v.linear(activate(v.linear(x, name+".down"), r.act), name+".up"))
}

func (r *reference) block(v values, x matrix, sample int) matrix {
	if r.pre {
		normed := x
		if !r.bare {
			normed = v.norm(x, "att.norm", r.eps)
		}
		x = x.plus(r.adapted(v, r.attention(v, normed, sample), "att.adapter"))
		x = x.plus(r.adapted(v, r.feed(v, v.norm(x, "ffn.norm", r.eps)), "ffn.adapter"))
		return v.norm(x, "final", r.eps)
	}
	x = v.norm(x.plus(r.adapted(v, r.attention(v, x, sample), "att.adapter")), "att.norm", r.eps)
	return v.norm(x.plus(r.adapted(v, r.feed(v, x), "ffn.adapter")), "ffn.norm", r.eps)
}

func crossEntropy(logits []float64, target int32) float64 {
	if target == nn.IgnoreLabel {
		return 0
	}
	sum := 0.0
	for _, l := range logits {
		sum += math.Exp(l)
	}
	return math.Log(sum) - logits[target]
}

func (r *reference) pool(x matrix) []float64 {
	y := make([]float64, r.d)
	for t, row := range x {
		for j, e := range row {
			switch {
			case r.head == "mean":
				y[j] += e / float64(len(x))
			case r.head == "rest":
				if t > 0 {
					y[j] += e / float64(len(x)-1)
				}
			case t == 0, r.head == "max":
				y[j] = e
				if t > 0 {
					for _, before := range x[:t] {
						y[j] = max(y[j], before[j])
					}
				}
			}
		}
	}
	return y
}

// detection is the discriminator's binary cross-entropy over the valid tokens.
func (r *reference) detection(v values, all map[int32][]float64) float64 {
	var rows matrix
	var replaced []bool
	for p := range int32(len(r.replaced)) {
		if row := all[p]; row != nil {
			rows, replaced = append(rows, row), append(replaced, r.replaced[p])
		}
	}
	sum := 0.0
	for i, z := range v.linear(activate(v.linear(rows, "discriminator.dense"), r.act), "discriminator.dense_prediction") {
		p := 1 / (1 + math.Exp(-z[0]))
		if !replaced[i] {
			p = 1 - p
		}
		sum -= math.Log(p)
	}
	return r.weight * sum / float64(len(rows))
}

// loss is the whole model.
func (r *reference) loss(v values) float64 {
	var rows matrix
	all := map[int32][]float64{}
	for i := range r.b.B {
		x := r.embed(v, i)
		if len(x) > 0 {
			x = r.block(v, x, i)
		}
		for t, row := range x {
			all[int32(i*r.b.T+t)] = row
		}
		if r.head != "lm" && r.head != "discriminator" {
			rows = append(rows, r.pool(x))
		}
	}
	if r.head == "discriminator" {
		return r.detection(v, all)
	}
	var logits matrix
	if r.head == "lm" {
		for _, p := range r.positions {
			rows = append(rows, all[p])
		}
		rows = v.norm(activate(v.linear(rows, "lm.transform.dense"), nn.GELU), "lm.transform.LayerNorm", r.eps)
		logits = values{"w.weight": v["embeddings.word_embeddings.weight"], "w.bias": v["lm.bias"]}.linear(rows, "w")
	} else {
		logits = v.linear(rows, "classifier")
	}
	sum, n := 0.0, 0
	for i, row := range logits {
		if r.targets[i] != nn.IgnoreLabel {
			sum += (1 - r.smoothing) * crossEntropy(row, r.targets[i])
			for class := range row {
				sum += r.smoothing / float64(len(row)) * crossEntropy(row, int32(class))
			}
			n++
		}
	}
	return sum / float64(n)
}
