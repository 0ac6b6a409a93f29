package nn

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/kernels"
)

// A Pooling says how the vectors of a sample's valid tokens become one.
type Pooling string

// The poolings. A sample without tokens that count gives zeros.
const (
	PoolCLS  Pooling = "cls"  // the first token's vector
	PoolMean Pooling = "mean" // the mean over the valid tokens
	PoolMax  Pooling = "max"  // the largest element over them, the first one of equals
	PoolRest Pooling = "rest" // the mean over the valid tokens but the first, the class token of pictures
)

// ParsePooling returns the pooling of a name, of texts: cls, mean or max.
func ParsePooling(name string) (Pooling, error) {
	switch p := Pooling(name); p {
	case PoolCLS, PoolMean, PoolMax:
		return p, nil
	}
	return "", fmt.Errorf("nn: pooling: got %q, want cls, mean or max", name)
}

// skipped is how many tokens at the beginning don't count.
func (p Pooling) skipped() int {
	if p == PoolRest {
		return 1
	}
	return 0
}

// Forward sets y [B, D] from x [B, T, D]. It is safe for concurrent use.
func (p Pooling) Forward(y, x []float32, b *Batch, d int) {
	for i := range b.B {
		n, first := b.Length(i), p.skipped()
		n = max(n-first, 0)
		rows, out := x[(i*b.T+first)*d:][:n*d], y[i*d:(i+1)*d]
		switch {
		case n == 0:
			clear(out)
		case p == PoolMean, p == PoolRest:
			clear(out)
			kernels.ColumnSum(out, rows, n, d)
			kernels.Scale(out, 1/float32(n))
		default:
			copy(out, rows)
			if p == PoolMax {
				for at := d; at < n*d; at++ {
					if j := at % d; rows[at] > out[j] {
						out[j] = rows[at]
					}
				}
			}
		}
	}
}

// Backward sets dx [B, T, D] from dy [B, D] and the x [B, T, D] and y [B, D] of the forward.
func (p Pooling) Backward(dx, dy, x, y []float32, b *Batch, d int) {
	clear(dx[:b.B*b.T*d])
	for i := range b.B {
		n, first := b.Length(i), p.skipped()
		n = max(n-first, 0)
		from := (i*b.T + first) * d
		switch {
		case n == 0:
		case p == PoolMean, p == PoolRest:
			for t := range n {
				kernels.AddScaled(dx[from+t*d:from+(t+1)*d], dy[i*d:], 1/float32(n))
			}
		case p == PoolMax:
			for j := range d {
				for at := from + j; at < from+n*d; at += d {
					if x[at] == y[i*d+j] {
						dx[at] = dy[i*d+j]
						break
					}
				}
			}
		default:
			copy(dx[from:from+d], dy[i*d:])
		}
	}
}

// A Pool is a Pooling as a sublayer, [B, T, D] to [B, D].
type Pool struct {
	Pooling Pooling
	D       int
}

// Name implements Sublayer.
func (p *Pool) Name() string { return "pool." + string(p.Pooling) }

// Params implements Sublayer.
func (p *Pool) Params() []*Param { return nil }

// Shape implements Sublayer: [B, D].
func (p *Pool) Shape(b *Batch) []int { return []int{b.B, p.D} }

// Forward implements Sublayer.
func (p *Pool) Forward(y, x []float32, b *Batch) error {
	if err := b.Validate(); err != nil {
		return fmt.Errorf("nn: pool: %w", err)
	}
	p.Pooling.Forward(y, x, b, p.D)
	return nil
}

// Backward implements Sublayer.
func (p *Pool) Backward(dx, dy, x, y []float32, b *Batch) error {
	if dx != nil {
		p.Pooling.Backward(dx, dy, x, y, b, p.D)
	}
	return nil
}
