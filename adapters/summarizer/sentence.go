package summarizer

import (
	"math"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// A Span is a sentence in a row of tokens, positions Start to End-1, and its place in its document.
type Span struct {
	Start, End int32
	Place      Place
}

// places is how many numbers a Place has.
const places = 4

// A Place is what is known of a sentence without reading it, each within a few units of 0: the logarithm of its length in tokens, its share of the
// document's tokens, whether it is the last one, and where it stands, from -1 for the first to 1 for the last.
type Place [places]float32

// placeOf is the place of sentence i of n, which has as many of the document's tokens.
func placeOf(i, n, tokens, all int) Place {
	p := Place{2 * (kernels.Log(float32(tokens+1)) - 3), 8 * float32(tokens) / float32(max(all, 1)), 0, 2*float32(i)/float32(max(n-1, 1)) - 1}
	if i == n-1 {
		p[2] = 1
	}
	return p
}

// newHead makes the head for width d, all zeros.
func newHead(d int) *nn.Linear { return nn.NewLinear(headName, d+places, 1) }

// pool sets v [S, D] to the means of x [B, T, D] over spans.
func pool(v, x []float32, spans [][]Span, t, d int) {
	clear(v)
	for i, row := range spans {
		for _, s := range row {
			at := x[(i*t+int(s.Start))*d : (i*t+int(s.End))*d]
			kernels.ColumnSum(v[:d], at, int(s.End-s.Start), d)
			kernels.Scale(v[:d], 1/float32(s.End-s.Start))
			v = v[d:]
		}
	}
}

// join sets in [S, D+4], what the head reads, from vectors u [S, D] of length 1 and the places of their spans.
func join(in, u []float32, spans [][]Span, d int) {
	for _, row := range spans {
		for _, s := range row {
			copy(in[:d], u[:d])
			kernels.Scale(in[:d], length(d))
			copy(in[d:], s.Place[:])
			in, u = in[d+places:], u[d:]
		}
	}
}

// length is what vectors are scaled to before the head, so that their elements are about 1.
func length(d int) float32 { return float32(math.Sqrt(float64(d))) }

// sigmoid is 1 / (1 + exp(-z)), a float32.
func sigmoid(z float32) float64 {
	e := kernels.Exp(-max(z, -z))
	if z < 0 {
		return float64(e / (1 + e))
	}
	return float64(1 / (1 + e))
}
